//! Requests that are dropped between any two polls.
//!
//! Every store step is pending once before it is done and once after, so that each run stops in
//! front of a step, between the step and its answer, and behind it. Whatever was reached, store and
//! next request must be wholly before the change or wholly after it.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use http::header::SET_COOKIE;
use http::{Request, StatusCode};
use tower::{ServiceBuilder, ServiceExt as _, service_fn};
use tower_auth::{CookieLayer, Session};
use tower_auth_core::store::{Handle, Load, Version};
use tower_layer::Layer as _;

use crate::world::{Act, World, answer, finish, perform, poll_times};

/// A session, a request on it, and every state that may be met if the request is dropped.
struct Scenario {
    /// What the requests before did, one request each; none leave no session.
    before: &'static [Act],
    /// How long the session then lay unused.
    unused: Duration,
    /// Whether somebody logs in as alice, and the request comes with the cookie from before.
    rotated: bool,
    acts: &'static [Act],
    /// What the response says if it gets out.
    status: u16,
    /// The record's states, in their order.
    record: &'static [&'static str],
    /// What the next request finds by the old cookie, likewise.
    old: &'static [&'static str],
    /// What it finds by the new one, where the response brings one.
    new: Option<&'static str>,
}

const PLAIN: Scenario = Scenario {
    before: &[Act::Count],
    unused: Duration::ZERO,
    rotated: false,
    acts: &[],
    status: 200,
    record: &[],
    old: &[],
    new: None,
};

const ALICE: &[Act] = &[Act::Login("alice"), Act::Count];
const ONE: &str = r#"{"count":1}"#;
const ANONYMOUS: &str = "anonymous 30m count=1";

/// The scene is set: a world, and what was there before.
struct Scene {
    world: World,
    /// The cookie that the request will carry.
    cookie: Option<String>,
    /// The one that a login elsewhere has given since.
    heir: Option<String>,
    handle: Option<Handle>,
    meta: Vec<u8>,
    version: Option<Version>,
}

impl Scene {
    fn of(scenario: &Scenario) -> Self {
        let world = World::new();
        let mut cookie = None;
        for act in scenario.before {
            let reply = finish(world.send(cookie.as_deref(), &[*act]));
            assert_eq!(reply.status, StatusCode::OK);
            cookie = reply.credential().or(cookie);
        }
        let handle = cookie.as_deref().map(|cookie| world.handle(cookie));
        let heir = scenario.rotated.then(|| {
            let reply = finish(world.send(cookie.as_deref(), &[Act::Login("alice")]));
            reply.credential().unwrap()
        });
        world.time.advance(scenario.unused);
        let mut scene = Self { world, cookie, heir, handle, meta: Vec::new(), version: None };
        if let Some(handle) = handle
            && let Load::Found(stored) = scene.world.record(handle)
        {
            scene.meta = stored.record.meta.to_vec();
            scene.version = Some(stored.version);
        }
        scene.world.slow();
        scene
    }

