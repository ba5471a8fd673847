//! Concurrent refreshes of one token: many on threads, few in every order of their store steps.
//!
//! The same runs must fail against a store that does not compare versions. Otherwise this file
//! would prove nothing.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::task::JoinSet;
use tower_auth::refresh::{AccessToken, Refresh, RefreshError, RefreshRefusal, TokenPair};
use tower_auth::store::{Key, Load, RecordId, RecordKind, Store as _};
use tower_auth::{Identity, KeyRing, MemoryStore};
use tower_auth_test::gate::{Explored, Failure, GateStore, TaskSet, explore_all, explore_seeds};
use tower_auth_test::{FaultyStore, TestClock};

type Store = GateStore<FaultyStore<MemoryStore>>;

const WINDOW: Duration = Duration::from_secs(10);
/// The window plus the tolerated clock skew. After this time a rotation is not recent.
const REACH: Duration = Duration::from_secs(10 + 5);

/// The engines of several nodes over one store.
struct Setup {
    time: TestClock,
    store: Store,
    nodes: Vec<Refresh>,
}

impl Setup {
    fn new(settings: Settings) -> Self {
        let time = TestClock::new();
        let faulty = FaultyStore::new(MemoryStore::new(time.clock()));
        if settings.last_write_wins {
            faulty.last_write_wins();
        }
        let store = GateStore::new(faulty);
        let nodes = (0..settings.nodes).map(|_| engine(store.clone(), &time, settings)).collect();
        Self { time, store, nodes }
    }
}

#[derive(Clone, Copy, Debug)]
struct Settings {
    nodes: usize,
    strict: bool,
    last_write_wins: bool,
}

const ONE: Settings = Settings { nodes: 1, strict: false, last_write_wins: false };
const TWO: Settings = Settings { nodes: 2, ..ONE };

fn engine(store: impl tower_auth::store::Store, time: &TestClock, settings: Settings) -> Refresh {
    let access = |_: &Identity| {
        Ok(AccessToken { text: "access".into(), expires_in: Duration::from_secs(300) })
    };
    let keys = KeyRing::insecure_from_seed(7);
    let builder = Refresh::builder(store, &keys, access)
        .settings(&tower_auth::Settings::new().clock(time.clock()))
        .window(WINDOW);
    if settings.strict { builder.strict() } else { builder }.build().unwrap()
}

fn alice() -> Identity {
    Identity::local("alice").build()
}

fn text(tokens: &TokenPair) -> String {
    tokens.refresh().expose().clone()
}

// Many refreshes, on threads.

/// Returns the results of `tokens` concurrent refreshes of one token, half of them on each node.
async fn stampede(
    tokens: usize,
    settings: Settings,
) -> (Vec<Result<String, RefreshRefusal>>, Rest) {
    let time = TestClock::new();
    let store = MemoryStore::new(time.clock());
    // The nodes share only the store, behind a step that lets other tasks run first.
    let faulty = FaultyStore::new(store);
    faulty.pending_once();
    let nodes: Vec<_> = (0..2).map(|_| engine(faulty.clone(), &time, settings)).collect();
    let first = text(&nodes[0].begin(&alice(), None).await.unwrap());
    let start = Arc::new(tokio::sync::Barrier::new(tokens));
    let mut all = JoinSet::new();
    for turn in 0..tokens {
        let (node, first) = (nodes[turn % 2].clone(), first.clone());
        let start = start.clone();
        all.spawn(async move {
            start.wait().await;
            match node.refresh(first.as_str()).await {
                Ok(tokens) => Ok(text(&tokens)),
                Err(RefreshError::Refused(refusal)) => Err(refusal),
                Err(error) => panic!("{error}"),
            }
        });
    }
    let outcomes = all.join_all().await;
    (outcomes, Rest { time, nodes, first, saves: faulty.steps().save })
}

/// The state afterwards.
struct Rest {
    time: TestClock,
    nodes: Vec<Refresh>,
    first: String,
    saves: usize,
}

async fn in_a_window(tokens: usize) {
    let (outcomes, rest) = stampede(tokens, TWO).await;
    assert_eq!(outcomes.len(), tokens);
    let children: BTreeSet<_> = outcomes.into_iter().map(Result::unwrap).collect();
    assert_eq!(children.len(), 1, "one successor, the same for all");
    let child = children.first().unwrap();
    assert_ne!(child, &rest.first);
    assert!(rest.saves >= 1);
    // The successor is valid, …
    rest.time.advance(REACH);
    let next = text(&rest.nodes[0].refresh(child.as_str()).await.unwrap());
    // … and the parent counts as used.
    assert!(rest.nodes[1].refresh(rest.first.as_str()).await.is_err());
    assert!(rest.nodes[0].refresh(next.as_str()).await.is_err());
}

