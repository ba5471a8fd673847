//! The session's cookie: when it is sent, accepted and removed.

use crate::Settings;
use http::header::{CACHE_CONTROL, COOKIE, VARY};
use http::{Request, StatusCode};

use super::fixture::{Fixture, NAME, request, send, who};
use crate::KeyRing;

#[tokio::test]
async fn se_11_se_12_ck_12_ck_23_the_cookie_is_strict_and_ends_with_the_browser() {
    let fixture = Fixture::new();
    let line = fixture.put(None, "a", 1).await.set_cookies().remove(0);
    let mut attributes: Vec<_> = line.split("; ").skip(1).collect();
    attributes.sort_unstable();
    assert!(line.starts_with("__Host-session="));
    assert_eq!(attributes, ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"]);
}

#[tokio::test]
async fn a_persistent_cookie_lives_as_long_as_the_absolute_timeout() {
    let fixture = Fixture::with(|builder| builder.persistent());
    let line = fixture.put(None, "a", 1).await.set_cookies().remove(0);
    assert!(line.contains("; Max-Age=86400"), "{line}");
}

#[tokio::test]
async fn se_01_handle_and_secret_are_128_random_bits_each() {
    let fixture = Fixture::new();
    let mut seen = std::collections::HashSet::new();
    for _ in 0..64 {
        let text = fixture.put(None, "a", 1).await.credential().unwrap();
        let bytes = base64::Engine::decode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, text).unwrap();
        assert_eq!(bytes.len(), 53);
        assert!(seen.insert(bytes[5..21].to_vec()) && seen.insert(bytes[21..37].to_vec()));
    }
}

#[tokio::test]
async fn se_03_d05_an_id_of_the_clients_choice_is_never_adopted() {
    let fixture = Fixture::new();
    let strange = Fixture::new();
    let foreign = KeyRing::insecure_from_seed(9);
    let elsewhere = strange.node(&foreign);
    let reply = send(&elsewhere, request(None), |session| async move {
        session.insert("a", &1)?;
        Ok(String::new())
    });
    let foreign = reply.await.credential().unwrap();
    for chosen in ["chosen", "", "A", &"A".repeat(71), &foreign] {
        let cookie = fixture.put(Some(chosen), "a", 1).await.credential().unwrap();
        assert_ne!(cookie, chosen);
        assert_eq!(fixture.read(chosen, "a").await, None);
    }
}

#[tokio::test]
async fn se_16_a_forged_credential_never_reaches_the_store() {
    let fixture = Fixture::new();
    let cookie = fixture.login(None, "alice").await;
    fixture.store.reset_steps();
    for at in 0..cookie.len() {
        let mut forged = cookie.clone().into_bytes();
        forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
        let forged = String::from_utf8(forged).unwrap();
        assert_eq!(fixture.who(&forged).await, "anonymous");
    }
    assert_eq!(fixture.store.steps().total(), 0);
}

#[tokio::test]
async fn se_15_the_id_travels_in_the_cookie_alone() {
    let fixture = Fixture::new();
    let cookie = fixture.login(None, "alice").await;
    let request = Request::builder()
        .uri(format!("/;{NAME}={cookie}?{NAME}={cookie}"))
        .header("authorization", format!("Session {cookie}"))
        .header("x-session", cookie)
        .body(())
        .unwrap();
    assert_eq!(send(&fixture.layer, request, who).await.body, "anonymous");
}

#[tokio::test]
async fn ck_07_d02_of_two_different_credentials_none_is_believed() {
    let fixture = Fixture::new();
    let cookie = fixture.login(None, "alice").await;
    let mallory = fixture.login(None, "mallory").await;
    fixture.store.reset_steps();
    for pair in [(&cookie, &mallory), (&mallory, &cookie)] {
        let line = format!("{NAME}={}; {NAME}={}", pair.0, pair.1);
        let request = Request::builder().header(COOKIE, line).body(()).unwrap();
        let reply = send(&fixture.layer, request, who).await;
        assert_eq!(reply.body, "anonymous");
        assert!(reply.set_cookies().is_empty());
    }
    // Over two header lines as well.
    let two = Request::builder()
        .header(COOKIE, format!("{NAME}={mallory}"))
        .header(COOKIE, format!("{NAME}={cookie}"));
    assert_eq!(send(&fixture.layer, two.body(()).unwrap(), who).await.body, "anonymous");
    assert_eq!(fixture.store.steps().total(), 0);
}

