//! A flood of tokens with different unknown keys.

use std::pin::Pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use tower_auth::bearer::BearerJwtLayer;
use tower_auth::{Identity, JwtIssuer, Principal, Settings};
use tower_auth_oidc::Provider;

use crate::client::{API, Client, STALE, WAIT, WINDOW, at_once, poll_once, status};
use crate::fake::{Answer, FakeServer};
use crate::numbers::{Random, count, seed};

/// The number of unknown keys before the end of a fetch, and again after it.
const BATCH: u64 = 400;

/// The number of unknown keys between two known ones.
const EACH: usize = 20;

/// The number of requests that may wait.
const PLACES: usize = 256;

/// The time between two fetches. The flood shall cause the others.
const HOUR: Duration = Duration::from_secs(3600);

/// Returns a token whose header names another key.
pub(crate) fn with_kid(token: &str, kid: &str) -> String {
    let (header, rest) = token.split_once('.').expect("a JWT");
    let header = URL_SAFE_NO_PAD.decode(header).expect("Base64url");
    let mut header: serde_json::Value = serde_json::from_slice(&header).expect("a header");
    header["kid"] = kid.into();
    format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header.to_string()))
}

type Waiting<'f> = Pin<Box<dyn Future<Output = StatusCode> + 'f>>;

/// An application whose provider is flooded.
struct Flood {
    server: FakeServer,
    client: Client,
    issuer: JwtIssuer,
    layer: BearerJwtLayer,
    random: Random,
    /// The time of each request with a known key: first sight, and remembered.
    known: [Vec<Duration>; 2],
}

impl Flood {
    async fn new(seed: u64) -> Self {
        let server = FakeServer::start().await;
        let issuer = issuer(&server, "known");
        server.set(Answer::Keys(issuer.jwks().to_owned()));
        let builder = Provider::jwks(server.address(), format!("{}/keys", server.address()))
            .refresh_between(HOUR, HOUR)
            .stale_for(HOUR + STALE)
            // Longer than a request waits, so that the two are told apart.
            .timeout(2 * WAIT);
        let client = Client::build(builder).await;
        let layer = client.layer(API);
        let random = Random::new(seed);
        Self { server, client, issuer, layer, random, known: Default::default() }
    }

    fn token(&self) -> String {
        mint(&self.issuer)
    }

    /// Sends requests with a known key: one that is new, and one that is remembered.
    async fn known(&mut self, answer: StatusCode) {
        let token = self.token();
        for kind in 0..2 {
            let begun = Instant::now();
            assert_eq!(at_once(&self.layer, &token).await, answer);
            self.known[kind].push(begun.elapsed());
        }
    }

    /// Returns the name of an unknown key, of any length.
    fn unknown(&mut self, token: &str) -> String {
        let length = self.random.next() % 4;
        let kid: String = (0..=length).map(|_| format!("{:016x}", self.random.next())).collect();
        with_kid(token, &kid)
    }

    /// Sends a batch of unknown keys in a new window, with this answer of the provider, and again a
    /// batch within the window.
    async fn window(&mut self, answer: Answer) {
        let (ended, requests) = (self.client.fetches(), self.server.requests());
        let (hangs, expected) = match &answer {
            Answer::Keys(_) => (false, StatusCode::UNAUTHORIZED),
            Answer::Error => (false, StatusCode::SERVICE_UNAVAILABLE),
            Answer::Nothing => (true, StatusCode::SERVICE_UNAVAILABLE),
        };
        self.server.set(answer);
        self.client.time.advance(WINDOW);
        let tokens = self.tokens();
        let layer = self.layer.clone();
        let mut waiting: Vec<Waiting<'_>> = Vec::new();
        for (number, token) in tokens.iter().enumerate() {
            let mut request: Waiting<'_> = Box::pin(status(&layer, token));
            match poll_once(&mut request).await {
                Poll::Pending => waiting.push(request),
                // There is no place for it to wait.
                Poll::Ready(status) => {
                    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
                    assert_eq!(waiting.len(), PLACES, "request {number} might wait");
                }
            }
            if number.is_multiple_of(EACH) {
                self.known(StatusCode::OK).await;
            }
        }
        assert_eq!(waiting.len(), PLACES);
        if hangs {
            while self.server.requests() == requests {
                tokio::task::yield_now().await;
            }
            self.client.time.advance(WAIT - Duration::from_micros(1));
            for request in &mut waiting {
                assert!(poll_once(request).await.is_pending());
            }
            self.client.time.advance(Duration::from_micros(1));
        } else {
            self.client.fetched(ended + 1).await;
        }
        // No request waits longer.
        for request in &mut waiting {
            assert_eq!(poll_once(request).await, Poll::Ready(expected));
        }
        if hangs {
            self.client.time.advance(WAIT);
            self.client.fetched(ended + 1).await;
        }
        for (number, token) in self.tokens().iter().enumerate() {
            assert_eq!(at_once(&self.layer, token).await, expected);
            if number.is_multiple_of(EACH) {
                self.known(StatusCode::OK).await;
            }
        }
        assert_eq!(self.client.fetches(), ended + 1);
        assert_eq!(self.server.requests(), requests + 1, "one fetch in the window");
    }