    /// The record in a few words.
    fn record(&self) -> (String, Option<Version>) {
        let Some(handle) = self.handle else { return ("none".into(), None) };
        match self.world.record(handle) {
            Load::Absent => ("absent".into(), None),
            Load::Ended(reason) => (format!("{reason:?}"), None),
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

/// Appends what has not been there just before.
fn note(stages: &mut Vec<String>, stage: String) {
    if stages.last() != Some(&stage) {
        stages.push(stage);
    }
}

/// Drops the request after each number of polls, each time in a world of its own.
fn play(scenario: &Scenario) {
    let (mut records, mut olds) = (Vec::new(), Vec::new());
    for polls in 1.. {
        assert!(polls < 100, "never done");
        let scene = Scene::of(scenario);
        let world = &scene.world;
        let first = scene.record().0;
        let reply = poll_times(world.send(scene.cookie.as_deref(), scenario.acts), polls);

        let (record, version) = scene.record();
        if let (Some(before), Some(after)) = (scene.version, version) {
            assert!(before <= after, "after {polls} polls: the version went back");
            assert_eq!(before == after, record == first, "after {polls} polls");
        }
        note(&mut records, record);
        if let Some(cookie) = &scene.cookie {
            let look = world.look(cookie);
            note(&mut olds, look.clone());
            goes_on(world, cookie, &look);
        }
        if let Some(heir) = &scene.heir {
            assert_eq!(world.look(heir), "alice 30m count=1", "after {polls} polls");
        }
        let Some(reply) = reply else { continue };
        assert!(polls > 2, "the store waited");
        assert_eq!(reply.status.as_u16(), scenario.status);
        let new = reply.credential();
        assert_eq!(new.as_deref().map(|new| world.look(new)).as_deref(), scenario.new);
        if let Some(new) = new {
            goes_on(world, &new, scenario.new.unwrap());
        }
        break;
    }
    assert_eq!(records, scenario.record, "the record's states");
    assert_eq!(olds, scenario.old, "what the old cookie finds");
}

/// The next request on the same layer with that cookie comes to its end, and does what it does in a
/// world in which nothing was ever dropped.
fn goes_on(world: &World, cookie: &str, look: &str) {
    let reply = finish(world.send(Some(cookie), &[Act::Count]));
    if look == "nothing" {
        // Renewed less than a minute ago, or gone: then a session begins, under another cookie.
        let fresh = reply.status == StatusCode::OK;
        assert!(fresh || reply.status == StatusCode::CONFLICT, "{}", reply.status);
        assert_eq!(reply.credential().is_some(), fresh);
        assert_eq!(world.look(cookie), "nothing", "it came to life again");
        return;
    }
    assert_eq!(reply.status, StatusCode::OK);
    let count = |look: &str| {
        let word = look.split(' ').find_map(|word| word.strip_prefix("count="));
        word.map_or(0, |count| count.parse::<u32>().unwrap())
    };
    assert_eq!(count(&world.look(cookie)), count(look) + 1);
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
        old: &["anonymous 10m count=1", "anonymous 30m count=1"],
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

/// What a request came to that let go of a future of its own after so many polls.
struct LetGo {
    status: u16,
    old: String,
    new: Option<String>,
}

/// Lets the handler drop its own future after 0, 1, 2 … polls, until it is done by itself.
fn let_go(before: &'static [Act], acts: impl Fn(usize) -> Vec<Act>, until: usize) -> Vec<LetGo> {
    let play = |times| {
        let scene = Scene::of(&Scenario { before, ..PLAIN });
        let cookie = scene.cookie.as_deref();
        let reply = finish(scene.world.send(cookie, &acts(times)));
        let old = cookie.map_or("nothing".into(), |cookie| scene.world.look(cookie));
        if let Some(cookie) = cookie {
            goes_on(&scene.world, cookie, &old);
        }
        let new = reply.credential().map(|new| scene.world.look(&new));
        LetGo { status: reply.status.as_u16(), old, new }
    };
    (0..=until).map(play).collect()
}

/// Each outcome once, in the order of their first coming.
fn outcomes(all: &[LetGo]) -> Vec<(u16, &str, Option<&str>)> {
    let mut seen = Vec::new();
    for it in all {
        let outcome = (it.status, it.old.as_str(), it.new.as_deref());
        if seen.last() != Some(&outcome) {
            seen.push(outcome);
        }
    }
    seen
}

#[test]
fn xx_07_a_handler_that_lets_go_of_a_commit_and_writes_on() {
    let acts = |times| vec![Act::Insert("a"), Act::CommitFor(times), Act::Insert("b")];
    let all = let_go(&[Act::Count], acts, 6);
    assert_eq!(
        outcomes(&all),
        [
            // Not begun: it goes with the head's save.
            (200, "anonymous 30m count=1 a b", None),
            // Given to the store and let go before the step was done: not tried again.
            (200, "anonymous 30m count=1 b", None),
            // The step was done, whether its answer was heard or not.
            (200, "anonymous 30m count=1 a b", None),
        ]
    );
}

#[test]
fn xx_07_a_visitor_whose_commit_is_let_go_of() {
    let acts = |times| vec![Act::Insert("a"), Act::CommitFor(times), Act::Insert("b")];
    let all = let_go(&[], acts, 6);
    assert_eq!(
        outcomes(&all),
        [
            (200, "nothing", Some("anonymous 30m a b")),
            // Whether the record was made or not: its credential was never given to anybody.
            (200, "nothing", Some("anonymous 30m b")),
            (200, "nothing", Some("anonymous 30m a b")),
        ]
    );
}

#[test]
fn xx_07_a_counter_whose_commit_is_let_go_of_counts_once_or_not() {
    let acts = |times| vec![Act::Count, Act::CommitFor(times), Act::Count];
    for (times, it) in let_go(&[Act::Count], acts, 6).iter().enumerate() {
        let one_was_lost = (1..=1).contains(&times);
        let count = if one_was_lost { 2 } else { 3 };
        assert_eq!(it.old, format!("anonymous 30m count={count}"), "after {times} polls");
    }
}

#[test]
fn xx_07_d03_a_login_whose_commit_is_let_go_of_leaves_no_dead_cookie() {
    let acts = |times| vec![Act::Login("alice"), Act::CommitFor(times)];
    let all = let_go(&[Act::Count], acts, 6);
    assert_eq!(
        outcomes(&all),
        [
            (200, "nothing", Some("alice 30m count=1")),
            // The step was not done: the visitor stays who they were, and keeps the cookie.
            (200, ANONYMOUS, None),
            // It was done and not heard of: nobody gets the new secret, the old one is dead.
            (200, "nothing", None),
            (200, "nothing", Some("alice 30m count=1")),
        ]
    );
    // And what is written on is not taken for the new session's.
    let acts = |times| vec![Act::Login("alice"), Act::CommitFor(times), Act::Insert("b")];
    let all = let_go(&[Act::Count], acts, 6);
    assert_eq!(
        outcomes(&all),
        [
            (200, "nothing", Some("alice 30m count=1 b")),
            (200, "anonymous 30m count=1 b", None),
            (409, "nothing", None),
            (200, "nothing", Some("alice 30m count=1 b")),
        ]
    );
}

#[test]
fn xx_07_d04_a_logout_that_is_let_go_of_is_done_or_not() {
    let acts = |times| vec![Act::LogoutFor(times), Act::Insert("b")];
    let all = let_go(ALICE, acts, 6);
    assert_eq!(
        outcomes(&all),
        [
            (200, "alice 30m count=1 b", None),
            // Done and not heard of: what is written on meets the end, and nothing comes to life.
            (401, "nothing", None),
            // Heard of: a session of its own.
            (200, "nothing", Some("anonymous 30m b")),
        ]
    );
}

/// Within one request: an attempt that is dropped, then another one (a time-out and a retry).
fn second_attempt(before: &'static [Act], act: Act, polls: usize) -> (u16, String, String) {
    let scene = Scene::of(&Scenario { before, ..PLAIN });
    let world = &scene.world;
    let handler = service_fn(move |request: Request<()>| {
        let session = Session::of(request.extensions()).unwrap();
        async move { Ok::<_, Infallible>(answer(perform(&session, act).await)) }
    });
    let inside = ServiceBuilder::new()
        .layer(world.csrf.clone())
        .layer(world.session.clone())
        .service(handler);
    let hasty = service_fn(move |request: Request<()>| {
        let inside = inside.clone();
        async move {
            {
                let mut first = pin!(inside.clone().oneshot(request.clone()));
                for _ in 0..polls {
                    let polled = poll_fn(|task| Poll::Ready(first.as_mut().poll(task))).await;
                    if let Poll::Ready(response) = polled {
                        return response;
                    }
                }
            }
            inside.oneshot(request).await
        }
    });
    let cookie = scene.cookie.clone().unwrap();
    let whole = CookieLayer::new().layer(hasty);
    let request = World::request(Some(&cookie));
    let reply = finish(Box::pin(async move {
        let response = whole.oneshot(request).await.unwrap();
        crate::world::Reply { status: response.status(), headers: response.headers().clone() }
    }));
    assert!(reply.headers.get_all(SET_COOKIE).iter().count() <= 1);
    let new = reply.credential().map_or("none".into(), |new| world.look(&new));
    (reply.status.as_u16(), world.look(&cookie), new)
}

#[test]
fn xx_07_d21_a_dropped_attempt_clears_its_marks_and_cookies_for_the_next() {
    let count = |polls| second_attempt(&[Act::Count], Act::Count, polls);
    let mut seen: Vec<_> = (0..10).map(count).collect();
    seen.dedup();
    let none = || "none".to_owned();
    assert_eq!(
        seen,
        [
            (200, "anonymous 30m count=2".into(), none()),
            // The first attempt had landed, and the second counts as well.
            (200, "anonymous 30m count=3".into(), none()),
            (200, "anonymous 30m count=2".into(), none()),
        ]
    );
    let login = |polls| second_attempt(&[Act::Count], Act::Login("alice"), polls);
    let mut seen: Vec<_> = (0..10).map(login).collect();
    seen.dedup();
    let nothing = || "nothing".to_owned();
    assert_eq!(
        seen,
        [
            (200, nothing(), "alice 30m count=1".to_owned()),
            // The first had landed: the second meets a renewed secret and starts a session.
            (200, nothing(), "alice 30m".to_owned()),
            (200, nothing(), "alice 30m count=1".to_owned()),
        ]
    );
}

#[test]
fn xx_07_d04_a_writer_dropped_in_the_queue_lets_the_others_pass() {
    let mut dropped = 0;
    for polls in 0..12 {
        let scene = Scene::of(&PLAIN);
        let world = &scene.world;
        let cookie = scene.cookie.as_deref();
        let mut task = Context::from_waker(Waker::noop());
        let mut all: Vec<_> = (0..3).map(|_| Some(world.send(cookie, &[Act::Count]))).collect();
        let mut done = 0;
        for round in 0..100 {
            // All three have read the same version: two of them meet a conflict and queue.
            if round == polls && all[1].take().is_some() {
                dropped += 1;
            }
            for request in &mut all {
                if let Some(future) = request
                    && let Poll::Ready(reply) = future.as_mut().poll(&mut task)
                {
                    assert_eq!(reply.status, StatusCode::OK);
                    *request = None;
                    done += 1;
                }
            }
        }
        assert!(all.iter().all(Option::is_none), "somebody hangs: dropped after {polls}");
        let look = world.look(cookie.unwrap());
        let count: u32 = look.strip_prefix("anonymous 30m count=").unwrap().parse().unwrap();
        // Who was dropped has counted or not; who was answered has, exactly once.
        assert!((1 + done..=4).contains(&count), "{done} were answered, {count} are counted");
    }
    assert!(dropped > 5, "it was dropped under way");
}

#[test]
fn d17_the_head_waits_for_what_another_task_commits() {
    for (before, acts, new) in [
        (PLAIN.before, &[Act::Login("alice")][..], Some("alice 30m count=1")),
        (PLAIN.before, &[Act::Count], None),
        (&[], &[Act::Count], Some("anonymous 30m count=1")),
    ] {
        let scene = Scene::of(&Scenario { before, ..PLAIN });
        let world = &scene.world;
        let (put, elsewhere) = std::sync::mpsc::channel();
        let response = world.send_to(scene.cookie.as_deref(), move |session| {
            let put = put.clone();
            async move {
                for act in acts {
                    perform(&session, *act).await?;
                }
                let mut commit = Box::pin(async move { session.commit().await });
                let begun = poll_fn(|task| Poll::Ready(commit.as_mut().poll(task))).await;
                assert!(begun.is_pending(), "the store waits");
                put.send(commit).unwrap();
                Ok(())
            }
        });
        let mut response = response;
        let mut task = Context::from_waker(Waker::noop());
        for _ in 0..20 {
            let polled = response.as_mut().poll(&mut task);
            assert!(polled.is_pending(), "{acts:?}: the store has not acknowledged it");
        }
        let mut commit = elsewhere.recv().unwrap();
        while commit.as_mut().poll(&mut task).is_pending() {}
        let reply = finish(response);
        assert_eq!(reply.status, StatusCode::OK);
        let found = reply.credential().map(|new| world.look(&new));
        assert_eq!(found.as_deref(), new, "{acts:?}");
    }
}