async fn strictly(tokens: usize) {
    let (outcomes, rest) = stampede(tokens, Settings { strict: true, ..TWO }).await;
    let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!((won.len(), lost.len()), (1, tokens - 1));
    assert!(lost.contains(&Err(RefreshRefusal::Reused)));
    // The family is ended, even for the winner.
    let child = won[0].clone().unwrap();
    let dead = rest.nodes[0].refresh(child.as_str()).await;
    assert!(matches!(dead, Err(RefreshError::Refused(RefreshRefusal::Ended))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn rf_03_64_at_once_get_one_successor() {
    in_a_window(64).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn rf_03_1000_at_once_get_one_successor() {
    in_a_window(1000).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn rf_03_64_at_once_have_one_winner_in_strict_mode() {
    strictly(64).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn rf_03_1000_at_once_have_one_winner_in_strict_mode() {
    strictly(1000).await;
}

// Few refreshes, in every order.

#[derive(Clone, Copy, Debug, PartialEq)]
enum Does {
    /// A tab of the honest client presents the browser's token, and keeps the answer.
    Tab,
    /// Like `Tab`, and then a second time with the browser's current token.
    Twice,
    /// Like `Tab`, but the answer to the first attempt is lost after the store's step.
    Lost,
    /// The honest client logs out.
    Revoke,
    /// A thief presents a copy of the first token.
    Thief,
    /// The window ends.
    Time,
}

/// The answers so far, by recipient and in order.
#[derive(Default)]
struct History {
    /// The token in the browser's cookie.
    holds: String,
    honest: Vec<Result<String, RefreshRefusal>>,
    thief: Vec<Result<String, RefreshRefusal>>,
    /// Answers that never arrived.
    lost: Vec<Result<String, RefreshRefusal>>,
    revoked: bool,
}

fn outcome(result: Result<TokenPair, RefreshError>) -> Result<String, RefreshRefusal> {
    match result {
        Ok(tokens) => Ok(text(&tokens)),
        Err(RefreshError::Refused(refusal)) => Err(refusal),
        Err(error) => panic!("{error}"),
    }
}

async fn perform(
    does: Does,
    node: Refresh,
    first: String,
    history: Arc<Mutex<History>>,
    store: Store,
    time: TestClock,
) {
    match does {
        Does::Tab | Does::Twice | Does::Lost => {
            // Each tab sends the token that the browser has when the tab begins. For concurrent
            // tabs that is the first token.
            if does == Does::Lost {
                let lost = outcome(node.refresh(first.as_str()).await);
                history.lock().unwrap().lost.push(lost);
            }
            let mut token = first;
            for _ in 0..if does == Does::Twice { 2 } else { 1 } {
                let outcome = outcome(node.refresh(token.as_str()).await);
                let mut history = history.lock().unwrap();
                if let Ok(token) = &outcome {
                    history.holds.clone_from(token);
                }
                history.honest.push(outcome);
                token = history.holds.clone();
            }
        }
        Does::Thief => {
            let outcome = outcome(node.refresh(first.as_str()).await);
            history.lock().unwrap().thief.push(outcome);
        }
        Does::Revoke => {
            node.revoke(first.as_str()).await.unwrap();
            history.lock().unwrap().revoked = true;
        }
        Does::Time => {
            // Any store step, so that the schedule decides the moment.
            let anonymous = Key::new(RecordKind::Family, RecordId::new([0; 16]));
            let _ = store.load(&anonymous).await;
            time.advance(REACH);
        }
    }
}

/// Returns the characters of the generation: format, key id and family are 21 bytes, which are 28
/// characters.
fn generation(token: &str) -> &str {
    &token[28..38]
}

/// Runs a future that must not wait, because the gate is open.
fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the gate is closed"),
    }
}

fn fixture(settings: Settings, all: &'static [Does]) -> TaskSet {
    let setup = Setup::new(settings);
    let begun = now(setup.nodes[0].begin(&alice(), None)).unwrap();
    let first = text(&begun);
    let history = Arc::new(Mutex::new(History { holds: first.clone(), ..History::default() }));
    let mut fixture = TaskSet::new(setup.store.gate());
    for (turn, does) in all.iter().enumerate() {
        let node = setup.nodes[turn % setup.nodes.len()].clone();
        let (store, time) = (setup.store.clone(), setup.time.clone());
        let task = perform(*does, node, first.clone(), history.clone(), store, time);
        fixture = fixture.task(format!("{does:?}"), task);
    }
    fixture.check(move || {
        check(&setup, settings, all, begun.family(), &first, &history.lock().unwrap())
    })
}

fn check(
    setup: &Setup,
    settings: Settings,
    all: &[Does],
    family: RecordId,
    first: &str,
    history: &History,
) {
    let given = || history.honest.iter().chain(&history.thief).chain(&history.lost);
    let children: BTreeSet<_> = given().filter_map(|it| it.as_ref().ok()).collect();
    let generations: BTreeSet<_> = children.iter().map(|it| generation(it)).collect();
    assert_eq!(children.len(), generations.len(), "one generation, two tokens");
    assert!(!generations.contains(&generation(first)));

    let load = now(setup.store.load(&Key::new(RecordKind::Family, family))).unwrap();
    let lives = matches!(load, Load::Found(_));
    let passes = all.contains(&Does::Time);
    let presented = all.iter().filter(|it| !matches!(it, Does::Revoke | Does::Time)).count();
    let twice = |it: &&Does| matches!(it, Does::Lost | Does::Twice);
    let presented = presented + all.iter().filter(twice).count();
    let refused = given().any(|it| *it == Err(RefreshRefusal::Reused));

    // A refusal ends the family, and a family that is not ended serves its tokens.
    assert!(!(lives && given().any(Result::is_err)), "refused and served");
    if history.revoked {
        assert!(!lives, "revoked and served");
    } else if settings.strict {
        // Two clients that each continue with their received token are not thieves.
        let orderly = matches!(all, [Does::Tab | Does::Thief | Does::Twice, rest @ ..] if rest
            .iter()
            .all(|it| *it == Does::Time));
        assert_eq!(lives, presented == 1 || orderly, "one winner, or the end");
    } else if !passes {
        // No client is locked out within the window, thief or not.
        assert!(lives && given().all(Result::is_ok), "locked out");
    } else {
        assert_eq!(lives, !refused, "ended without a reason");
    }
    if !lives {
        let dead = now(setup.nodes[0].refresh(history.holds.as_str()));
        assert_eq!(outcome(dead), Err(RefreshRefusal::Ended), "a dead family served");
        return;
    }
    // The honest client continues with its token, …
    setup.time.advance(REACH);
    let next = outcome(now(setup.nodes[0].refresh(history.holds.as_str())));
    let next = next.expect("the honest client is locked out");
    // … and the copy does not work: presenting it now ends the family for both.
    if next != first {
        setup.time.advance(REACH);
        assert_eq!(outcome(now(setup.nodes[0].refresh(first))), Err(RefreshRefusal::Reused));
        assert_eq!(outcome(now(setup.nodes[0].refresh(next.as_str()))), Err(RefreshRefusal::Ended));
    }
}

use Does::{Lost, Revoke, Tab, Thief, Time, Twice};

/// Scenarios that are small enough for every order.
const EVERY: [&[Does]; 18] = [
    &[Tab, Tab],
    &[Tab, Tab, Tab],
    &[Lost],
    &[Lost, Tab],
    &[Tab, Revoke],
    &[Tab, Tab, Revoke],
    &[Lost, Revoke],
    &[Tab, Thief, Time],
    &[Tab, Tab, Time],
    &[Lost, Time],
    &[Tab, Thief, Revoke],
    &[Twice, Time],
    &[Twice, Tab, Time],
    &[Twice, Thief, Time],
    &[Twice, Tab],
    &[Tab, Tab, Tab, Revoke],
    &[Tab, Lost, Thief],
    &[Lost, Revoke, Thief],
];

/// Larger scenarios, in three hundred orders each.
const MANY: [&[Does]; 6] = [
    &[Tab, Tab, Tab, Revoke, Thief],
    &[Tab, Tab, Tab, Lost, Thief],
    &[Tab, Tab, Tab, Lost, Time],
    &[Tab, Tab, Tab, Lost, Revoke, Thief, Time],
    &[Lost, Lost, Thief, Thief, Time],
    &[Twice, Twice, Tab, Thief, Revoke, Time, Time],
];

fn explore(settings: Settings) -> Vec<(&'static [Does], Result<Explored, Failure>)> {
    EVERY.into_iter().map(|all| (all, explore_all(|| fixture(settings, all)))).collect()
}

fn every_order(settings: Settings) {
    for (all, explored) in explore(settings) {
        let explored = explored.unwrap_or_else(|failure| panic!("{all:?}: {failure}"));
        println!("{settings:?} {all:?}: {} orders", explored.schedules);
        assert!(all.len() < 2 || explored.schedules > 1, "{all:?}: {explored:?}");
    }
    for all in MANY {
        let explored = explore_seeds(300, || fixture(settings, all));
        assert_eq!(explored.unwrap_or_else(|failure| panic!("{all:?}: {failure}")).schedules, 300);
    }
}

#[test]
fn rf_03_rf_04_every_order_on_one_node() {
    every_order(ONE);
}

#[test]
fn rf_03_rf_04_every_order_on_two_nodes() {
    every_order(TWO);
}

#[test]
fn rf_02_rf_03_every_order_in_strict_mode() {
    every_order(Settings { strict: true, ..TWO });
}

#[test]
fn rf_03_a_store_where_the_last_write_wins_is_found_out() {
    let forgetful = Settings { last_write_wins: true, strict: true, ..TWO };
    for (all, explored) in explore(forgetful) {
        if matches!(all, [Tab, Tab] | [Tab, Tab, Tab] | [Tab, Tab, Time]) {
            assert!(explored.is_err(), "{all:?} did not notice");
        }
    }
}
