//! Debug output without secrets, and answers that reveal nothing to a stranger.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as URL_SAFE_NO_PAD;
use tower_auth::csrf::TokenError;
use tower_auth::session::SessionError;
use tower_auth::{
    Cookies, CsrfToken, Identity, Rejection, RequireLayer, Session, SessionLayer, Settings,
};
use tower_auth_core::store::Load;

use crate::attacks::{EVIL, logged_in, session, value};
use crate::fixture::{Act, Fixture, finish};
use crate::site::Site;

/// Returns every string that a type prints.
fn shown<T: std::fmt::Debug>(it: &T) -> String {
    format!("{it:?} {it:#?}")
}

#[tokio::test]
async fn d08_nothing_that_prints_shows_a_secret() {
    let site = Site::new();
    let alice = logged_in(&site, "alice-the-subject").await;
    let token = alice.get("/token").await.text();
    let credential = value(&alice, "__Host-session");
    let secrets = [credential.as_str(), &credential[30..50], &token[10..], "alice-the-subject"];
    let clean = |what: &str, text: &str| {
        for secret in secrets {
            assert!(!text.contains(secret), "{what} shows a secret: {text}");
        }
    };
    // Handles, which a handler might log with its request.
    let keys = tower_auth::KeyRing::insecure_from_seed(7);
    let store = site.store.clone();
    let layer = SessionLayer::builder(store, &keys)
        .settings(&Settings::new().clock(site.time.clock()))
        .build()
        .unwrap();
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let put = seen.clone();
    let app = tower::ServiceBuilder::new()
        .layer(tower_auth::CookieLayer::builder().keys(&keys).build().unwrap())
        .layer(tower_auth::CsrfLayer::new(&keys))
        .layer(layer)
        .service_fn(move |request: http::Request<()>| {
            let session = Session::of(request.extensions()).unwrap();
            session.login(Identity::local("alice-the-subject").build()).unwrap();
            let cookies = Cookies::of(request.extensions()).unwrap();
            let identity = session.identity().unwrap().unwrap();
            assert!(CsrfToken::of(request.extensions()).unwrap().issue().is_ok());
            let mut seen = put.lock().unwrap();
            seen.push(shown(&cookies));
            seen.push(shown(&identity));
            seen.push(shown(&session.id()));
            seen.push(shown(&session));
            seen.push(shown(&CsrfToken::of(request.extensions()).unwrap()));
            // D8: a log of all extensions contains type names at most.
            seen.push(shown(request.extensions()));
            async { Ok::<_, std::convert::Infallible>(http::Response::new(String::new())) }
        });
    let request = crate::fixture::Fixture::request(Some(&credential));
    let response = tower::ServiceExt::oneshot(app, request).await.unwrap();
    for text in seen.lock().unwrap().iter() {
        clean("an id", text);
        assert!(!text.contains("0123456789abcdef"), "a key: {text}");
    }
    // A response's credential is marked as sensitive, so that loggers can omit it.
    for line in response.headers().get_all("set-cookie") {
        assert!(line.is_sensitive() && format!("{line:?}") == "Sensitive");
    }
    clean("the response's headers", &shown(response.headers()));
    clean("a guard", &shown(&RequireLayer::new()));
    // Errors: the text is constant, and independent of the user.
    for error in [
        SessionError::Unavailable,
        SessionError::Rotated,
        SessionError::Ended(None),
        SessionError::Busy,
        SessionError::TooLarge,
        SessionError::ResponseSent,
    ] {
        clean("an error", &format!("{error} {}", shown(&error)));
        let rejection = Rejection::from(error);
        clean("a rejection", &format!("{rejection} {}", shown(&rejection)));
    }
    clean(
        "an error",
        &format!("{} {}", TokenError::ResponseSent, shown(&TokenError::ResponseSent)),
    );
    let refused = alice.post("/transfer").cross_site(EVIL).await;
    clean(
        "a refusal",
        &format!("{:?} {:?} {}", refused.rejection(), refused.headers(), refused.text()),
    );
}