#[tokio::test]
async fn d01_ck_09_a_name_that_decodes_or_trims_to_ours_is_another() {
    let fixture = Fixture::new();
    let cookie = fixture.login(None, "alice").await;
    for name in ["%5F%5FHost-session", "\u{2000}__Host-session", "__host-session", "__Host-Session"]
    {
        let line = http::HeaderValue::from_bytes(format!("{name}={cookie}").as_bytes()).unwrap();
        let request = Request::builder().header(COOKIE, line).body(()).unwrap();
        assert_eq!(send(&fixture.layer, request, who).await.body, "anonymous", "{name}");
    }
}

#[tokio::test]
async fn ck_18_the_removal_is_one_that_the_browser_will_follow() {
    let fixture = Fixture::new();
    let dead = fixture.dead().await;
    let reply = fixture.send(Some(&dead), who).await;
    let line = reply.set_cookies().remove(0);
    for part in ["__Host-session=;", "Path=/", "Secure", "Max-Age=0", "Expires="] {
        assert!(line.contains(part), "{line}");
    }
    assert!(!line.contains("Domain"));
}

#[tokio::test]
async fn a_stale_cookie_is_removed_on_navigation_and_not_by_a_background_request() {
    let fixture = Fixture::new();
    let dead = fixture.dead().await;
    let navigation = [
        ("sec-fetch-site", "none"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "document"),
    ];
    let fetch = [
        ("sec-fetch-site", "same-origin"),
        ("sec-fetch-mode", "cors"),
        ("sec-fetch-dest", "empty"),
    ];
    let frame = [
        ("sec-fetch-site", "same-origin"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "iframe"),
    ];
    // One of the headers is enough to identify a browser.
    let mode = [("sec-fetch-mode", "cors")];
    let site = [("sec-fetch-site", "same-origin")];
    for (headers, removed) in [
        (&navigation[..], true),
        (&fetch, false),
        (&frame, false),
        (&mode, false),
        (&site, false),
        (&[], true),
    ] {
        let mut request = request(Some(&dead));
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        assert_eq!(send(&fixture.layer, request, who).await.removes(), removed);
    }
}

#[tokio::test]
async fn se_13_a_response_with_a_credential_is_not_stored_and_every_one_varies() {
    let fixture = Fixture::new();
    let reply = fixture.put(None, "a", 1).await;
    assert_eq!(reply.headers[CACHE_CONTROL], "no-store");
    assert_eq!(reply.headers[VARY], "Cookie");
    let reply = fixture.send(None, who).await;
    assert_eq!(reply.headers[VARY], "Cookie");
    assert!(
        !reply.headers.contains_key(CACHE_CONTROL),
        "an anonymous visitor's response is no secret"
    );
}

#[tokio::test]
async fn xx_03_an_old_keys_credential_is_good_and_is_renewed_with_the_next_new_secret() {
    let fixture = Fixture::new();
    let cookie = fixture.login(None, "alice").await;
    let rotated = fixture.node(&KeyRing::insecure_from_seeds([8, 7]));
    // Neither a read nor a write sends the cookie again: it could arrive after the cookie of a
    // login in another tab, and replace the new secret with the old one.
    let reply = send(&rotated, request(Some(&cookie)), who).await;
    assert_eq!((reply.body.as_str(), reply.set_cookies().len()), ("alice", 0));
    let reply = send(&rotated, request(Some(&cookie)), |session| async move {
        session.insert("a", &1)?;
        Ok(String::new())
    });
    assert_eq!(reply.await.set_cookies().len(), 0);
    let newest = fixture.node(&KeyRing::insecure_from_seed(8));
    assert_eq!(send(&newest, request(Some(&cookie)), who).await.body, "anonymous");
    let reply = send(&rotated, request(Some(&cookie)), |session| async move {
        session.update_identity(crate::Identity::local("alice").build())?;
        Ok(String::new())
    });
    let renewed = reply.await.credential().unwrap();
    assert_eq!(send(&newest, request(Some(&renewed)), who).await.body, "alice");
    assert_eq!(fixture.read(&renewed, "a").await, None, "the ring without the new key");
}

#[tokio::test]
async fn se_21_the_store_holds_no_secret() {
    use tower_auth_core::store::{Key, Load, RecordKind, Store as _};
    let fixture = Fixture::new();
    let text = fixture.login(None, "alice").await;
    let bytes = base64::Engine::decode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, text).unwrap();
    let id = tower_auth_core::store::RecordId::new(bytes[5..21].try_into().unwrap());
    let Ok(Load::Found(stored)) = fixture.store.load(&Key::new(RecordKind::Session, id)).await
    else {
        panic!("the store has the record");
    };
    let at_rest = stored.to_bytes();
    let holds = |part: &[u8]| at_rest.windows(part.len()).any(|window| window == part);
    assert!(!holds(&bytes[21..37]), "the secret");
    assert!(!holds(&bytes[37..53]), "the MAC");
    assert!(holds(b"alice"));
}

