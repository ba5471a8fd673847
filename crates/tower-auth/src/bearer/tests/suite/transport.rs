//! Tests of the transport of the token.

use http::header::AUTHORIZATION;
use serde_json::json;
use tower_auth_core::Rejection;

use super::forge::with;
use super::*;

fn line(text: &str) -> HeaderValue {
    HeaderValue::from_bytes(text.as_bytes()).unwrap()
}

#[track_caller]
fn assert_malformed(response: &Response<String>, name: &str) {
    assert_eq!(response.status(), 400, "{name}");
    assert_eq!(challenges(response), [INVALID_REQUEST], "{name}");
}

#[tokio::test]
async fn br_07_d24_the_schemes_case_does_not_matter_the_rest_is_exact() {
    let layer = shared().build().unwrap();
    let token = with(json!({}));
    for prefix in ["Bearer ", "bearer ", "BEARER ", "bEaReR ", "Bearer   "] {
        let response = send(&layer, &[line(&format!("{prefix}{token}"))]).await;
        assert_accepted(&response, prefix);
    }
    for (before, after) in [
        ("Bearer\t", ""),
        ("Bearer", ""),
        ("Bearer \t", ""),
        ("Bearer ", " "),
        ("Bearer ", " x"),
        ("Bearer ", ","),
        ("Bearer ", ", Bearer x"),
        ("Bearer \"", "\""),
        ("Bearer token=", ""),
        ("Bearer ", ";a=b"),
        ("Bearer ", "=x"),
        ("Bearer Bearer ", ""),
        ("Bearer:", ""),
        ("Bearer ö", ""),
    ] {
        let response = send(&layer, &[line(&format!("{before}{token}{after}"))]).await;
        // A scheme that only resembles `Bearer` is another scheme.
        if before == "Bearer" {
            assert_eq!(response.body(), "anonymous");
        } else {
            assert_malformed(&response, &format!("{before}…{after}"));
        }
    }
    for text in ["Bearer", "Bearer ", "bearer", "Bearer =", "Bearer  "] {
        assert_malformed(&send(&layer, &[line(text)]).await, text);
    }
}

/// The position of the byte does not matter, although long texts are checked many bytes at a time.
#[test]
fn br_07_a_token_is_a_token68_to_its_last_byte() {
    use crate::bearer::authorization::{Sent, is_token68, read};

    let word = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/";
    for length in [1, 2, 63, 64, 65, 130] {
        for at in 0..length {
            // The bytes that a header can hold.
            for byte in (0x20..=0xff).filter(|byte| *byte != 0x7f) {
                let mut token = vec![b'a'; length];
                token[at] = byte;
                let line = [&b"Bearer "[..], &token].concat();
                let mut headers = http::HeaderMap::new();
                headers.insert(AUTHORIZATION, HeaderValue::from_bytes(&line).unwrap());
                let padding = byte == b'=' && at > 0 && at == length - 1;
                // A space at the start separates the scheme from the token.
                let spaces = byte == b' ' && at == 0 && length > 1;
                let expected = if word.contains(&byte) || padding {
                    Sent::Token(&token)
                } else if spaces {
                    Sent::Token(&token[1..])
                } else {
                    Sent::Malformed
                };
                let sent = match read(&headers) {
                    Sent::Token(token) if !is_token68(token) => Sent::Malformed,
                    sent => sent,
                };
                assert_eq!(sent, expected, "{byte:#x} at {at} of {length}");
            }
        }
    }
}

#[tokio::test]
async fn br_08_d24_d14_several_credentials_are_400() {
    let layer = shared().build().unwrap();
    let good = line(&format!("Bearer {}", with(json!({}))));
    let other = line(&format!("Bearer {}", with(json!({ "sub": "bob" }))));
    let basic = line("Basic YTpi");
    let lines = [
        vec![good.clone(), good.clone()],
        vec![good.clone(), other.clone()],
        vec![basic.clone(), good.clone()],
        vec![good.clone(), basic.clone()],
        vec![basic.clone(), basic.clone()],
        vec![line(""), good.clone()],
        vec![line("Basic YTpi, Bearer x")],
        vec![line("Basic YTpi,bearer x")],
        vec![line("Digest a=\"b\", BEARER x")],
        vec![line("Digest a=\"\\\"\", Bearer x")],
    ];
    for lines in lines {
        let response = send(&layer, &lines).await;
        assert_malformed(&response, &format!("{lines:?}"));
        assert_eq!(response.extensions().get(), Some(&Rejection::InvalidRequest));
    }
    // Quoted text is not a credential.
    let digest = line("Digest username=\"a\\\", Bearer x\", realm=\"y\"");
    assert_eq!(send(&layer, &[digest]).await.body(), "anonymous");
}

#[tokio::test]
async fn br_03_other_schemes_are_not_our_business() {
    let layer = shared().build().unwrap();
    for text in ["Basic YTpi", "DPoP x", "Bearerx y", "", "Negotiate", "Digest a=b, c=d", "\u{7f}"]
    {
        let Ok(line) = HeaderValue::from_bytes(text.as_bytes()) else { continue };
        assert_eq!(send(&layer, &[line]).await.body(), "anonymous", "{text}");
    }
    assert_eq!(send(&layer, &[]).await.body(), "anonymous");
}

#[tokio::test]
async fn br_09_tokens_in_the_address_or_elsewhere_are_ignored() {
    let layer = shared().build().unwrap();
    let token = with(json!({}));
    let request = Request::builder()
        .uri(format!("/?access_token={token}"))
        .header("x-authorization", format!("Bearer {token}"))
        .header("proxy-authorization", format!("Bearer {token}"))
        .header("cookie", format!("access_token={token}"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("access_token={token}"))
        .unwrap();
    let response: Response<String> =
        layer.layer(service_fn(whoami)).oneshot(request).await.unwrap();
    assert_eq!(response.body(), "anonymous");
}

#[tokio::test]
async fn br_12_br_16_the_header_goes_on_as_it_came_and_is_hidden() {
    let layer = shared().build().unwrap();
    let sent = format!("bearer  {}", with(json!({})));
    let mut request = Request::new(());
    request.headers_mut().insert(AUTHORIZATION, line(&sent));
    let see = service_fn(async |request: Request<()>| {
        let line = &request.headers()[AUTHORIZATION];
        assert!(line.is_sensitive());
        Ok::<_, Infallible>(Response::new(line.to_str().unwrap().to_owned()))
    });
    assert_eq!(layer.layer(see).oneshot(request).await.unwrap().body(), &sent);
}

#[tokio::test]
async fn d14_garbage_is_401() {
    let layer = shared().build().unwrap();
    for token in ["garbage", "a.b.c", "...", "a/b+c~==", "eyJhbGciOiJIUzI1NiJ9.e30.x"] {
        let response = present(&layer, token).await;
        assert_refused(&response, token);
        assert_eq!(response.extensions().get(), Some(&Rejection::InvalidToken));
    }
}
