use crate::Settings;
use cookie::Cookie;
use http::Response;
use http::header::{CACHE_CONTROL, SET_COOKIE, VARY};
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_auth_core::rejection::CsrfFault::BadToken;

use super::{block_on, issue, layer, page, post, request, session, session_of, submit, verdict};
use crate::KeyRing;
use crate::crypto::frame::Sealer;
use crate::crypto::keys::Purpose;
use crate::csrf::{CsrfLayer, CsrfLayerBuilder, CsrfToken, forget_pre_session};
use crate::jar::removal;
use crate::request::Context;

fn tokens() -> CsrfLayer {
    layer(CsrfLayerBuilder::require_token)
}

fn cookie(pair: &str) -> Cookie<'static> {
    let (name, value) = pair.split_once('=').unwrap();
    Cookie::build((name.to_owned(), value.to_owned())).path("/").secure(true).build()
}

fn forget(context: &Context) {
    forget_pre_session(context, &context.csrf().unwrap().pre_session);
}

/// Writes and removes the cookies that the session layer's login does.
fn log_in(context: &Context, pair: &str) {
    context.jar.write_credential(cookie(pair)).unwrap();
    forget(context);
}

#[test]
fn cs_10_a_login_ends_every_token_from_before() {
    let layer = tokens();
    let (before, pre_session) = issue(&layer, &[]);
    let pre_session = pre_session.unwrap();
    assert_eq!(submit(&layer, &[&pre_session], &before), Ok(()));

    let (after, headers) = page(&layer, &[&pre_session], |context, token: CsrfToken| {
        log_in(context, &session(1));
        token.issue().unwrap()
    });
    let lines: Vec<_> = headers.get_all(SET_COOKIE).iter().map(|it| it.to_str().unwrap()).collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines.iter().any(|it| it.starts_with("__Host-csrf=; ") && it.contains("Max-Age=0")));
    assert!(lines.iter().all(|it| it.contains("Secure") && it.contains("Path=/")));
    // The browser now holds only the session.
    assert_eq!(submit(&layer, &[&session(1)], &after), Ok(()));
    assert_eq!(submit(&layer, &[&session(1)], &before), Err(BadToken));
    // A rotation of the session also invalidates the token.
    assert_eq!(submit(&layer, &[&session(2)], &after), Err(BadToken));
}

#[test]
fn cs_10_a_token_issued_before_the_login_in_the_same_response_does_not_survive_it() {
    let layer = tokens();
    let ((before, after), headers) = page(&layer, &[], |context, token| {
        let before = token.issue().unwrap();
        log_in(context, &session(1));
        (before, token.issue().unwrap())
    });
    assert_eq!(headers.get_all(SET_COOKIE).iter().count(), 2, "one line for each name");
    assert_eq!(submit(&layer, &[&session(1)], &after), Ok(()));
    assert_eq!(submit(&layer, &[&session(1)], &before), Err(BadToken));
}

#[test]
fn forgetting_asks_nothing_of_a_client_that_has_none() {
    let (_, headers) = page(&tokens(), &[&session(1)], |context, _| forget(context));
    assert!(!headers.contains_key(SET_COOKIE));
    // The same applies if another application created the cookie.
    for cookies in [&["__Host-csrf=x"][..], &["__Host-csrf=x; __Host-csrf=y"]] {
        let (_, headers) = page(&tokens(), cookies, |context, _| forget(context));
        assert!(!headers.contains_key(SET_COOKIE));
    }
    // The application's own cookie is removed, also next to a planted one.
    let own = issue(&tokens(), &[]).1.unwrap();
    for cookies in [&[&*own][..], &[&own, &own], &["__Host-csrf=x", &own]] {
        let (_, headers) = page(&tokens(), cookies, |context, _| forget(context));
        assert!(headers.contains_key(SET_COOKIE));
    }
}

