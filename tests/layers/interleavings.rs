//! Two requests on one session, in every order of their store steps; three, in a thousand orders.
//!
//! Each scenario runs on one node (one `SessionLayer`, whose writers queue after a conflict) and on
//! two (two layers over one store). The same run must fail against a store that does not compare
//! versions. Otherwise this file would prove nothing.

use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use http::header::{COOKIE, SET_COOKIE};
use http::{Request, Response, StatusCode};
use tower::{ServiceExt as _, service_fn};
use tower_auth::session::SessionError;
use tower_auth::{Identity, KeyRing, MemoryStore, Rejection, Session, SessionLayer, Settings};
use tower_auth_test::gate::{Explored, Failure, GateStore, TaskSet, explore_all, explore_seeds};
use tower_auth_test::{FaultyStore, TestClock};
use tower_layer::Layer as _;

type Store = GateStore<FaultyStore<MemoryStore>>;

/// The action of a request on the session.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Does {
    Insert(&'static str),
    Count,
    Logout,
    Login(&'static str),
    /// Only reads, but long after the last use: the layer touches the record.
    Touch,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Nodes {
    One,
    Two,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Compare {
    Versions,
    /// The mutant: the last write wins.
    Nothing,
}

/// The result of a request.
struct Outcome {
    does: Does,
    status: StatusCode,
    credential: Option<String>,
}

struct Setup {
    layers: Vec<SessionLayer>,
    store: Store,
    time: TestClock,
}

impl Setup {
    fn new(nodes: Nodes, compare: Compare) -> Self {
        let time = TestClock::new();
        let faulty = FaultyStore::new(MemoryStore::new(time.clock()));
        if compare == Compare::Nothing {
            faulty.last_write_wins();
        }
        let store = GateStore::new(faulty);
        let keys = KeyRing::insecure_from_seed(7);
        let layer = || {
            let builder = SessionLayer::builder(store.clone(), &keys);
            builder.settings(&Settings::new().clock(time.clock())).build().unwrap()
        };
        let layers = if nodes == Nodes::One { vec![layer()] } else { vec![layer(), layer()] };
        Self { layers, store, time }
    }

    /// Builds the request, for the node whose turn it is.
    fn request(
        &self,
        turn: usize,
        cookie: Option<&str>,
        does: Does,
    ) -> impl Future<Output = Outcome> + use<> {
        let layer = self.layers[turn % self.layers.len()].clone();
        let mut request = Request::new(());
        if let Some(cookie) = cookie {
            let line = format!("__Host-session={cookie}").parse().unwrap();
            request.headers_mut().insert(COOKIE, line);
        }
        async move {
            let service = service_fn(move |request: Request<()>| async move {
                let session = Session::of(request.extensions()).unwrap();
                let mut response = Response::new(String::new());
                if let Err(error) = perform(session, does).await {
                    *response.status_mut() = Rejection::from(error).status();
                }
                Ok::<_, Infallible>(response)
            });
            let response = layer.layer(service).oneshot(request).await.unwrap();
            let line = response.headers().get_all(SET_COOKIE).iter().next_back();
            let credential = line.and_then(|line| {
                let value = line.to_str().unwrap().strip_prefix("__Host-session=")?;
                value.split(';').next().filter(|value| !value.is_empty()).map(String::from)
            });
            Outcome { does, status: response.status(), credential }
        }
    }

    fn look(&self, cookie: &str) -> Look {
        let cell = Arc::new(Mutex::new(None));
        let put = cell.clone();
        let layer = self.layers[0].clone();
        let service = service_fn(move |request: Request<()>| {
            let session = Session::of(request.extensions()).unwrap();
            let count = session.get("count").unwrap();
            let who = session.identity().unwrap().map(|it| it.subject().to_owned());
            let keys = ["a", "b"].map(|key| session.get::<u32>(key).unwrap().is_some());
            let look = Look { lives: session.id().is_some(), who, count, keys };
            *put.lock().unwrap() = Some(look);
            async { Ok::<_, Infallible>(Response::new(String::new())) }
        });
        let mut request = Request::new(());
        let line = format!("__Host-session={cookie}").parse().unwrap();
        request.headers_mut().insert(COOKIE, line);
        now(layer.layer(service).oneshot(request)).unwrap();
        cell.lock().unwrap().take().unwrap()
    }
}

/// The view of the next request with a cookie.
struct Look {
    lives: bool,
    who: Option<String>,
    count: Option<u32>,
    keys: [bool; 2],
}

async fn perform(session: Session, does: Does) -> Result<(), SessionError> {
    match does {
        Does::Insert(key) => session.insert(key, &1),
        Does::Count => session.update("count", |count: Option<u32>| count.unwrap_or(0) + 1),
        Does::Logout => session.logout().await,
        Does::Login(who) => session.login(Identity::local(who).build()),
        Does::Touch => session.get::<u32>("count").map(drop),
    }
}

/// Runs a future that must not wait, because the gate is open.
fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the gate is closed"),
    }
}

/// A session with concurrent requests, and the assertions that must hold in every order.
fn fixture(nodes: Nodes, compare: Compare, before: Option<&'static str>, all: &[Does]) -> TaskSet {
    let setup = Setup::new(nodes, compare);
    let first = before.map_or(Does::Count, Does::Login);
    let cookie = now(setup.request(0, None, first)).credential.unwrap();
    if first == Does::Count {
        assert_eq!(setup.look(&cookie).count, Some(1));
    } else {
        assert_eq!(now(setup.request(0, Some(&cookie), Does::Count)).status, StatusCode::OK);
    }
    if all.contains(&Does::Touch) {
        setup.time.advance(Duration::from_secs(20 * 60));
    }
    let outcomes = Arc::new(Mutex::new(Vec::new()));
    let mut fixture = TaskSet::new(setup.store.gate());
    for (turn, does) in all.iter().enumerate() {
        let request = setup.request(turn, Some(&cookie), *does);
        let outcomes = outcomes.clone();
        fixture = fixture.task(format!("{does:?}"), async move {
            let outcome = request.await;
            outcomes.lock().unwrap().push(outcome);
        });
    }
    fixture.check(move || check(&setup, &cookie, &outcomes.lock().unwrap()))
}

fn check(setup: &Setup, cookie: &str, outcomes: &[Outcome]) {
    let done = |does: Does| {
        outcomes.iter().filter(move |it| it.does == does && it.status == StatusCode::OK)
    };
    for outcome in outcomes {
        let (does, status) = (outcome.does, outcome.status.as_u16());
        match does {
            // Two concurrent logins both succeed, and a touch never makes a response fail.
            Does::Login(_) | Does::Touch => assert_eq!(status, 200, "{does:?}"),
            // 401 if it met the end, 409 if it met a renewed secret. A logout with the old secret
            // must not end the renewed session.
            _ => assert!([200, 401, 409].contains(&status), "{does:?} → {status}"),
        }
    }
    let logins: Vec<_> = outcomes.iter().filter(|it| matches!(it.does, Does::Login(_))).collect();
    let ended = done(Does::Logout).next().is_some();
    let rotated = !logins.is_empty();

    let first = setup.look(cookie);
    // An ended session stays ended, and the old secret is invalid after a renewal.
    assert_eq!(first.lives, !ended && !rotated);
    if ended || rotated {
        assert!(first.who.is_none() && first.count.is_none());
    }
    // The cookie that continues the first record, if any, contains the same id.
    let id = |cookie: &str| cookie[7..27].to_owned();
    let heirs: Vec<_> = logins
        .iter()
        .map(|it| (it.does, it.credential.as_deref().expect("a login sends its cookie")))
        .collect();
    for (does, credential) in &heirs {
        let look = setup.look(credential);
        let kept = id(credential) == id(cookie);
        // Only a logout of this record can have ended a login.
        assert!(look.lives || (kept && ended), "{does:?} is dead");
        if look.lives {
            assert_eq!(Does::Login(leak(look.who.as_deref().unwrap())), *does);
        }
        if !kept {
            assert!(look.count.is_none(), "a new session has data");
        }
    }
    let heir = heirs.iter().find(|(_, credential)| id(credential) == id(cookie));
    let last = match (rotated, heir) {
        (false, _) => first,
        (true, Some((_, credential))) => setup.look(credential),
        (true, None) => return,
    };
    if !last.lives {
        return;
    }
    // Acknowledged changes are stored exactly once, and refused ones are not.
    let counted = u32::try_from(done(Does::Count).count()).unwrap();
    assert_eq!(last.count, Some(1 + counted));
    for (key, there) in ["a", "b"].into_iter().zip(last.keys) {
        assert_eq!(there, done(Does::Insert(key)).next().is_some(), "key {key}");
    }
}

fn leak(who: &str) -> &'static str {
    ["alice", "bob"].into_iter().find(|it| *it == who).unwrap()
}

