//! Requests that are dropped between any two polls.
//!
//! Every store step is pending once before it is done and once after. So the runs stop before a
//! step, between the step and its answer, and after it. At each point, the store and the next
//! request must be wholly before the change or wholly after it.

use std::time::Duration;

use http::StatusCode;
use tower_auth_core::store::{Load, RecordId, Version};

use crate::fixture::{Act, Fixture, finish, poll_times};

/// A session, a request on it, and every state that is possible if the request is dropped.
pub(crate) struct Scenario {
    /// The acts of earlier requests, one request each. Without acts there is no session.
    pub(crate) before: &'static [Act],
    /// The time since the last use of the session.
    pub(crate) unused: Duration,
    /// Whether alice logs in elsewhere first, so that the request comes with the previous cookie.
    pub(crate) rotated: bool,
    pub(crate) acts: &'static [Act],
    /// The status of the response, if it is sent.
    pub(crate) status: u16,
    /// The states of the record, in order.
    pub(crate) record: &'static [&'static str],
    /// The states that the next request with the old cookie sees, in order.
    pub(crate) old: &'static [&'static str],
    /// The state that a request with the new cookie sees, if the response sets one.
    pub(crate) new: Option<&'static str>,
}

pub(crate) const PLAIN: Scenario = Scenario {
    before: &[Act::Count],
    unused: Duration::ZERO,
    rotated: false,
    acts: &[],
    status: 200,
    record: &[],
    old: &[],
    new: None,
};

pub(crate) const ALICE: &[Act] = &[Act::Login("alice"), Act::Count];
const ONE: &str = r#"{"count":1}"#;
pub(crate) const ANONYMOUS: &str = "anonymous 30m count=1";

/// A prepared fixture and its state before the request.
pub(crate) struct Setup {
    pub(crate) fixture: Fixture,
    /// The cookie of the request.
    pub(crate) cookie: Option<String>,
    /// The cookie of a later login elsewhere.
    heir: Option<String>,
    id: Option<RecordId>,
    meta: Vec<u8>,
    version: Option<Version>,
}

impl Setup {
    pub(crate) fn of(scenario: &Scenario) -> Self {
        let fixture = Fixture::new();
        let mut cookie = None;
        for act in scenario.before {
            let reply = finish(fixture.send(cookie.as_deref(), &[*act]));
            assert_eq!(reply.status, StatusCode::OK);
            cookie = reply.credential().or(cookie);
        }
        let id = cookie.as_deref().map(|cookie| fixture.id(cookie));
        let heir = scenario.rotated.then(|| {
            let reply = finish(fixture.send(cookie.as_deref(), &[Act::Login("alice")]));
            reply.credential().unwrap()
        });
        fixture.time.advance(scenario.unused);
        let mut setup = Self { fixture, cookie, heir, id, meta: Vec::new(), version: None };
        if let Some(id) = id
            && let Load::Found(stored) = setup.fixture.record(id)
        {
            setup.meta = stored.record.meta.to_vec();
            setup.version = Some(stored.version);
        }
        setup.fixture.slow();
        setup
    }

    /// Returns a summary of the record, and its version.
    fn record(&self) -> (String, Option<Version>) {
        let Some(id) = self.id else { return ("none".into(), None) };
        match self.fixture.record(id) {
            Load::Absent => ("absent".into(), None),
            Load::Ended { reason, .. } => (format!("{reason:?}"), None),
            Load::Found(stored) => {
                let record = stored.record;
                let mut words = vec![String::from_utf8(record.data.to_vec()).unwrap()];
                if record.owner.is_some() {
                    words.push("owned".into());
                }
                if record.meta != self.meta {
                    words.push("renewed".into());
                }
                (words.join(" "), Some(stored.version))
            }
        }
    }
}

/// Appends `stage`, unless it equals the last one.
fn note(stages: &mut Vec<String>, stage: String) {
    if stages.last() != Some(&stage) {
        stages.push(stage);
    }
}

/// Drops the request after each number of polls, each time in a new fixture.
fn play(scenario: &Scenario) {
    let (mut records, mut olds) = (Vec::new(), Vec::new());
    for polls in 1.. {
        assert!(polls < 100, "never done");
        let setup = Setup::of(scenario);
        let fixture = &setup.fixture;
        let first = setup.record().0;
        let reply = poll_times(fixture.send(setup.cookie.as_deref(), scenario.acts), polls);

        let (record, version) = setup.record();
        if let (Some(before), Some(after)) = (setup.version, version) {
            assert!(before <= after, "after {polls} polls: the version went back");
            assert_eq!(before == after, record == first, "after {polls} polls");
        }
        note(&mut records, record);
        if let Some(cookie) = &setup.cookie {
            let look = fixture.look(cookie);
            note(&mut olds, look.clone());
            goes_on(fixture, cookie, &look);
        }
        if let Some(heir) = &setup.heir {
            assert_eq!(fixture.look(heir), "alice 30m count=1", "after {polls} polls");
        }
        let Some(reply) = reply else { continue };
        assert!(polls > 2, "the store waited");
        assert_eq!(reply.status.as_u16(), scenario.status);
        let new = reply.credential();
        assert_eq!(new.as_deref().map(|new| fixture.look(new)).as_deref(), scenario.new);
        if let Some(new) = new {
            goes_on(fixture, &new, scenario.new.unwrap());
        }
        break;
    }
    assert_eq!(records, scenario.record, "the record's states");
    assert_eq!(olds, scenario.old, "the states under the old cookie");
}