/// `unwrap_err` and `assert!(…, "{result:?}")` compile for results with secrets, and print no
/// secret.
#[tokio::test]
async fn d08_debug_of_what_results_hold_shows_no_secret() {
    use tower_auth::bearer::{Algorithm, Key};
    use tower_auth::keys::KeyRingError;
    use tower_auth::refresh::{AccessToken, MintError, RefreshError, TokenPair};
    use tower_auth::{Clock, KeyRing, MemoryStore, Refresh};

    let text = KeyRing::generate_key();
    let ring = KeyRing::parse(text.expose());
    let shown_ring = format!("{ring:?}");
    assert!(shown_ring.contains("keys: 1") && !shown_ring.contains(&text.expose()[..8]));
    let weak: Result<KeyRing, KeyRingError> = KeyRing::new([[0; 32]]);
    assert!(weak.unwrap_err().to_string().contains("not random"));

    let mint = |_: &Identity| -> Result<AccessToken, MintError> {
        let expires_in = std::time::Duration::from_secs(300);
        Ok(AccessToken { text: "SECRET-ACCESS-TOKEN".into(), expires_in })
    };
    let store = MemoryStore::new(Clock::system());
    let refresh = Refresh::builder(store, &ring.unwrap(), mint).build().unwrap();
    let alice = Identity::local("alice-the-subject").build();
    let tokens: Result<TokenPair, RefreshError> = refresh.begin(&alice, None).await;
    let shown_tokens = format!("{tokens:?} {:?}", tokens.as_ref().unwrap().access());
    let secret = tokens.unwrap().refresh().expose().clone();
    for hidden in ["SECRET", "alice", &secret[10..30], &secret[40..60]] {
        assert!(!shown_tokens.contains(hidden), "{shown_tokens}");
    }
    let unknown: Result<TokenPair, RefreshError> = refresh.refresh("SECRET-REFRESH-TOKEN").await;
    assert!(!format!("{:?}", unknown.unwrap_err()).contains("SECRET"));
    let presented = tower_auth::refresh::PresentedToken::new("SECRET-REFRESH-TOKEN");
    assert!(!format!("{presented:?}").contains("SECRET"));

    let key = Key::from_secret(Algorithm::HS256, *b"SECRET-0123456789abcdefghijklmno").kid("2026");
    let shown_key = format!("{key:?}");
    assert!(shown_key.contains("2026") && !shown_key.contains("SECRET"));
    assert!(!shown_key.contains("83, 69"), "the bytes as numbers: {shown_key}");
    let principal = tower_auth::Principal::local("alice-the-subject");
    assert!(!format!("{principal:?}").contains("alice"));
}

#[test]
fn se_21_of_a_leaked_store_no_credential_can_be_made() {
    let fixture = Fixture::new();
    let acts = [Act::Login("alice"), Act::Count];
    let cookie = finish(fixture.send(None, &acts)).credential().unwrap();
    let Load::Found(stored) = fixture.record(fixture.id(&cookie)) else { panic!("a live session") };
    let bytes = stored.to_bytes();
    let credential = URL_SAFE_NO_PAD.decode(&cookie).unwrap();
    // Format, key id, id, secret, MAC. The id locates the record, and is no secret.
    let (secret, mac) = (&credential[21..37], &credential[37..]);
    for (what, part) in [("the secret", secret), ("the MAC", mac), ("the text", cookie.as_bytes())]
    {
        assert!(!bytes.windows(part.len()).any(|window| window == part), "{what} is in the record");
    }
}

#[tokio::test]
async fn xx_09_one_answer_whatever_was_wrong_with_the_credential() {
    let site = Site::new();
    let alice = logged_in(&site, "alice").await;
    let live = value(&alice, "__Host-session");
    let gone = logged_in(&site, "bob").await;
    let ended = value(&gone, "__Host-session");
    gone.post("/logout").await;
    let stepped = logged_in(&site, "carol").await;
    let renewed = value(&stepped, "__Host-session");
    stepped.post("/login?carol").await;
    let mut forged = live.clone();
    forged.replace_range(60..61, if &live[60..61] == "A" { "B" } else { "A" });

    let ask = async |credential: &str| {
        let reply = alice.get("/").header("cookie", session(credential)).fetch().await;
        let mut names: Vec<_> = reply.headers().keys().map(|it| it.as_str().to_owned()).collect();
        names.sort();
        (reply.status(), reply.text(), names)
    };
    let expected = ask("").await;
    assert_eq!(expected.1, "anonymous moved 0");
    for credential in [&*ended, &renewed, &forged, "x"] {
        assert_eq!(ask(credential).await, expected, "{credential}");
    }
}
