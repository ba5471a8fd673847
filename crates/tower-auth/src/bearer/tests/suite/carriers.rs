//! Tokens that travel outside the `Authorization` header.

use http::HeaderMap;
use http::header::{CACHE_CONTROL, COOKIE, VARY};
use proptest::prelude::*;
use serde_json::json;
use tower_auth_core::{AuthMethod, Rejection};

use super::forge::with;
use super::*;

const COOKIE_NAME: &str = "__Host-access";
const HEADER: &str = "x-access-token";
const PREFIXED: &str = "x-forwarded-authorization";

/// Returns a layer that accepts tokens from everywhere.
fn everywhere() -> BearerJwtLayer {
    shared()
        .from_header(HEADER)
        .from_header_with_prefix(PREFIXED, "Bearer ")
        .from_cookie(COOKIE_NAME)
        .insecure_from_query("access_token")
        .build()
        .unwrap()
}

/// A request whose parts are added one by one.
#[derive(Clone, Default)]
struct Parts {
    headers: Vec<(&'static str, String)>,
    query: Vec<String>,
}

impl Parts {
    fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn query(mut self, text: impl Into<String>) -> Self {
        self.query.push(text.into());
        self
    }

    fn request(self) -> Request<()> {
        let mut request = Request::builder().uri(format!("/?{}", self.query.join("&")));
        for (name, value) in self.headers {
            request = request.header(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        request.body(()).unwrap()
    }
}

/// The carriers, each with the request that carries `token` in it.
fn carriers(token: &str) -> [(&'static str, Parts); 5] {
    let parts = Parts::default;
    let encoded = token.replace(' ', "%20").replace('"', "%22").replace('ö', "%C3%B6");
    [
        ("authorization", parts().header("authorization", format!("Bearer {token}"))),
        (HEADER, parts().header(HEADER, token)),
        (PREFIXED, parts().header(PREFIXED, format!("Bearer {token}"))),
        (COOKIE_NAME, parts().header("cookie", format!("a=b; {COOKIE_NAME}={token}"))),
        ("access_token", parts().query(format!("access_token={encoded}"))),
    ]
}

async fn ask<C: ReadClaims, R: Refuse<String> + Clone>(
    layer: &BearerJwtLayer<C, R>,
    parts: Parts,
) -> Response<String> {
    layer.layer(service_fn(whoami)).oneshot(parts.request()).await.unwrap()
}

#[track_caller]
fn assert_malformed(response: &Response<String>, name: &str) {
    assert_eq!(response.status(), 400, "{name}");
    assert_eq!(challenges(response), [INVALID_REQUEST], "{name}");
    assert_eq!(response.extensions().get(), Some(&Rejection::InvalidRequest), "{name}");
}

#[tokio::test]
async fn br_09_a_token_may_travel_where_the_application_says_and_nowhere_else() {
    let layers = [
        ("authorization", shared().build().unwrap()),
        (HEADER, shared().from_header("X-Access-Token").build().unwrap()),
        (PREFIXED, shared().from_header_with_prefix(PREFIXED, "Bearer ").build().unwrap()),
        (COOKIE_NAME, shared().from_cookie(COOKIE_NAME).build().unwrap()),
        ("access_token", shared().insecure_from_query("access_token").build().unwrap()),
    ];
    for (configured, layer) in &layers {
        for (carrier, parts) in carriers(&with(json!({}))) {
            let response = ask(layer, parts).await;
            // The layer always reads `Authorization`.
            if carrier == *configured || carrier == "authorization" {
                assert_accepted(&response, &format!("{carrier} of {configured}"));
            } else {
                assert_eq!(response.body(), "anonymous", "{carrier} of {configured}");
            }
        }
    }
    for (carrier, parts) in carriers(&with(json!({ "aud": "https://other.example" }))) {
        assert_refused(&ask(&everywhere(), parts).await, carrier);
    }
    assert_eq!(ask(&everywhere(), Parts::default()).await.body(), "anonymous");
}

#[tokio::test]
async fn br_08_the_same_carrier_twice_is_400() {
    let layer = everywhere();
    let (token, other) = (with(json!({})), with(json!({ "jti": "2" })));
    let parts = Parts::default;
    for second in [&token, &other, "", "x"] {
        let twice = [
            (HEADER, parts().header(HEADER, &token).header(HEADER, second)),
            (PREFIXED, {
                let first = parts().header(PREFIXED, format!("Bearer {token}"));
                first.header(PREFIXED, format!("Basic {second}"))
            }),
            (
                "access_token",
                parts()
                    .query(format!("access_token={token}"))
                    .query(format!("access%5ftoken={second}")),
            ),
        ];
        for (carrier, parts) in twice {
            assert_malformed(&ask(&layer, parts).await, carrier);
        }
    }
}

#[tokio::test]
async fn ck_07_two_different_values_of_the_cookie_are_400() {
    let layer = everywhere();
    let (token, other) = (with(json!({})), with(json!({ "jti": "2" })));
    for second in [&*other, "x", ""] {
        for (a, b) in [(&*token, second), (second, &*token)] {
            let one = format!("{COOKIE_NAME}={a}; {COOKIE_NAME}={b}");
            assert_malformed(&ask(&layer, Parts::default().header("cookie", one)).await, second);
            let two = Parts::default()
                .header("cookie", format!("{COOKIE_NAME}={a}"))
                .header("cookie", format!("{COOKIE_NAME}={b}"));
            assert_malformed(&ask(&layer, two).await, second);
        }
    }
    let same = format!("{COOKIE_NAME}={token}; x=y; {COOKIE_NAME}={token}");
    assert_accepted(&ask(&layer, Parts::default().header("cookie", same)).await, "same");
    // An application may clear a cookie by an empty value.
    let empty = Parts::default().header("cookie", format!("{COOKIE_NAME}="));
    assert_eq!(ask(&layer, empty).await.body(), "anonymous");
}

#[tokio::test]
async fn ck_09_a_cookie_of_a_similar_name_is_not_read() {
    let layer = everywhere();
    let token = with(json!({}));
    for name in [
        "__host-access",
        "__HOST-ACCESS",
        "\u{2000}__Host-access",
        "\u{a0}__Host-access",
        "__Host-access\u{2000}",
        "x__Host-access",
        "__Host-access2",
        "__Host%2daccess",
        "\"__Host-access\"",
        "access",
    ] {
        let line = Parts::default().header("cookie", format!("{name}={token}"));
        assert_eq!(ask(&layer, line).await.body(), "anonymous", "{name}");
    }
    for line in [format!("\t__Host-access = {token}"), format!("=;;__Host-access={token}; x")] {
        assert_accepted(&ask(&layer, Parts::default().header("cookie", line)).await, "spaces");
    }
}

#[tokio::test]
async fn br_07_a_carrier_holds_one_token_and_nothing_else() {
    let layer = everywhere();
    let token = with(json!({}));
    for text in [format!("{token} x"), format!("{token},"), format!("\"{token}\""), "ö".into()] {
        for (carrier, parts) in carriers(&text) {
            assert_malformed(&ask(&layer, parts).await, &format!("{carrier}: {text}"));
        }
    }
    let parts = Parts::default;
    for (name, parts) in [
        ("empty header", parts().header(HEADER, "")),
        ("scheme in the header", parts().header(HEADER, format!("Bearer {token}"))),
        ("empty after the prefix", parts().header(PREFIXED, "Bearer  ")),
        ("empty parameter", parts().query("access_token=")),
        ("parameter without a value", parts().query("access_token")),
        ("parameter with a plus", parts().query("access_token=a+b")),
    ] {
        assert_malformed(&ask(&layer, parts).await, name);
    }
    // Other schemes are ignored, as in `Authorization`.
    for text in ["Basic YTpi", "", "Bearer", "Bearerx y", &token] {
        let response = ask(&layer, parts().header(PREFIXED, text)).await;
        assert_eq!(response.body(), "anonymous", "{text}");
    }
    for text in [format!("bearer {token}"), format!("BEARER   {token}")] {
        assert_accepted(&ask(&layer, parts().header(PREFIXED, &*text)).await, &text);
    }
    let encoded = token.replace('.', "%2E").replace('e', "%65");
    let query = parts().query("x=1").query(format!("access%5Ftoken={encoded}")).query("y");
    assert_accepted(&ask(&layer, query).await, "percent-encoded");
}

#[test]
fn br_08_any_two_carriers_at_once_are_400() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let layer = everywhere();
    let texts = [with(json!({})), with(json!({ "sub": "bob" })), "garbage".into(), "a b".into()];
    let text = prop::sample::select(texts.to_vec());
    let strategy = prop::collection::vec(prop::option::of(text), 5);
    proptest!(|(sent in strategy)| {
        let mut all = Parts::default();
        for (at, token) in sent.iter().enumerate() {
            let Some(token) = token else { continue };
            let (_, parts) = carriers(token)[at].clone();
            all.headers.extend(parts.headers);
            all.query.extend(parts.query);
        }
        let response = runtime.block_on(ask(&layer, all));
        let tokens: Vec<_> = sent.iter().flatten().collect();
        let expected = match tokens[..] {
            [] => (200, "anonymous"),
            [one] if *one == texts[0] => (200, "alice"),
            [one] if *one == texts[1] => (200, "bob"),
            [one] if one == "garbage" => (401, ""),
            _ => (400, ""),
        };
        prop_assert_eq!((response.status().as_u16(), response.body().as_str()), expected);
    });
}

/// Sends the request to a handler, and returns the identity that reached it.
async fn proven(layer: &BearerJwtLayer, parts: Parts) -> Identity {
    let keep = service_fn(async |request: Request<()>| {
        let identity = request.extensions().get::<Identity>().cloned().unwrap();
        let Ok(AuthState::Known(state)) = AuthState::of(request.extensions()) else { panic!() };
        assert_eq!(state.method(), identity.method());
        let mut response = Response::new(String::new());
        response.extensions_mut().insert(identity);
        Ok::<_, Infallible>(response)
    });
    let response = layer.layer(keep).oneshot(parts.request()).await.unwrap();
    response.extensions().get::<Identity>().cloned().unwrap()
}

/// A token is remembered by its bytes, not by its carrier.
#[tokio::test]
async fn cs_18_a_token_in_a_cookie_is_ambient_also_when_it_is_remembered() {
    let token = with(json!({ "scope": "a" }));
    for remembered in [0, 1 << 20] {
        let layer = || {
            let builder = shared().from_header(HEADER).from_cookie(COOKIE_NAME);
            builder.insecure_from_query("access_token").remember(remembered).build().unwrap()
        };
        for first in 0..5 {
            let layer = layer();
            for at in [first, 0, 1, 3, 4, first, 3, 0] {
                let (carrier, parts) = carriers(&token)[at].clone();
                if carrier == PREFIXED {
                    continue;
                }
                let identity = proven(&layer, parts).await;
                let method = match carrier {
                    COOKIE_NAME => AuthMethod::BearerCookie,
                    _ => AuthMethod::Bearer,
                };
                assert_eq!(identity.method(), method, "{carrier} after {first}");
                assert_eq!(identity.method().is_explicit(), carrier != COOKIE_NAME);
                assert_eq!(identity.subject(), "alice");
                assert!(identity.has_scope("a") && identity.expires_at().is_some());
            }
        }
    }
}

#[tokio::test]
async fn br_16_every_header_that_can_carry_a_token_is_hidden() {
    let layer = everywhere();
    let see = service_fn(async |request: Request<()>| {
        let headers: &HeaderMap = request.headers();
        let (mut hidden, all) = (0, headers.iter().filter(|(name, _)| *name != "x-other"));
        for (name, line) in all {
            assert!(line.is_sensitive(), "{name}");
            hidden += 1;
        }
        assert!(hidden > 0);
        assert!(headers.get("x-other").is_some_and(|line| !line.is_sensitive()));
        Ok::<_, Infallible>(Response::new(String::new()))
    });
    let token = with(json!({}));
    let mut sent = carriers(&token).map(|(_, parts)| parts).to_vec();
    sent.truncate(4);
    // Another scheme may be a password.
    sent.push(Parts::default().header(PREFIXED, "Basic YTpi").header(PREFIXED, "Basic YTpi"));
    sent[4].headers.pop();
    for parts in sent {
        let request = parts.header("x-other", "x").request();
        assert_eq!(layer.layer(see).oneshot(request).await.unwrap().status(), 200);
    }
}

/// The headers of a response that its handler lets everyone store.
async fn stored(layer: &BearerJwtLayer, parts: Parts) -> HeaderMap {
    let public = service_fn(async |_: Request<()>| {
        let response = Response::builder().header(CACHE_CONTROL, "max-age=60");
        Ok::<_, Infallible>(response.body(String::new()).unwrap())
    });
    let response = layer.layer(public).oneshot(parts.request()).await.unwrap();
    response.into_parts().0.headers
}

#[tokio::test]
async fn br_09_the_response_to_a_token_in_the_address_is_not_stored() {
    let layer = everywhere();
    let no_store = async |parts| stored(&layer, parts).await[CACHE_CONTROL] == "no-store";
    for (carrier, parts) in carriers(&with(json!({}))) {
        assert_eq!(no_store(parts).await, carrier == "access_token", "{carrier}");
    }
    assert!(!no_store(Parts::default().query("x=access_token")).await);
    assert!(no_store(Parts::default().query("access_token=x")).await);
}

#[tokio::test]
async fn vary_names_every_carrier_that_was_read() {
    let vary = async |layer: &BearerJwtLayer| {
        let headers = stored(layer, Parts::default()).await;
        let lines = headers.get_all(VARY).iter().map(|it| it.to_str().unwrap());
        let names = lines.flat_map(|line| line.split(", ")).map(str::to_owned);
        let mut names: Vec<_> = names.collect();
        names.sort();
        names.join(" ")
    };
    assert_eq!(vary(&shared().build().unwrap()).await, "Authorization");
    let all = "Authorization Cookie x-access-token x-forwarded-authorization";
    assert_eq!(vary(&everywhere()).await, all);
    let query = shared().insecure_from_query("access_token").build().unwrap();
    assert_eq!(vary(&query).await, "Authorization");
    let cookie = shared().from_cookie(COOKIE_NAME).build().unwrap();
    assert_eq!(vary(&cookie).await, "Authorization Cookie");
    // A name that the handler states is not repeated.
    let handler = service_fn(async |_: Request<()>| {
        let response = Response::builder().header(VARY, "X-Access-Token, accept");
        Ok::<_, Infallible>(response.body(String::new()).unwrap())
    });
    let header = shared().from_header(HEADER).build().unwrap();
    let response = header.layer(handler).oneshot(Request::new(())).await.unwrap();
    let lines: Vec<_> = response.headers().get_all(VARY).iter().collect();
    assert_eq!(lines, ["X-Access-Token, accept", "Authorization"]);
}

/// Another layer may change the header; all layers of a request read the same jar.
#[tokio::test]
async fn ck_06_a_cookie_on_its_own_line_is_read() {
    let parts = Parts::default().header("cookie", "a=b");
    let parts = parts.header("cookie", format!("{COOKIE_NAME}={}", with(json!({}))));
    assert_eq!(parts.clone().request().headers().get_all(COOKIE).iter().count(), 2);
    assert_accepted(&ask(&everywhere(), parts).await, "two lines");
}

#[test]
fn names_that_cannot_carry_a_token_are_refused_at_build() {
    let fault = |builder: BearerJwtLayerBuilder| builder.build().unwrap_err().to_string();
    let long = "x".repeat(40);
    for (builder, expected) in [
        (shared().from_header("x y"), "from_header(\"x y\"): the name of a header has letters"),
        (shared().from_header(""), "from_header(\"\"): the name of a header has letters"),
        (shared().from_header("Authorization"), "the layer always reads this header"),
        (shared().from_header("cookie"), "name the cookie with from_cookie"),
        (shared().from_header("Set-Cookie"), "name the cookie with from_cookie"),
        (shared().from_header("proxy-authorization"), "name another header"),
        (shared().from_header(&*long).from_header(long.to_uppercase()), "given twice"),
        (
            shared().from_header("x-a").from_header_with_prefix("X-A", "Bearer "),
            "from_header_with_prefix(\"x-a\"): the name was given twice",
        ),
        (shared().from_header_with_prefix("authorization", "Token "), "always reads"),
        (shared().from_header_with_prefix("x-a", ""), "the prefix is empty: use from_header"),
        (shared().from_header_with_prefix("x-a", "  "), "the prefix is empty: use from_header"),
        (shared().from_header_with_prefix("x-a", "Bearer\t"), "use printable ASCII"),
        (shared().from_header_with_prefix("x-a", " Bearer"), "leave the space out"),
        (shared().from_cookie(""), "from_cookie(\"\"): the name of a cookie has letters"),
        (shared().from_cookie("a b"), "the name of a cookie has letters"),
        (shared().from_cookie("a=b"), "the name of a cookie has letters"),
        (shared().from_cookie("__host-a"), "write __Host-"),
        (shared().from_cookie("__SECURE-a"), "write __Host-"),
        (shared().from_cookie("a").from_cookie("a"), "given twice"),
        (shared().insecure_from_query(""), "pass the name of the query parameter"),
        (shared().insecure_from_query("a").insecure_from_query("a"), "given twice"),
    ] {
        let text = fault(builder);
        assert!(text.starts_with("BearerJwtLayer: ") && text.contains(expected), "{text}");
    }
    let several = shared().from_header("x-a").from_header("x-b").from_cookie("a").from_cookie("A");
    assert!(several.from_cookie("__Secure-a").from_cookie("__Host-Http-a").build().is_ok());
}

#[test]
fn ck_11_over_plain_http_a_cookie_with_a_prefix_is_refused_at_build() {
    let plain = Settings::new().clock(clock()).insecure_allow_plain_http();
    for name in ["__Host-a", "__Secure-a", "__Http-a"] {
        let error = shared().settings(&plain).from_cookie(name).build().unwrap_err().to_string();
        assert!(error.contains("over plain HTTP"), "{error}");
    }
    assert!(shared().settings(&plain).from_cookie("access").build().is_ok());
}

#[tokio::test]
async fn a_prefix_may_be_any_text() {
    let layer = shared().from_header_with_prefix("x-a", "token=").build().unwrap();
    let token = with(json!({}));
    let response = ask(&layer, Parts::default().header("x-a", format!("Token={token}"))).await;
    assert_accepted(&response, "prefix");
    let response = ask(&layer, Parts::default().header("x-a", token)).await;
    assert_eq!(response.body(), "anonymous");
}