/// Asserts that the next request with this cookie on the same layer completes, with the same effect
/// as in a fixture without a dropped request.
pub(crate) fn goes_on(fixture: &Fixture, cookie: &str, look: &str) {
    let reply = finish(fixture.send(Some(cookie), &[Act::Count]));
    if look == "nothing" {
        // Renewed less than a minute ago, or ended: then a new session begins, under another
        // cookie.
        let fresh = reply.status == StatusCode::OK;
        assert!(fresh || reply.status == StatusCode::CONFLICT, "{}", reply.status);
        assert_eq!(reply.credential().is_some(), fresh);
        assert_eq!(fixture.look(cookie), "nothing", "the session was revived");
        return;
    }
    assert_eq!(reply.status, StatusCode::OK);
    let count = |look: &str| {
        let word = look.split(' ').find_map(|word| word.strip_prefix("count="));
        word.map_or(0, |count| count.parse::<u32>().unwrap())
    };
    assert_eq!(count(&fixture.look(cookie)), count(look) + 1);
}

#[test]
fn xx_07_the_first_insert_of_a_visitor() {
    play(&Scenario {
        before: &[],
        acts: &[Act::Insert("a")],
        record: &["none"],
        new: Some("anonymous 30m a"),
        ..PLAIN
    });
}

#[test]
fn xx_07_insert_on_a_live_session() {
    play(&Scenario {
        acts: &[Act::Insert("a")],
        record: &[ONE, r#"{"a":1,"count":1}"#],
        old: &[ANONYMOUS, "anonymous 30m count=1 a"],
        ..PLAIN
    });
}

#[test]
fn xx_07_d04_a_counter_is_n_or_n_and_one() {
    play(&Scenario {
        acts: &[Act::Count],
        record: &[ONE, r#"{"count":2}"#],
        old: &[ANONYMOUS, "anonymous 30m count=2"],
        ..PLAIN
    });
}

#[test]
fn xx_07_d03_login_of_an_anonymous_session_with_data_is_one_step() {
    play(&Scenario {
        acts: &[Act::Insert("a"), Act::Login("alice")],
        record: &[ONE, r#"{"a":1,"count":1} owned renewed"#],
        old: &[ANONYMOUS, "nothing"],
        new: Some("alice 30m count=1 a"),
        ..PLAIN
    });
}

#[test]
fn xx_07_login_as_the_same_principal() {
    play(&Scenario {
        before: ALICE,
        acts: &[Act::Login("alice")],
        record: &[r#"{"count":1} owned"#, r#"{"count":1} owned renewed"#],
        old: &["alice 30m count=1", "nothing"],
        new: Some("alice 30m count=1"),
        ..PLAIN
    });
}

#[test]
fn xx_07_login_as_another_principal() {
    play(&Scenario {
        before: ALICE,
        acts: &[Act::Login("bob"), Act::Insert("b")],
        record: &[r#"{"count":1} owned"#, "Replaced"],
        old: &["alice 30m count=1", "nothing"],
        new: Some("bob 30m b"),
        ..PLAIN
    });
}

#[test]
fn xx_07_d04_logout_is_done_or_can_be_asked_for_again() {
    play(&Scenario {
        before: ALICE,
        acts: &[Act::Logout],
        record: &[r#"{"count":1} owned"#, "LoggedOut"],
        old: &["alice 30m count=1", "nothing"],
        ..PLAIN
    });
}

#[test]
fn xx_07_logout_then_a_session_of_its_own() {
    play(&Scenario {
        before: ALICE,
        acts: &[Act::Insert("b"), Act::Logout, Act::Insert("a")],
        record: &[r#"{"count":1} owned"#, "LoggedOut"],
        old: &["alice 30m count=1", "nothing"],
        new: Some("anonymous 30m a"),
        ..PLAIN
    });
}

#[test]
fn xx_07_insert_commit_insert_are_two_steps() {
    play(&Scenario {
        acts: &[Act::Insert("a"), Act::Commit, Act::Insert("b")],
        record: &[ONE, r#"{"a":1,"count":1}"#, r#"{"a":1,"b":1,"count":1}"#],
        old: &[ANONYMOUS, "anonymous 30m count=1 a", "anonymous 30m count=1 a b"],
        ..PLAIN
    });
}

#[test]
fn xx_07_a_touch_that_is_due() {
    play(&Scenario {
        unused: Duration::from_secs(20 * 60),
        acts: &[Act::Read],
        record: &[ONE],
        // The state is the same in both cases: the next request's arrival is a use as well.
        old: &["anonymous 30m count=1"],
        ..PLAIN
    });
}

#[test]
fn xx_07_a_renewed_secret_writes_nothing() {
    play(&Scenario {
        rotated: true,
        acts: &[Act::Insert("a")],
        status: 409,
        record: &[r#"{"count":1} owned"#],
        old: &["nothing"],
        ..PLAIN
    });
}

#[test]
fn xx_07_login_under_a_renewed_secret_leaves_the_other_login_alone() {
    play(&Scenario {
        rotated: true,
        acts: &[Act::Login("bob")],
        record: &[r#"{"count":1} owned"#],
        old: &["nothing"],
        new: Some("bob 30m"),
        ..PLAIN
    });
}

#[test]
fn xx_07_d03_a_committed_login_and_what_comes_after() {
    play(&Scenario {
        acts: &[Act::Login("alice"), Act::Commit, Act::Insert("b")],
        record: &[ONE, r#"{"count":1} owned renewed"#, r#"{"b":1,"count":1} owned renewed"#],
        old: &[ANONYMOUS, "nothing"],
        new: Some("alice 30m count=1 b"),
        ..PLAIN
    });
}
