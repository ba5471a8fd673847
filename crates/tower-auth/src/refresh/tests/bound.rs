//! Tokens are bound to their engine and their transport.

use std::time::Duration;

use tower_auth_core::Identity;
use tower_auth_test::{EventLog, TestClock};

use super::client::{Reply, form, post, send};
use super::fixture::{Fixture, alice, text};
use crate::refresh::{AccessToken, AccessTokens, MintError, PresentedToken, Refresh, RefreshError};
use crate::refresh::{RefreshRefusal, TokenPair};
use crate::{CookieLayer, KeyRing, MemoryStore, Rejection, Settings};

const HOUR: Duration = Duration::from_secs(60 * 60);

/// Mints for one audience and one issuer.
#[derive(Clone, Copy)]
struct For {
    issuer: Option<&'static str>,
    audience: Option<&'static str>,
}

impl AccessTokens for For {
    fn mint(&self, _: &Identity) -> Result<AccessToken, MintError> {
        Ok(AccessToken { text: "access".into(), expires_in: Duration::from_secs(300) })
    }

    fn audience(&self) -> Option<&str> {
        self.audience
    }

    fn issuer(&self) -> Option<&str> {
        self.issuer
    }
}

/// Engines on one store and one ring. Each differs from the first in one setting, and has its own
/// timeouts.
struct Setup {
    time: TestClock,
    log: EventLog,
    engines: Vec<Refresh>,
}

impl Setup {
    fn new() -> Self {
        let (time, log) = (TestClock::new(), EventLog::new());
        let store = MemoryStore::new(time.clock());
        let keys = KeyRing::random();
        let api = For { issuer: Some("https://id.example"), audience: Some("https://api.example") };
        let admin = For { audience: Some("https://admin.example"), ..api };
        let settings = Settings::new().clock(time.clock()).events(log.events());
        let builder =
            |tokens: For| Refresh::builder(store.clone(), &keys, tokens).settings(&settings);
        let short = |tokens| builder(tokens).idle_timeout(HOUR).absolute_timeout(HOUR);
        let engines = [
            builder(api),
            short(admin),
            builder(For { audience: None, ..api }),
            builder(For { issuer: Some("https://other.example"), ..api }),
            builder(For { issuer: None, ..api }),
            builder(api).settings(&settings.clone().issuer("https://app.example")),
            builder(api).name("mobile"),
            builder(api).name("web"),
        ];
        let engines = engines.into_iter().map(|builder| builder.build().unwrap()).collect();
        Self { time, log, engines }
    }
}