    fn tokens(&mut self) -> Vec<String> {
        let token = self.token();
        (0..BATCH).map(|_| self.unknown(&token)).collect()
    }
}

fn issuer(server: &FakeServer, kid: &str) -> JwtIssuer {
    let day = Duration::from_secs(24 * 3600);
    let builder = JwtIssuer::builder(server.address(), API).settings(&Settings::new());
    builder.generated_key(kid).lifetime(day).build().expect("a valid issuer")
}

fn mint(issuer: &JwtIssuer) -> String {
    let identity = Identity::builder(Principal::new(issuer.name(), "alice")).build();
    issuer.mint(&identity).expect("a token").text
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// The flood causes one fetch in each window, whether the provider answers, fails or hangs. Known keys do
/// not wait, other requests wait up to the bound, and a new key is found in spite of the flood.
#[tokio::test]
async fn d11_d32_jw_14_a_flood_of_unknown_keys_causes_one_fetch_per_window() {
    let (count, seed) = (count(2_400), seed());
    println!("{count} unknown keys, seed {seed}");
    let mut flood = Flood::new(seed).await;
    let keys = Answer::Keys(flood.issuer.jwks().to_owned());
    for _ in 0..20 {
        flood.known(StatusCode::OK).await;
    }
    let before = std::mem::take(&mut flood.known);
    let windows = count.div_ceil(2 * BATCH);
    for number in 0..windows {
        let answer = match number % 3 {
            0 => keys.clone(),
            1 => Answer::Nothing,
            _ => Answer::Error,
        };
        flood.window(answer).await;
    }
    let fetches = flood.server.requests() - 1;
    println!("{} unknown keys in {windows} windows: {fetches} fetches", windows * 2 * BATCH);
    for (name, known) in [("before", before), ("meanwhile", std::mem::take(&mut flood.known))] {
        let number = known[0].len();
        let [first, remembered] = known.map(median);
        println!(
            "{name}: {number} tokens with a known key, median {first:.1?}, remembered {remembered:.1?}"
        );
    }
    // A new key is found at once in the next window.
    let new = issuer(&flood.server, "new");
    flood.server.set(Answer::Keys(new.jwks().to_owned()));
    flood.client.time.advance(WINDOW);
    assert_eq!(status(&flood.layer, &mint(&new)).await, StatusCode::OK);
}

/// No known key is refused during an hour of outage and flood. Past the bound the answer is 503.
#[tokio::test]
async fn d31_known_keys_outlast_an_hour_of_outage_and_a_flood() {
    let mut flood = Flood::new(seed()).await;
    let begun = flood.client.time.now();
    flood.server.set(Answer::Error);
    let requests = flood.server.requests();
    let mut steps = 0;
    while flood.client.time.now().since(begun) < HOUR {
        let ended = flood.client.fetches();
        flood.client.time.advance(WINDOW);
        steps += 1;
        let token = flood.token();
        for _ in 0..5 {
            let token = flood.unknown(&token);
            assert_eq!(status(&flood.layer, &token).await, StatusCode::SERVICE_UNAVAILABLE);
            flood.known(StatusCode::OK).await;
        }
        flood.client.fetched(ended + 1).await;
    }
    assert!(flood.server.requests() - requests <= steps, "{steps} windows");
    flood.client.time.advance(STALE);
    flood.known(StatusCode::SERVICE_UNAVAILABLE).await;
    let unknown = flood.token();
    let unknown = flood.unknown(&unknown);
    assert_eq!(at_once(&flood.layer, &unknown).await, StatusCode::SERVICE_UNAVAILABLE);
}