const A: Does = Does::Insert("a");
const B: Does = Does::Insert("b");
const ALICE: Does = Does::Login("alice");

/// The scenarios of two requests, and the user who is logged in before.
const PAIRS: [(Option<&str>, [Does; 2]); 9] = [
    (None, [A, B]),
    (None, [Does::Count, Does::Count]),
    (Some("alice"), [A, Does::Logout]),
    (None, [ALICE, A]),
    (None, [ALICE, ALICE]),
    (None, [ALICE, Does::Login("bob")]),
    (Some("alice"), [ALICE, Does::Count]),
    (Some("alice"), [Does::Touch, Does::Logout]),
    (Some("alice"), [Does::Logout, Does::Logout]),
];

/// The scenarios of three requests.
const TRIPLES: [(Option<&str>, [Does; 3]); 7] = [
    (None, [A, B, Does::Count]),
    (None, [Does::Count, Does::Count, Does::Count]),
    (Some("alice"), [A, Does::Count, Does::Logout]),
    (None, [ALICE, A, Does::Count]),
    (None, [ALICE, ALICE, Does::Count]),
    (Some("alice"), [ALICE, A, Does::Logout]),
    (Some("alice"), [Does::Touch, Does::Count, Does::Logout]),
];

fn pairs(nodes: Nodes, compare: Compare) -> Vec<Result<Explored, Failure>> {
    let explore =
        |(before, all): (_, [Does; 2])| explore_all(|| fixture(nodes, compare, before, &all));
    PAIRS.into_iter().map(explore).collect()
}