/// Returns the cookie that `set_cookie` sends to a browser.
async fn cookie(engine: &Refresh, tokens: &TokenPair) -> Result<String, Rejection> {
    use std::sync::{Arc, Mutex};
    use tower::{Layer as _, service_fn};
    let said = Arc::new(Mutex::new(Ok(())));
    let (engine, tokens, says) = (engine.clone(), tokens.clone(), said.clone());
    let handler = service_fn(move |request: http::Request<http_body_util::Full<bytes::Bytes>>| {
        *says.lock().unwrap() = engine.set_cookie(request.extensions(), &tokens);
        std::future::ready(Ok::<_, std::convert::Infallible>(http::Response::new(
            http_body_util::Full::<bytes::Bytes>::default(),
        )))
    });
    let request = post().body(Default::default()).unwrap();
    let reply = send(CookieLayer::new().layer(handler), request).await;
    let said = said.lock().unwrap().clone();
    said.map(|()| reply.cookie())
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum By {
    Body,
    Cookie,
}

async fn ask(engine: &Refresh, revoke: bool, by: By, token: &str) -> Reply {
    let endpoint = if revoke { engine.revoke_endpoint() } else { engine.endpoint() };
    let request = match by {
        By::Body => form(format!("refresh_token={token}&token={token}")),
        By::Cookie => super::client::by_cookie(token),
    };
    send(endpoint, request).await
}

#[tokio::test]
async fn rf_06_a_token_counts_at_its_own_engine_by_its_own_carrier_and_nowhere_else() {
    let setup = Setup::new();
    for (home, issuer) in setup.engines.iter().enumerate() {
        let first = issuer.begin(&alice(), None).await.unwrap();
        let used = issuer.refresh(text(&first).as_str()).await.unwrap();
        setup.time.advance(Duration::from_secs(15));
        let current = issuer.refresh(text(&used).as_str()).await.unwrap();
        setup.time.advance(Duration::from_secs(15));
        setup.log.take();
        // The current token, and used ones, whose reuse at their own engine would end the family.
        for tokens in [&current, &used, &first] {
            let in_cookie = cookie(issuer, tokens).await.unwrap();
            for (there, engine) in setup.engines.iter().enumerate() {
                for (issued, token) in [(By::Body, text(tokens)), (By::Cookie, in_cookie.clone())] {
                    for by in [By::Body, By::Cookie] {
                        if there == home && issued == by {
                            continue;
                        }
                        let reply = ask(engine, false, by, &token).await;
                        let place = format!("{home} {issued:?} at {there} {by:?}");
                        assert_eq!(reply.error(), (400, "invalid_grant".into()), "{place}");
                        // The response for every unknown token (RFC 7009, 2.2).
                        assert_eq!(ask(engine, true, by, &token).await.status, 200, "{place}");
                    }
                }
            }
        }
        let told = setup.log.take().concat();
        assert!(told.contains("reason=other_engine"), "{told}");
        assert!(!told.contains("refresh_reuse") && !told.contains("refresh_revoked"), "{told}");
        // The family is live. Its own engine exchanges and revokes it by either transport.
        let reply = ask(issuer, false, By::Body, &text(&current)).await;
        assert_eq!(reply.status, 200);
        let in_cookie = cookie(issuer, &current).await.unwrap();
        let reply = ask(issuer, false, By::Cookie, &in_cookie).await;
        assert_eq!(reply.status, 200);
        assert_eq!(ask(issuer, true, By::Cookie, &reply.cookie()).await.status, 200);
        let ended = ask(issuer, false, By::Body, &text(&current)).await;
        assert_eq!(ended.error(), (400, "invalid_grant".into()));
        assert!(setup.log.take().concat().contains("refresh_revoked"));
    }
}

#[tokio::test]
async fn rf_06_the_engine_says_forged_and_asks_no_store() {
    let fixture = Fixture::with(|builder| builder.name("one"));
    let other = fixture.node(&fixture.time);
    let tokens = other.begin(&alice(), None).await.unwrap();
    fixture.steps();
    let refused = fixture.refresh.refresh(text(&tokens).as_str()).await;
    assert!(matches!(refused, Err(RefreshError::Refused(RefreshRefusal::Forged))));
    fixture.refresh.revoke(text(&tokens).as_str()).await.unwrap();
    // Only `from_cookie` accepts a cookie's value.
    let mine = fixture.refresh.begin(&alice(), None).await.unwrap();
    fixture.steps();
    let in_cookie = fixture.as_cookie(&text(&mine));
    for wrong in [PresentedToken::new(&in_cookie), PresentedToken::from_cookie(&text(&mine))] {
        let refused = fixture.refresh.refresh(wrong).await;
        assert!(matches!(refused, Err(RefreshError::Refused(RefreshRefusal::Forged))));
        fixture.refresh.revoke(wrong).await.unwrap();
    }
    assert_eq!(fixture.steps().total(), 0);
    assert!(fixture.refresh.refresh(PresentedToken::from_cookie(&in_cookie)).await.is_ok());
}

#[tokio::test]
async fn rf_06_engines_of_equal_settings_are_one_engine_whatever_their_lifetimes() {
    let fixture = Fixture::new();
    let node = fixture.node(&fixture.time);
    let tokens = node.begin(&alice(), None).await.unwrap();
    assert_eq!(fixture.refusal(&text(&tokens)).await, None);
    assert!(cookie(&fixture.refresh, &tokens).await.is_ok());
}

#[tokio::test]
async fn another_engines_tokens_are_set_in_no_cookie() {
    let setup = Setup::new();
    let tokens = setup.engines[0].begin(&alice(), None).await.unwrap();
    for other in &setup.engines[1..] {
        let set = cookie(other, &tokens).await;
        assert!(matches!(set, Err(Rejection::Misconfigured(_))));
    }
}

#[cfg(feature = "_bearer")]
#[tokio::test]
async fn a_jwt_issuer_names_its_audience_and_itself() {
    let issuer = crate::JwtIssuer::builder("https://id.example", "https://api.example");
    let issuer = issuer.generated_key("k").build().unwrap();
    assert_eq!(AccessTokens::audience(&issuer), Some("https://api.example"));
    assert_eq!(AccessTokens::issuer(&issuer), Some("https://id.example"));
    let closure = |_: &Identity| Err::<AccessToken, _>(MintError::new("never"));
    assert_eq!((closure.audience(), closure.issuer()), (None, None));
}

/// Fixed bytes, so that the format of a token cannot change unnoticed.
const KEY: &str = "XvB2R3QlTqFh0C5s9aUuJkW1oYd7nZpM4gEwLxKi8Vc=";

#[test]
fn the_format_of_a_token_is_fixed_and_that_of_before_is_forged() {
    use crate::crypto::keys::Engine;
    use crate::refresh::token::{Mint, Read, Seed, Transport};
    use tower_auth_core::store::RecordId;
    let ring = KeyRing::parse(KEY).unwrap();
    let engine = Engine {
        issuer: "https://app.example",
        tokens_of: Some("https://id.example"),
        audience: Some("https://api.example"),
        name: None,
    };
    let mint = Mint::new(&ring, engine, "__Host-refresh");
    let token = mint.make(RecordId::new([1; 16]), &Seed::new([2; 32]), 3);
    let [body, cookie] =
        [Transport::Body, Transport::Cookie].map(|by| mint.write(&token, by).expose().clone());
    assert_eq!([body.as_str(), cookie.as_str()], GOLDEN);
    // Format 1: 82 characters, bound only to the ring.
    let old = FORMAT_1;
    for by in [Transport::Body, Transport::Cookie] {
        assert!(matches!(mint.read(old.as_bytes(), by), Read::Forged));
    }
}

/// One token per transport: body, then cookie.
const GOLDEN: [&str; 2] = [
    "AotJ5zgBAQEBAQEBAQEBAQEBAQEBAwAAAAAAAAAnRU84M1VJVQVdSO9huXL-RkDkZerfOEJ_brwV5UUZ3aqBGTkyq10T",
    "AotJ5zgBAQEBAQEBAQEBAQEBAQEBAwAAAAAAAAAnRU84M1VJVQVdSO9huXL-RkDkZerfOEI5kB3mk9Gn6bkuIwzncMTo",
];

/// A token of format 1 for the same key, family, seed and generation.
const FORMAT_1: &str =
    "ASv3BcwBAQEBAQEBAQEBAQEBAQEBAwAAAAAAAAAnRU84M1VJVQVdSO9huXL-G70sQ0lSTuoBrXn3mDR4TA";