#[test]
fn cs_10_after_a_logout_tokens_bind_to_a_new_pre_session() {
    let layer = tokens();
    // This library's layers remove the cookie with an empty value. An application may remove it
    // with a value, which browsers discard.
    let session = session(1);
    let mut with_value = cookie(&session);
    with_value.set_max_age(::cookie::time::Duration::ZERO);
    for gone in [removal(cookie(&session)), with_value] {
        let (token, headers) = page(&layer, &[&session], |context, token: CsrfToken| {
            context.jar.write_credential(gone).unwrap();
            token.issue().unwrap()
        });
        let lines = headers.get_all(SET_COOKIE).iter().map(|it| it.to_str().unwrap());
        let line = lines.into_iter().find(|it| it.starts_with("__Host-csrf=")).unwrap();
        let pre_session = line.split(';').next().unwrap();
        assert_eq!(submit(&layer, &[pre_session], &token), Ok(()));
        assert_eq!(submit(&layer, &[&session], &token), Err(BadToken));
    }
}

#[test]
fn cs_13_a_login_form_is_covered_without_a_session() {
    let layer = tokens();
    let (token, cookie) = issue(&layer, &[]);
    let cookie = cookie.unwrap();
    assert_eq!(submit(&layer, &[&cookie], &token), Ok(()));
    assert_eq!(submit(&layer, &[], &token), Err(BadToken), "the token alone is not enough");
    let (others, _) = issue(&layer, &[]);
    assert_eq!(submit(&layer, &[&cookie], &others), Err(BadToken), "another client's");
    // The headers alone refuse a request too. A refusal needs neither a token setting nor a
    // credential.
    let forged = post(&[("sec-fetch-site", "cross-site")]);
    assert!(verdict(&super::layer(|it| it), forged).is_err());
}