fn triples(nodes: Nodes) {
    for (before, all) in TRIPLES {
        let explored = explore_seeds(1000, || fixture(nodes, Compare::Versions, before, &all));
        assert_eq!(explored.unwrap_or_else(|failure| panic!("{all:?}: {failure}")).schedules, 1000);
    }
}

fn all_orders(nodes: Nodes) {
    for (explored, (_, all)) in pairs(nodes, Compare::Versions).into_iter().zip(PAIRS) {
        let explored = explored.unwrap_or_else(|failure| panic!("{all:?}: {failure}"));
        // Two requests of two steps have six orders. Conflicts add more.
        assert!(explored.schedules >= 6, "{all:?}: {explored:?}");
        println!(
            "{nodes:?} {all:?}: {} orders, up to {} steps",
            explored.schedules, explored.longest
        );
    }
}

#[test]
fn se_18_xx_07_every_order_of_two_on_one_node() {
    all_orders(Nodes::One);
}

#[test]
fn se_18_xx_07_every_order_of_two_on_two_nodes() {
    all_orders(Nodes::Two);
}

#[test]
fn se_18_a_thousand_orders_of_three_on_one_node() {
    triples(Nodes::One);
}

#[test]
fn se_18_a_thousand_orders_of_three_on_two_nodes() {
    triples(Nodes::Two);
}

#[test]
fn d03_a_store_where_the_last_write_wins_is_found_out() {
    for nodes in [Nodes::One, Nodes::Two] {
        let failed: Vec<_> = pairs(nodes, Compare::Nothing).iter().map(Result::is_err).collect();
        // Inserts, counters, login with insert and login with login each lose a change.
        for scenario in [0, 1, 3, 4, 5, 6] {
            assert!(failed[scenario], "{:?} on {nodes:?} did not notice", PAIRS[scenario].1);
        }
    }
}
