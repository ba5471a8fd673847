//! Refresh tokens: only an issued token is valid, and no other input ends a family.
//!
//! The first byte of an input selects the mode:
//!
//! - 0: the rest is the token;
//! - 1: the issued token with edits of two bytes each (place, byte);
//! - 2, 3: a request to the refresh endpoint; 4, 5: a request to the revocation endpoint. The rest
//!   is content type, cookie and body, separated by 0xFF. `@` stands for the issued token, and in
//!   the cookie for the one in the engine's cookie. 2 and 4 omit the headers by which a browser
//!   names the site; 3 and 5 send them.
#![no_main]

use std::convert::Infallible;
use std::sync::LazyLock;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use http::{HeaderValue, Request, Response};
use http_body_util::Full;
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_auth::refresh::{AccessToken, PresentedToken, Refresh, RefreshError, RefreshRefusal, TokenPair};
use tower_auth::{CookieLayer, Identity, KeyRing, MemoryStore, Settings};
use tower_auth_fuzz::{SEPARATOR, clock, run};

/// An engine, and a token that it issued. The clock stands still, so that the window never ends:
/// the first token stays valid however often it is presented.
struct Live {
    refresh: Refresh,
    token: String,
    /// The token in the form of the engine's cookie.
    in_cookie: String,
    successor: String,
}

impl Live {
    fn begin() -> Self {
        let mint = |identity: &Identity| {
            let text = format!("signed for {}", identity.subject());
            Ok(AccessToken { text, expires_in: Duration::from_secs(300) })
        };
        let ring = KeyRing::insecure_from_seeds([7, 6]);
        let refresh = Refresh::builder(MemoryStore::new(clock()), &ring, mint);
        let refresh = refresh.settings(&Settings::new().clock(clock()));
        let refresh = refresh.build().expect("an engine");
        let alice = Identity::local("alice").scope("reports:read").build();
        let first = run(refresh.begin(&alice, None)).expect("a family");
        let token = first.refresh().expose().clone();
        let in_cookie = in_cookie(&refresh, &first);
        let second = run(refresh.refresh(&*token)).expect("a successor");
        let successor = second.refresh().expose().clone();
        Self { refresh, token, in_cookie, successor }
    }

    /// Asserts that the honest client can continue after any input.
    fn lives(&self) {
        let tokens = run(self.refresh.refresh(&*self.token)).expect("the family lives");
        assert_eq!(*tokens.refresh().expose(), self.successor);
    }

    fn present(&self, text: &str) {
        let ours = text == self.token;
        for presented in [PresentedToken::new(text), PresentedToken::new(text).client("x").scope("y")] {
            match run(self.refresh.refresh(presented)) {
                Ok(tokens) => {
                    assert!(ours, "a token that was never issued is accepted");
                    assert_eq!(*tokens.refresh().expose(), self.successor);
                }
                // A family without a client accepts any client, but the scope exceeds the granted
                // one.
                Err(RefreshError::Scope) => assert!(ours),
                Err(RefreshError::Refused(RefreshRefusal::Forged)) => assert!(!ours),
                Err(other) => panic!("{other:?}"),
            }
        }
        if !ours {
            run(self.refresh.revoke(text)).expect("an unknown token counts as revoked");
        }
        self.lives();
    }
}

/// Returns the value of the cookie that `set_cookie` sends to a browser.
fn in_cookie(refresh: &Refresh, tokens: &TokenPair) -> String {
    let (refresh, tokens) = (refresh.clone(), tokens.clone());
    let sets = service_fn(move |request: Request<()>| {
        refresh.set_cookie(request.extensions(), &tokens).expect("a cookie");
        std::future::ready(Ok::<_, Infallible>(Response::new(())))
    });
    let response = run(CookieLayer::new().layer(sets).oneshot(Request::new(())));
    let response = response.unwrap_or_else(|never| match never {});
    let line = response.headers()[SET_COOKIE].to_str().expect("a cookie's text");
    let value = line.split(';').next().and_then(|pair| pair.strip_prefix("__Host-refresh="));
    value.expect("the engine's cookie").to_owned()
}

static LIVE: LazyLock<Live> = LazyLock::new(Live::begin);

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((mode, data)) = data.split_first() else { return };
    match mode % 6 {
        0 => LIVE.present(&String::from_utf8_lossy(data)),
        1 => {
            let mut token = LIVE.token.clone().into_bytes();
            for edit in data.chunks_exact(2) {
                match usize::from(edit[0] & 0x7f) % (token.len() + 1) {
                    end if end == token.len() => token.push(edit[1]),
                    at if edit[0] & 0x80 == 0 => token[at] = edit[1],
                    at => drop(token.remove(at)),
                }
            }
            LIVE.present(&String::from_utf8_lossy(&token));
        }
        mode @ (2 | 3) => {
            let Some((request, named)) = request(&LIVE, mode == 3, data) else { return };
            let response = run(LIVE.refresh.endpoint().oneshot(request));
            let response = response.unwrap_or_else(|never| match never {});
            check(&response);
            assert!(named || response.status() != 200, "tokens without a token in the request");
            LIVE.lives();
        }
        mode => {
            // A new family, because the request may end it.
            let live = Live::begin();
            let Some((request, named)) = request(&live, mode == 5, data) else { return };
            let response = run(live.refresh.revoke_endpoint().oneshot(request));
            let response = response.unwrap_or_else(|never| match never {});
            check(&response);
            match run(live.refresh.refresh(&*live.token)) {
                Ok(_) => {}
                Err(RefreshError::Refused(RefreshRefusal::Ended)) => {
                    assert!(named && response.status() == 200, "a family ended without its token");
                }
                Err(other) => panic!("{other:?}"),
            }
        }
    }
});

/// Asserts that the response is no server error and is not stored, and that any cookie is the
/// engine's.
fn check(response: &Response<Full<Bytes>>) {
    let status = response.status().as_u16();
    assert!(matches!(status, 200 | 400 | 401 | 403 | 413 | 415), "status {status}");
    assert_eq!(response.headers()["cache-control"], "no-store", "status {status}");
    for line in response.headers().get_all(SET_COOKIE) {
        assert!(line.as_bytes().starts_with(b"__Host-refresh="));
    }
}

/// Returns the request, and whether it contains the token.
fn request(live: &Live, vouched: bool, data: &[u8]) -> Option<(Request<Full<Bytes>>, bool)> {
    let mut named = false;
    let mut with_token = |part: &[u8], token: &str| {
        let mut text = Vec::with_capacity(part.len());
        for byte in part {
            match byte {
                b'@' => {
                    named = true;
                    text.extend_from_slice(token.as_bytes());
                }
                byte => text.push(*byte),
            }
        }
        text
    };
    let mut fields = data.splitn(3, |byte| *byte == SEPARATOR);
    let content_type = fields.next().unwrap_or_default();
    let cookie = with_token(fields.next().unwrap_or_default(), &live.in_cookie);
    let body = with_token(fields.next().unwrap_or_default(), &live.token);
    let mut request = Request::post("https://app.example/").body(Full::from(body)).ok()?;
    let headers = request.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_bytes(content_type).ok()?);
    if !cookie.is_empty() {
        headers.insert(COOKIE, HeaderValue::from_bytes(&cookie).ok()?);
    }
    if vouched {
        headers.insert("sec-fetch-site", HeaderValue::from_static("same-origin"));
    }
    Some((request, named))
}