#[test]
fn cs_15_the_pre_session_cookie_is_set_only_when_a_token_is_asked_for() {
    let layer = tokens();
    let ((), headers) = page(&layer, &[], |_, _| ());
    assert!(headers.is_empty(), "{headers:?}");
    let (_, headers) = page(&layer, &[], |_, token| token.issue().unwrap());
    let line = headers[SET_COOKIE].to_str().unwrap();
    let (pair, attributes) = line.split_once("; ").unwrap();
    assert!(pair.starts_with("__Host-csrf=") && pair.len() == "__Host-csrf=".len() + 71);
    let mut attributes: Vec<_> = attributes.split("; ").collect();
    attributes.sort_unstable();
    assert_eq!(attributes, ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"]);
    // Two tokens of one response share the cookie.
    let (both, headers) = page(&layer, &[], |_, it| [it.issue().unwrap(), it.issue().unwrap()]);
    let cookie = headers[SET_COOKIE].to_str().unwrap().split(';').next().unwrap();
    assert!(both.iter().all(|token| submit(&layer, &[cookie], token).is_ok()));
}

#[test]
fn d12_secure_is_off_only_by_the_loud_name() {
    let plain =
        layer(|it| it.settings(&Settings::new().insecure_allow_plain_http()).require_token());
    let (token, headers) = page(&plain, &[], |_, token| token.issue().unwrap());
    let line = headers[SET_COOKIE].to_str().unwrap();
    assert!(line.starts_with("csrf=") && !line.contains("Secure") && line.contains("HttpOnly"));
    let cookie = line.split(';').next().unwrap();
    assert_eq!(submit(&plain, &[cookie], &token), Ok(()));
    // Under another name the same value is a forgery, because the MAC covers the name.
    assert!(issue(&tokens(), &[&format!("__Host-{cookie}")]).1.is_some());
}

#[test]
fn cs_16_a_response_with_a_token_is_not_to_be_stored() {
    let (_, headers) = page(&tokens(), &[&session(1)], |_, token| token.issue().unwrap());
    assert_eq!(headers[CACHE_CONTROL], "no-store");
    assert_eq!(headers[VARY], "Cookie");
    let ((), headers) = page(&tokens(), &[&session(1)], |_, _| ());
    assert!(headers.is_empty());
}

#[test]
fn xx_03_a_token_stays_good_when_the_ring_rotates() {
    let (old, new) = (KeyRing::insecure_from_seed(1), KeyRing::insecure_from_seeds([2, 1]));
    let layer = |ring| CsrfLayer::builder(ring).require_token().build().unwrap();
    let cookie = |ring, secret| session_of(ring, "__Host-session", secret);
    let (token, _) = issue(&layer(&old), &[&cookie(&old, 1)]);
    // The key id and the MAC of the cookie change, but the session's secret does not.
    for (ring, verdict) in [(&old, Ok(())), (&new, Ok(()))] {
        assert_eq!(submit(&layer(&new), &[&cookie(ring, 1)], &token), verdict);
        assert_eq!(submit(&layer(&new), &[&cookie(ring, 2)], &token), Err(BadToken));
    }
    // The kinds are separate: the secret's bytes as a whole value are another binding.
    let bound = CsrfLayer::builder(&old).require_token().bind_to("__Host-session").build().unwrap();
    let raw = format!("__Host-session={}", "A".repeat(16));
    let (of_raw, _) = issue(&bound, &[&raw]);
    assert_eq!(submit(&bound, &[&cookie(&old, b'A')], &of_raw), Err(BadToken));
}

#[test]
fn bind_to_names_the_cookie() {
    let layer = layer(|it| it.require_token().bind_to("sid"));
    assert_eq!(layer.config().bound_to(), "sid");
    let (token, set) = issue(&layer, &["sid=one"]);
    assert!(set.is_none());
    assert_eq!(submit(&layer, &["sid=one"], &token), Ok(()));
    assert_eq!(submit(&layer, &["sid=two"], &token), Err(BadToken));
    assert!(issue(&layer, &[&session(1)]).1.is_some(), "another name binds nothing");
    assert_eq!(tokens().config().bound_to(), "__Host-session");
    let plain = super::layer(|it| it.settings(&Settings::new().insecure_allow_plain_http()));
    assert_eq!(plain.config().bound_to(), "session");
}

#[test]
fn cs_15_who_begins_second_is_given_the_first_ones_cookie() {
    let jar = crate::jar::Jar::new(&mut http::HeaderMap::new());
    let named = |value| cookie(&format!("__Host-session={value}"));
    let once = |value| jar.write_credential_once(named(value)).unwrap();
    assert!(once("first").is_none());
    assert_eq!(once("second").unwrap().value(), "first");
    assert_eq!(jar.written("__Host-session").unwrap().value(), "first");
    // A cookie that the response removes binds nothing.
    jar.write_credential(crate::jar::removal(named(""))).unwrap();
    assert!(once("third").is_none());
    assert_eq!(jar.written("__Host-session").unwrap().value(), "third");
}

#[test]
fn cs_15_tasks_of_one_request_share_one_cookie() {
    let layer = tokens();
    for _ in 0..32 {
        let (issued, headers) = page(&layer, &[], |_, token| {
            std::thread::scope(|scope| {
                let issue = || token.clone().issue().unwrap();
                let tasks = [scope.spawn(issue), scope.spawn(issue), scope.spawn(issue)];
                tasks.map(|task| task.join().unwrap())
            })
        });
        let cookie = headers[SET_COOKIE].to_str().unwrap().split(';').next().unwrap();
        assert!(issued.iter().all(|token| submit(&layer, &[cookie], token).is_ok()));
    }
}

#[test]
fn cs_10_a_pre_sessions_token_is_none_of_a_session_with_the_same_bytes() {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let layer = tokens();
    let (token, pre_session) = issue(&layer, &[]);
    let pre_session = pre_session.unwrap();
    let value = pre_session.strip_prefix("__Host-csrf=").unwrap();
    let mut payload = [0; 32];
    payload[16..].copy_from_slice(&URL_SAFE_NO_PAD.decode(value).unwrap()[5..21]);
    let sealer = Sealer::new(&super::ring(), Purpose::Session.in_cookie("__Host-session"));
    let session = format!("__Host-session={}", sealer.seal(&payload));
    assert_eq!(submit(&layer, &[&session], &token), Err(BadToken));
    assert_eq!(submit(&layer, &[&pre_session], &token), Ok(()));
}

#[test]
fn the_pre_session_cookie_may_be_named_and_partitioned() {
    let layer = layer(|it| it.require_token().pre_session_cookie("__Host-shop-csrf").partitioned());
    let (token, headers) = page(&layer, &[], |_, token| token.issue().unwrap());
    let line = headers[SET_COOKIE].to_str().unwrap();
    assert!(line.starts_with("__Host-shop-csrf="), "{line}");
    for attribute in ["; Partitioned", "; Secure", "; SameSite=None", "; Path=/", "; HttpOnly"] {
        assert!(line.contains(attribute), "{line}");
    }
    let pre_session = line.split(';').next().unwrap();
    assert_eq!(submit(&layer, &[pre_session], &token), Ok(()));
    // The removal has the same attributes, because browsers otherwise keep the cookie.
    let (_, headers) = page(&layer, &[pre_session], |context, _| forget(context));
    let line = headers[SET_COOKIE].to_str().unwrap();
    assert!(line.starts_with("__Host-shop-csrf=;") && line.contains("; Partitioned"), "{line}");
    // A value under another name belongs to another application.
    let renamed = pre_session.replace("-shop", "");
    assert_eq!(submit(&tokens(), &[&renamed], &token), Err(BadToken));
}

#[test]
fn d46_a_conflict_of_pre_session_cookies_is_healed_on_navigation_and_by_a_login() {
    let layer =
        layer(|it| it.require_token().settings(&Settings::new().insecure_allow_plain_http()));
    let [one, other] = [(); 2].map(|()| issue(&layer, &[]).1.unwrap());
    let removals = |cookies: &str, mode: &str, login: bool| {
        let service = layer.layer(service_fn(|request: http::Request<()>| {
            if login {
                forget(&Context::of(request.extensions()).unwrap());
            }
            std::future::ready(Ok::<_, std::convert::Infallible>(Response::new(())))
        }));
        let headers = [
            ("cookie", cookies),
            ("host", "www.app.example"),
            ("sec-fetch-site", "same-origin"),
            ("sec-fetch-mode", mode),
            ("sec-fetch-dest", "document"),
        ];
        let response = block_on(service.oneshot(request("GET", "/", &headers))).unwrap();
        let lines = response.headers().get_all(SET_COOKIE).iter();
        lines.map(|line| line.to_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let both = format!("{one}; {other}");
    assert!(removals(&both, "cors", false).is_empty());
    let healed = removals(&both, "navigate", false);
    assert_eq!(healed.len(), 2, "{healed:?}");
    assert!(healed.iter().all(|line| line.contains("; Domain=")), "the configured scope is kept");
    let login = removals(&both, "cors", true);
    assert_eq!(login.iter().filter(|line| line.starts_with("csrf=;")).count(), 3, "{login:?}");
    // Only a conflict is resolved, and not next to a foreign value.
    for cookies in [format!("{one}; {one}"), format!("{one}; csrf=x"), one.clone()] {
        assert!(removals(&cookies, "navigate", false).is_empty(), "{cookies}");
    }
    assert!(removals(&format!("{both}; csrf=x"), "navigate", false).is_empty());
    // A single cookie may be in the scope that an earlier configuration used: a login removes it
    // from every scope.
    let login = removals(&one, "cors", true);
    for scope in ["Domain=www.app.example", "Domain=app.example"] {
        assert!(login.iter().any(|line| line.contains(scope)), "{login:?}");
    }
    assert_eq!(removals(&format!("{one}; csrf=x"), "cors", true).len(), 1);
}

/// The proxy replaces `Host` and does not pass on the original.
#[test]
fn d46_the_public_origin_names_a_host_that_cookies_are_removed_from() {
    let layer = layer(|it| {
        it.require_token()
            .settings(&Settings::new().insecure_allow_plain_http())
            .public_origin("https://www.app.example")
    });
    let own = issue(&layer, &[]).1.unwrap();
    let service = layer.layer(service_fn(|request: http::Request<()>| {
        forget(&Context::of(request.extensions()).unwrap());
        std::future::ready(Ok::<_, std::convert::Infallible>(Response::new(())))
    }));
    let headers = [("cookie", &*own), ("host", "backend:8080")];
    let response = block_on(service.oneshot(request("GET", "/", &headers))).unwrap();
    let lines = response.headers().get_all(SET_COOKIE).iter();
    let lines: Vec<_> = lines.map(|line| line.to_str().unwrap()).collect();
    for scope in ["Domain=www.app.example", "Domain=app.example"] {
        assert!(lines.iter().any(|line| line.contains(scope)), "{lines:?}");
    }
}
