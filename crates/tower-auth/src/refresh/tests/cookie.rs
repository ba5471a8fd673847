//! Tokens in cookies.

use std::time::Duration;

use http::header::{CACHE_CONTROL, COOKIE};
use http::{HeaderValue, StatusCode};

use super::client::{by_cookie, form, json, post, send};
use super::fixture::{Fixture, NAME, text};

fn invalid(code: &str) -> (u16, String) {
    (400, code.into())
}

#[tokio::test]
async fn rf_16_a_token_that_came_by_cookie_goes_by_cookie_and_no_script_reads_it() {
    let fixture = Fixture::new();
    let first = fixture.login().await;
    let reply = send(fixture.refresh.endpoint(), by_cookie(&fixture.as_cookie(&first))).await;
    assert_eq!(reply.status, StatusCode::OK);
    let document = reply.json();
    assert!(document.get("refresh_token").is_none());
    assert!(document["access_token"].as_str().unwrap().starts_with("alice@"));
    assert_eq!((&document["token_type"], &document["expires_in"]), (&"Bearer".into(), &300.into()));

    let [line] = &reply.set_cookies()[..] else { panic!() };
    let mut attributes: Vec<_> = line.split("; ").skip(1).collect();
    attributes.sort_unstable();
    let whole = 90 * 24 * 60 * 60;
    let age = format!("Max-Age={whole}");
    assert_eq!(attributes, ["HttpOnly", &age, "Path=/", "SameSite=Strict", "Secure"]);
    assert_eq!(reply.headers[CACHE_CONTROL], "no-store");
    assert!(!reply.body.contains(&reply.cookie()));
    // The cookie holds the successor.
    let next = fixture.next(&first).await.unwrap();
    assert_eq!(fixture.as_cookie(&next), reply.cookie());
}

#[tokio::test]
async fn rf_09_the_cookie_lives_as_long_as_its_family_and_never_beyond_what_browsers_keep() {
    let age = async |days: u64, after: Duration| {
        let all = Duration::from_secs(days * 24 * 60 * 60);
        let fixture = Fixture::with(|builder| builder.absolute_timeout(all).idle_timeout(all));
        let first = fixture.login().await;
        fixture.time.advance(after);
        let reply = send(fixture.refresh.endpoint(), by_cookie(&fixture.as_cookie(&first))).await;
        let line = reply.set_cookies().remove(0);
        let age = line.split("; ").find_map(|it| it.strip_prefix("Max-Age=")).unwrap();
        age.parse::<u64>().unwrap()
    };
    let day = 24 * 60 * 60;
    assert_eq!(age(30, Duration::from_secs(10 * day)).await, 20 * day);
    assert_eq!(age(1000, Duration::ZERO).await, 400 * day);
    // Never zero, which would remove the cookie.
    assert_eq!(age(1, Duration::from_millis(day * 1000 - 10)).await, 1);
}

#[tokio::test]
async fn rf_04_the_loser_of_a_race_gets_the_cookie_too() {
    let fixture = Fixture::new();
    let first = fixture.login().await;
    let winner = send(fixture.refresh.endpoint(), by_cookie(&fixture.as_cookie(&first))).await;
    let loser = send(fixture.refresh.endpoint(), by_cookie(&fixture.as_cookie(&first))).await;
    assert_eq!(loser.status, StatusCode::OK);
    assert_eq!(loser.cookie(), winner.cookie());
    let again = send(fixture.refresh.endpoint(), by_cookie(&winner.cookie())).await;
    assert_eq!(again.cookie(), winner.cookie());
}