#[tokio::test]
async fn a_401_carries_the_sessions_challenge_once() {
    let fixture = Fixture::with(|builder| builder.realm("shop"));
    let refused = |session: crate::Session| async move {
        let _ = session;
        Err(crate::session::SessionError::Ended(None))
    };
    let reply = fixture.send(None, refused).await;
    assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
    let challenges: Vec<_> = reply.headers.get_all("www-authenticate").iter().collect();
    assert_eq!(challenges, ["Session realm=\"shop\""]);
    // The challenge is added beside one of another scheme, and not beside one of its own.
    for (there, expected) in [
        ("Bearer", &["Bearer", "Session realm=\"shop\""][..]),
        ("session realm=\"inner\"", &["session realm=\"inner\""]),
    ] {
        let inner = tower::service_fn(async |_: Request<()>| {
            let response = http::Response::builder().status(401).header("www-authenticate", there);
            response.body(String::new())
        });
        let service = tower_layer::Layer::layer(&fixture.layer, inner);
        let response = tower::ServiceExt::oneshot(service, request(None)).await.unwrap();
        let lines: Vec<_> = response.headers().get_all("www-authenticate").iter().collect();
        assert_eq!(lines, expected);
    }
}

#[cfg(feature = "csrf")]
#[tokio::test]
async fn cs_10_a_login_takes_the_pre_session_cookie_also_without_a_csrf_layer_outside() {
    let fixture = Fixture::new();
    let own = crate::csrf::PreSession::new(&fixture.keys, false).make().1;
    for (value, removes) in [(own.value(), true), ("whatever", false)] {
        let line = format!("__Host-csrf={value}");
        let request = Request::builder().header(COOKIE, line).body(()).unwrap();
        let reply = send(&fixture.layer, request, |session| async move {
            session.login(crate::Identity::local("alice").build())?;
            Ok(String::new())
        })
        .await;
        let gone = |line: &String| line.starts_with("__Host-csrf=;") && line.contains("Max-Age=0");
        assert_eq!(reply.set_cookies().iter().any(gone), removes, "{:?}", reply.set_cookies());
    }
}

#[tokio::test]
async fn a_partitioned_cookie_is_sent_to_frames_on_other_sites() {
    use cookie::SameSite;
    let fixture = Fixture::with(|builder| builder.partitioned());
    let line = fixture.put(None, "a", 1).await.set_cookies().remove(0);
    for attribute in ["; Partitioned", "; Secure", "; SameSite=None", "; HttpOnly", "; Path=/"] {
        assert!(line.contains(attribute), "{line}");
    }
    // The removal repeats the attribute, or the browser keeps the cookie.
    let cookie = fixture.login(None, "alice").await;
    let reply = fixture.send(Some(&cookie), |session| async move {
        session.logout().await?;
        Ok(String::new())
    });
    let line = reply.await.set_cookies().remove(0);
    assert!(line.starts_with("__Host-session=;") && line.contains("; Partitioned"), "{line}");
    let fixture = Fixture::with(|builder| builder.partitioned().same_site(SameSite::Strict));
    let line = fixture.put(None, "a", 1).await.set_cookies().remove(0);
    assert!(line.contains("; SameSite=Strict") && line.contains("; Partitioned"), "{line}");
}

#[test]
fn the_default_names_are_those_of_the_constants() {
    use crate::session::{DEFAULT_COOKIE, DEFAULT_COOKIE_INSECURE, DEFAULT_COOKIE_SHARED};
    use crate::{Clock, MemoryStore, SessionLayer};
    let name = |settings: fn(
        crate::session::SessionLayerBuilder,
    ) -> crate::session::SessionLayerBuilder| {
        let store = MemoryStore::new(Clock::system());
        let layer = settings(SessionLayer::builder(store, &KeyRing::random())).build().unwrap();
        layer.config().transport.name().to_owned()
    };
    assert_eq!(name(|it| it), DEFAULT_COOKIE);
    assert_eq!(name(|it| it.cookie_domain("app.example")), DEFAULT_COOKIE_SHARED);
    assert_eq!(name(|it| it.cookie_path("/app")), DEFAULT_COOKIE_SHARED);
    assert_eq!(
        name(|it| it.settings(&Settings::new().insecure_allow_plain_http())),
        DEFAULT_COOKIE_INSECURE
    );
}
