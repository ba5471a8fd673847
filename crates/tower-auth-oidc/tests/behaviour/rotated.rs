//! A provider that replaces its keys while requests arrive.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use http::StatusCode;
use tower_auth::bearer::BearerJwtLayer;
use tower_auth_fixtures::server::OpenIdProvider;

use crate::client::{API, Client, WINDOW, status};

/// The state of the first key.
const PUBLISHED: u8 = 0;
const CHANGING: u8 = 1;
const REMOVED: u8 = 2;
const OVER: u8 = 3;

/// The number of tasks that send requests.
const TASKS: usize = 3;

/// Requests with one token, from several tasks.
#[derive(Default)]
struct Load {
    state: AtomicU8,
    /// The answers in the states `PUBLISHED` and `REMOVED`.
    answers: [AtomicU64; 2],
    wrong: AtomicU64,
}

impl Load {
    /// Sends requests until the end.
    async fn run(self: Arc<Self>, layer: BearerJwtLayer, token: String) {
        while self.state.load(Ordering::SeqCst) != OVER {
            self.send(&layer, &token).await;
            // A request that does not wait leaves no time to the provider's task.
            tokio::task::yield_now().await;
        }
    }

    /// Sends a request. If it begins and ends in one state, the answer must be that of the state.
    async fn send(&self, layer: &BearerJwtLayer, token: &str) {
        let before = self.state.load(Ordering::SeqCst);
        let answer = status(layer, token).await;
        let (expected, counter) = match before {
            PUBLISHED => (StatusCode::OK, &self.answers[0]),
            REMOVED => (StatusCode::UNAUTHORIZED, &self.answers[1]),
            _ => return,
        };
        if self.state.load(Ordering::SeqCst) == before {
            self.wrong.fetch_add(u64::from(answer != expected), Ordering::SeqCst);
            counter.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn enter(&self, state: u8) {
        self.state.store(state, Ordering::SeqCst);
    }

    /// Waits for some answers in this state.
    async fn answered(&self, state: u8) {
        let counter = &self.answers[usize::from(state == REMOVED)];
        let enough = counter.load(Ordering::SeqCst) + 10 * TASKS as u64;
        while counter.load(Ordering::SeqCst) < enough {
            tokio::task::yield_now().await;
        }
        assert_eq!(self.wrong.load(Ordering::SeqCst), 0, "wrong answers in state {state}");
    }
}

async fn rotate(server: OpenIdProvider, audience: &str) {
    let client = Client::discover(server.issuer()).await;
    let layer = client.layer(audience);
    let first = server.token("es256", audience);
    let load = Arc::new(Load::default());
    let tasks: Vec<_> =
        (0..TASKS).map(|_| tokio::spawn(load.clone().run(layer.clone(), first.clone()))).collect();
    load.answered(PUBLISHED).await;

    // The new key is found by one fetch, and the old one stays.
    server.rotate();
    let second = server.token("es256", audience);
    client.time.advance(WINDOW);
    assert_eq!(status(&layer, &second).await, StatusCode::OK);
    client.fetched(2).await;
    assert_eq!(client.fetches(), 2, "one at the start, one for the new key");
    load.answered(PUBLISHED).await;

    // The next rotation removes the first key. Until it is fetched, the first token is accepted.
    server.rotate();
    load.answered(PUBLISHED).await;
    let third = server.token("es256", audience);
    load.enter(CHANGING);
    client.time.advance(WINDOW);
    assert_eq!(status(&layer, &third).await, StatusCode::OK);
    client.fetched(3).await;
    load.enter(REMOVED);
    load.answered(REMOVED).await;
    // Also by a layer that did not remember it.
    assert_eq!(status(&client.layer(audience), &first).await, StatusCode::UNAUTHORIZED);
    for layer in [&layer, &client.layer(audience)] {
        assert_eq!(status(layer, &second).await, StatusCode::OK);
    }
    load.enter(OVER);
    for task in tasks {
        task.await.expect("no task panics");
    }
    assert_eq!(client.fetches(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d31_d32_keys_of_oidc_provider_are_rotated_under_load() {
    rotate(OpenIdProvider::oidc_provider(), API).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d31_d32_keys_of_canaille_are_rotated_under_load() {
    rotate(OpenIdProvider::canaille(), "es256").await;
}