#[tokio::test]
async fn rf_02_the_cookie_of_a_dead_family_is_removed() {
    let fixture = Fixture::new();
    let first = fixture.login().await;
    let second = fixture.next(&first).await.unwrap();
    fixture.later();
    for token in [&first, &second] {
        // The response to a script may arrive after a login in another tab, so it removes no
        // cookie.
        let token = fixture.as_cookie(token);
        let reply = send(fixture.refresh.endpoint(), by_cookie(&token)).await;
        assert_eq!(reply.error(), invalid("invalid_grant"));
        assert!(reply.set_cookies().is_empty());
        let mut navigation = by_cookie(&token);
        for (name, value) in [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")] {
            navigation.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        let reply = send(fixture.refresh.endpoint(), navigation).await;
        assert_eq!(reply.error(), invalid("invalid_grant"));
        assert!(reply.removes_cookie());
        assert_eq!(reply.headers[CACHE_CONTROL], "no-store");
    }
}

#[tokio::test]
async fn rf_14_nothing_else_takes_the_cookie_away() {
    let fixture = Fixture::new();
    let first = fixture.login().await;
    let endpoint = fixture.refresh.endpoint();
    // Not a token of this ring, for example of a key that this node does not have yet.
    let forged = send(endpoint.clone(), by_cookie(&fixture.as_cookie(&first)[1..])).await;
    assert_eq!(forged.error(), invalid("invalid_grant"));
    let mut scope = form("scope=admin");
    scope.headers_mut().extend(by_cookie(&fixture.as_cookie(&first)).into_parts().0.headers);
    let scope = send(endpoint.clone(), scope).await;
    assert_eq!(scope.error(), invalid("invalid_scope"));
    fixture.store.down();
    let down = send(endpoint.clone(), by_cookie(&fixture.as_cookie(&first))).await;
    assert_eq!(down.error(), (503, "temporarily_unavailable".into()));
    assert_eq!(down.headers["retry-after"], "1");
    let revoke =
        send(fixture.refresh.revoke_endpoint(), by_cookie(&fixture.as_cookie(&first))).await;
    assert_eq!(revoke.status, StatusCode::SERVICE_UNAVAILABLE);
    fixture.store.up();
    fixture.mints.store(false, std::sync::atomic::Ordering::SeqCst);
    let unminted = send(endpoint.clone(), by_cookie(&fixture.as_cookie(&first))).await;
    assert_eq!(unminted.error(), (500, "server_error".into()));
    for reply in [forged, scope, down, revoke, unminted] {
        assert!(reply.set_cookies().is_empty());
    }
    fixture.mints.store(true, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(send(endpoint, by_cookie(&fixture.as_cookie(&first))).await.status, StatusCode::OK);
}

#[tokio::test]
async fn ck_07_of_two_tokens_by_cookie_none_is_exchanged_and_a_revocation_ends_both() {
    let fixture = Fixture::new();
    let (first, second) = (fixture.login().await, fixture.login().await);
    let [first, second] = [&first, &second].map(|token| fixture.as_cookie(token));
    fixture.steps();
    let reply = send(fixture.refresh.endpoint(), beside(&first, &second)).await;
    assert_eq!(reply.error(), invalid("invalid_request"));
    assert!(reply.set_cookies().is_empty());
    assert_eq!(fixture.steps().total(), 0);
    // A family that cannot be ended is an error.
    fixture.store.down();
    let reply = send(fixture.refresh.revoke_endpoint(), beside(&first, &second)).await;
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(reply.set_cookies().is_empty());
    fixture.store.up();
    let reply = send(fixture.refresh.revoke_endpoint(), beside(&first, &second)).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert!(reply.removes_cookie());
    for token in [&first, &second] {
        let reply = send(fixture.refresh.endpoint(), by_cookie(token)).await;
        assert_eq!(reply.error(), invalid("invalid_grant"));
    }
}

#[tokio::test]
async fn ck_07_a_planted_cookie_and_a_second_copy_change_nothing() {
    let fixture = Fixture::new();
    let token = fixture.as_cookie(&fixture.login().await);
    for request in [beside(&token, "junk"), beside("junk", &token), beside(&token, &token)] {
        let reply = send(fixture.refresh.endpoint(), request).await;
        assert_eq!(reply.status, StatusCode::OK);
        assert_eq!(reply.set_cookies().len(), 1);
    }
    // A foreign cookie beside a token in the body is ignored.
    let mut request = form(format!("refresh_token={}", fixture.login().await));
    request.headers_mut().insert(COOKIE, HeaderValue::try_from(format!("{NAME}=junk")).unwrap());
    let reply = send(fixture.refresh.endpoint(), request).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert!(reply.set_cookies().is_empty());
}

#[tokio::test]
async fn d46_a_conflict_of_tokens_is_healed_on_navigation_and_by_a_revocation() {
    let name = "__Secure-renew";
    let fixture = Fixture::with(|builder| builder.cookie_name(name));
    let (first, second) = (fixture.login().await, fixture.login().await);
    let line = [&first, &second].map(|token| format!("{name}={}", fixture.as_cookie(token)));
    let request = |mode: &'static str| {
        let request = post().header(COOKIE, line.join("; ")).header("host", "www.app.example");
        let request = request.header("sec-fetch-site", "same-origin");
        let request = request.header("sec-fetch-mode", mode).header("sec-fetch-dest", "document");
        request.body(http_body_util::Full::<bytes::Bytes>::default()).unwrap()
    };
    let removes_elsewhere = |lines: &[String]| {
        let removal = |line: &String| line.starts_with(&format!("{name}=;"));
        lines.iter().filter(|it| removal(it)).any(|it| it.contains("Domain=app.example"))
    };
    let reply = send(fixture.refresh.endpoint(), request("cors")).await;
    assert_eq!((reply.error(), reply.set_cookies().len()), (invalid("invalid_request"), 0));
    let reply = send(fixture.refresh.endpoint(), request("navigate")).await;
    assert_eq!(reply.error(), invalid("invalid_request"));
    let lines = reply.set_cookies();
    assert!(removes_elsewhere(&lines), "{lines:?}");
    let own = |line: &&String| !line.contains("Domain=") && line.contains("Path=/;");
    assert_eq!(lines.iter().find(own), None, "the configured scope is kept");
    let reply = send(fixture.refresh.revoke_endpoint(), request("cors")).await;
    assert_eq!(reply.status, StatusCode::OK);
    let lines = reply.set_cookies();
    assert!(removes_elsewhere(&lines) && lines.iter().any(|it| own(&it)), "{lines:?}");
}

#[tokio::test]
async fn a_revocation_ends_no_more_families_than_a_browser_has_and_says_so() {
    let fixture = Fixture::new();
    for (count, wanted) in [(64, StatusCode::OK), (80, StatusCode::BAD_REQUEST)] {
        let mut tokens = Vec::new();
        for _ in 0..count {
            tokens.push(fixture.login().await);
        }
        let mut request = by_cookie(&fixture.as_cookie(&tokens[0]));
        for token in &tokens[1..] {
            let line = HeaderValue::try_from(format!("{NAME}={}", fixture.as_cookie(token)));
            request.headers_mut().append(COOKIE, line.unwrap());
        }
        fixture.steps();
        let reply = send(fixture.refresh.revoke_endpoint(), request).await;
        assert_eq!(reply.status, wanted, "{count}");
        assert_eq!(fixture.steps().end, 64);
        assert!(reply.set_cookies().iter().any(|it| it.starts_with(&format!("{NAME}=;"))));
        assert_eq!(fixture.next(&tokens[count - 1]).await.is_ok(), count > 64);
    }
}

/// Sends both values under the cookie's name, as a script of the page would.
fn beside(one: &str, other: &str) -> http::Request<http_body_util::Full<bytes::Bytes>> {
    let mut request = by_cookie(one);
    let other = HeaderValue::try_from(format!("{NAME}={other}")).unwrap();
    request.headers_mut().append(COOKIE, other);
    request
}

#[tokio::test]
async fn se_22_a_token_by_cookie_and_another_in_the_body_are_ambiguous() {
    let fixture = Fixture::new();
    let (one, other) = (fixture.login().await, fixture.login().await);
    fixture.steps();
    let both = |body: &str| {
        let mut request = form(format!("refresh_token={body}"));
        request.headers_mut().extend(by_cookie(&fixture.as_cookie(&one)).into_parts().0.headers);
        request
    };
    // The same family in both places is refused too: no client receives it in both.
    for body in [&other, &one, &fixture.as_cookie(&one)] {
        let reply = send(fixture.refresh.endpoint(), both(body)).await;
        assert_eq!(reply.error(), invalid("invalid_request"));
    }
    assert_eq!(fixture.steps().total(), 0);
}

#[tokio::test]
async fn an_empty_cookie_is_none() {
    let fixture = Fixture::new();
    let first = fixture.login().await;
    let mut request = json(format!(r#"{{"refresh_token":"{first}"}}"#));
    let empty = HeaderValue::try_from(format!("{NAME}=")).unwrap();
    request.headers_mut().insert(COOKIE, empty);
    let reply = send(fixture.refresh.endpoint(), request).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert!(reply.set_cookies().is_empty());
}

#[tokio::test]
async fn cs_01_another_site_cannot_exchange_or_revoke_what_comes_by_cookie() {
    let fixture = Fixture::new();
    let first = fixture.login().await;
    fixture.steps();
    let cookie = format!("{NAME}={}", fixture.as_cookie(&first));
    let foreign = [
        post().header("sec-fetch-site", "cross-site"),
        post().header("sec-fetch-site", "same-site"),
        post().header("origin", "https://evil.example").header("host", "app.example"),
        post().header("origin", "null"),
        // Neither header is present, as for a form in an old browser on any site.
        post(),
    ];
    for request in foreign {
        let request = request.header(COOKIE, &cookie).body(Default::default()).unwrap();
        for endpoint in [fixture.refresh.endpoint(), fixture.refresh.revoke_endpoint()] {
            let reply = send(endpoint, request.clone()).await;
            assert_eq!(reply.error(), (403, "access_denied".into()));
            assert!(reply.set_cookies().is_empty());
        }
    }
    assert_eq!(fixture.steps().total(), 0);
    // A token in the body needs no origin: the client must know the token.
    let mut elsewhere = form(format!("refresh_token={first}"));
    elsewhere.headers_mut().insert("sec-fetch-site", HeaderValue::from_static("cross-site"));
    assert_eq!(send(fixture.refresh.endpoint(), elsewhere).await.status, StatusCode::OK);
}

#[tokio::test]
async fn rf_12_a_logout_by_cookie_removes_the_cookie_if_the_engine_made_it() {
    let fixture = Fixture::new();
    let first = fixture.login().await;
    let cookie = fixture.as_cookie(&first);
    for (token, removes) in [(&*cookie, true), (&cookie, true), ("no token at all", false)] {
        let reply = send(fixture.refresh.revoke_endpoint(), by_cookie(token)).await;
        assert_eq!((reply.status, reply.body.as_str()), (StatusCode::OK, ""));
        assert_eq!(reply.removes_cookie(), removes, "{token}");
    }
    assert!(fixture.next(&first).await.is_err());
}

#[tokio::test]
async fn the_cookie_may_be_named_otherwise() {
    let fixture = Fixture::with(|builder| builder.cookie_name("__Secure-renew"));
    let first = fixture.login().await;
    let plain = send(fixture.refresh.endpoint(), by_cookie(&fixture.as_cookie(&first))).await;
    assert_eq!(plain.error(), invalid("invalid_request"));
    let named = post()
        .header(COOKIE, format!("__Secure-renew={}", fixture.as_cookie(&first)))
        .header("sec-fetch-site", "same-origin")
        .body(Default::default())
        .unwrap();
    let reply = send(fixture.refresh.endpoint(), named).await;
    let next = fixture.next(&first).await.unwrap();
    let begun = format!("__Secure-renew={}", fixture.as_cookie(&next));
    assert!(reply.set_cookies().iter().any(|line| line.starts_with(&begun)));
}

#[tokio::test]
async fn a_handler_sets_and_removes_the_cookie() {
    use tower::{ServiceBuilder, service_fn};
    let fixture = Fixture::new();
    let refresh = fixture.refresh.clone();
    let handler = service_fn(move |request: http::Request<_>| {
        let refresh = refresh.clone();
        async move {
            if request.uri().path() == "/logout" {
                refresh.remove_cookie(request.extensions()).unwrap();
            } else {
                let tokens = refresh.begin(&super::fixture::alice(), None).await.unwrap();
                refresh.set_cookie(request.extensions(), &tokens).unwrap();
                assert!(!tokens.to_json().contains(&text(&tokens)));
                assert!(tokens.to_json_with_refresh_token().contains(&text(&tokens)));
            }
            let _: http::Request<http_body_util::Full<bytes::Bytes>> = request;
            let body = http_body_util::Full::<bytes::Bytes>::default();
            Ok::<_, std::convert::Infallible>(http::Response::new(body))
        }
    });
    let service = ServiceBuilder::new().layer(crate::CookieLayer::new()).service(handler.clone());
    let login = http::Request::post("/login").body(Default::default()).unwrap();
    let reply = send(service.clone(), login).await;
    assert_eq!(reply.headers[CACHE_CONTROL], "no-store");
    let exchanged = send(fixture.refresh.endpoint(), by_cookie(&reply.cookie())).await;
    assert_eq!(exchanged.status, StatusCode::OK);
    for (value, removes) in [(&*reply.cookie(), true), ("junk", false), ("", false)] {
        let logout = http::Request::post("/logout").header(COOKIE, format!("{NAME}={value}"));
        let logout = logout.body(Default::default()).unwrap();
        assert_eq!(send(service.clone(), logout).await.removes_cookie(), removes);
    }
    // Without any layer, the cookie would not be written.
    let tokens = fixture.refresh.begin(&super::fixture::alice(), None).await.unwrap();
    let set = fixture.refresh.set_cookie(&http::Extensions::new(), &tokens);
    assert!(matches!(set, Err(crate::Rejection::Misconfigured(_))));
}

#[tokio::test]
async fn a_partitioned_cookie_is_sent_to_frames_on_other_sites() {
    let fixture = Fixture::with(|builder| builder.partitioned());
    let cookie = fixture.as_cookie(&fixture.login().await);
    let reply = send(fixture.refresh.endpoint(), by_cookie(&cookie)).await;
    let line = reply.set_cookies().remove(0);
    assert!(line.starts_with(crate::refresh::DEFAULT_COOKIE), "{line}");
    for attribute in ["; Partitioned", "; Secure", "; SameSite=None"] {
        assert!(line.contains(attribute), "{line}");
    }
    let reply = send(fixture.refresh.revoke_endpoint(), by_cookie(&cookie)).await;
    let line = reply.set_cookies().remove(0);
    assert!(reply.removes_cookie() && line.contains("; Partitioned"), "{line}");
}
