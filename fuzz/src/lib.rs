//! Shared parts of the targets: a clock that stands still, handmade tokens, and readers of the
//! layers' output, which share no code with the layers.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fmt;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Request, Response};
use serde::de::{
    Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_auth::bearer::{Algorithm, BearerJwtLayerBuilder, Key};
use tower_auth::{AuthState, BearerJwtLayer, Clock, Identity, JwtIssuer, Settings, Timestamp};
use tower_auth_core::clock::TimeSource;

pub const ISSUER: &str = "https://id.example";
pub const AUDIENCE: &str = "https://api.example";
pub const SECRET: [u8; 32] = [7; 32];
/// The current time, in seconds.
pub const NOW: u64 = 1_767_225_600;
/// Separates the fields of a textual input: this byte never occurs in UTF-8.
pub const SEPARATOR: u8 = 0xff;

/// Returns a clock that always reads [`NOW`], so that an input has the same effect on every day.
pub fn clock() -> Clock {
    struct Stopped;
    impl TimeSource for Stopped {
        fn now(&self) -> Timestamp {
            Timestamp::from_unix_seconds(NOW)
        }
    }
    Clock::new(Stopped)
}

/// Polls a future that waits for nothing. Panics if it is not ready after a few polls.
pub fn run<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    for _ in 0..64 {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
    }
    panic!("a future that waits for nothing is not ready");
}

/// Returns the next text field of an input. Invalid UTF-8 is replaced.
pub fn field<'a>(fields: &mut impl Iterator<Item = &'a [u8]>) -> String {
    String::from_utf8_lossy(fields.next().unwrap_or_default()).into_owned()
}

/// Returns a token with this header and these claims, whatever they are, and a valid signature by
/// [`SECRET`].
pub fn hs256(header: &[u8], claims: &[u8]) -> String {
    let input = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&SECRET).expect("HMAC takes any key");
    mac.update(input.as_bytes());
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

pub fn good_claims() -> String {
    format!(r#"{{"iss":"{ISSUER}","aud":"{AUDIENCE}","sub":"alice","exp":{}}}"#, NOW + 300)
}

/// A layer with an HS256 and an ES256 key, and the tokens that were minted for it.
pub struct Fixture {
    pub layer: BearerJwtLayer,
    /// The first two tokens use HS256 and are the same in every process. The last one uses ES256.
    pub minted: Vec<String>,
}

impl Fixture {
    pub fn new() -> Self {
        let issuer = JwtIssuer::builder(ISSUER, AUDIENCE)
            .generated_key("es")
            .settings(&Settings::new().clock(clock()))
            .build()
            .expect("an issuer");
        let alice = Identity::local("alice").scope("reports:read").role("admin").build();
        let minted = vec![
            hs256(br#"{"alg":"HS256"}"#, good_claims().as_bytes()),
            hs256(br#"{"alg":"HS256","typ":"at+jwt","kid":"hs"}"#, good_claims().as_bytes()),
            issuer.mint(&alice).expect("a token").text,
        ];
        let layer = with_secret(issuer.layer()).build().expect("a layer");
        Self { layer, minted }
    }
}

impl Default for Fixture {
    fn default() -> Self {
        Self::new()
    }
}

pub fn with_secret(builder: BearerJwtLayerBuilder) -> BearerJwtLayerBuilder {
    builder.algorithms([Algorithm::HS256]).key(Key::from_secret(Algorithm::HS256, SECRET).kid("hs"))
}

/// The result of a request.
pub struct Outcome {
    pub status: u16,
    pub headers: HeaderMap,
    /// The identity that the handler received: `None` if it was not called, `Some(None)` for an
    /// anonymous request.
    pub seen: Option<Option<Identity>>,
}

/// Sends these `Authorization` lines through the layer to a handler that accepts every request.
pub fn send(layer: &BearerJwtLayer, lines: &[HeaderValue]) -> Outcome {
    let mut request = Request::new(());
    for line in lines {
        request.headers_mut().append(AUTHORIZATION, line.clone());
    }
    let handler = service_fn(|request: Request<()>| async move {
        let seen = match AuthState::of(request.extensions()) {
            Ok(AuthState::Known(identity)) => Some(identity),
            Ok(AuthState::Anonymous) => None,
            other => panic!("a handler sees {other:?}"),
        };
        let mut response = Response::new(String::new());
        response.extensions_mut().insert(Seen(seen));
        Ok::<_, Infallible>(response)
    });
    let response =
        run(layer.layer(handler).oneshot(request)).unwrap_or_else(|never| match never {});
    let (mut head, _) = response.into_parts();
    let seen = head.extensions.remove::<Seen>().map(|seen| seen.0);
    let outcome = Outcome { status: head.status.as_u16(), headers: head.headers, seen };
    outcome.check();
    outcome
}

#[derive(Clone)]
struct Seen(Option<Identity>);

impl Outcome {
    /// Asserts the rules for every answer: the layer accepts or refuses the request and never
    /// fails, and a refusal has one challenge that names only the kind of fault.
    fn check(&self) {
        let lines: Vec<_> = self.headers.get_all(WWW_AUTHENTICATE).iter().collect();
        match self.status {
            200 => assert!(self.seen.is_some() && lines.is_empty()),
            status @ (400 | 401) => {
                assert!(self.seen.is_none(), "the handler was called for a refused request");
                assert_eq!(lines.len(), 1);
                let error = if status == 400 { "invalid_request" } else { "invalid_token" };
                let expected = [("realm", "app"), ("error", error)];
                assert_eq!(parse_challenge(lines[0].as_bytes()), pairs(&expected));
            }
            status => panic!("status {status}"),
        }
    }

    pub fn identity(&self) -> Option<&Identity> {
        self.seen.as_ref()?.as_ref()
    }
}

pub fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
    of.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Parses a challenge according to RFC 6750, 3: `Bearer`, and then each parameter once, as a quoted
/// string without escapes. Panics on any other text.
pub fn parse_challenge(line: &[u8]) -> Vec<(String, String)> {
    let line = std::str::from_utf8(line).expect("a challenge is ASCII");
    let mut rest = line.strip_prefix("Bearer ").expect("the scheme and a space");
    let mut found = Vec::new();
    let mut names = BTreeSet::new();
    loop {
        let (name, after) = rest.split_once("=\"").expect("name=\"");
        assert!(!name.is_empty() && name.bytes().all(|it| it.is_ascii_lowercase() || it == b'_'));
        assert!(names.insert(name), "{name} comes twice");
        let (value, after) = after.split_once('"').expect("the closing quote");
        assert!(is_plain(value), "{value:?} needs an escape");
        found.push((name.to_owned(), value.to_owned()));
        if after.is_empty() {
            return found;
        }
        rest = after.strip_prefix(", ").expect("a comma and a space, or the end");
    }
}

/// Returns whether RFC 6750, 3 allows the text in a quoted string: printable ASCII except quote and
/// backslash.
pub fn is_plain(value: &str) -> bool {
    value.chars().all(|it| matches!(it, ' ' | '!' | '#'..='[' | ']'..='~'))
}

/// Returns whether no object of this JSON, at any depth, has two members with the same name.
pub fn unique(json: &[u8]) -> bool {
    serde_json::from_slice::<Unique>(json).is_ok()
}

/// Returns how many members this JSON object has, each repetition included.
pub fn members(json: &[u8]) -> Option<usize> {
    struct Members(usize);

    impl<'de> Deserialize<'de> for Members {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_map(Self(0))
        }
    }

    impl<'de> Visitor<'de> for Members {
        type Value = Self;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a JSON object")
        }

        fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<Self, A::Error> {
            while members.next_entry::<String, IgnoredAny>()?.is_some() {
                self.0 += 1;
            }
            Ok(self)
        }
    }

    serde_json::from_slice::<Members>(json).ok().map(|members| members.0)
}

struct Unique;

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Unique {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self, A::Error> {
        let mut names = BTreeSet::new();
        while let Some(name) = members.next_key::<String>()? {
            if !names.insert(name) {
                return Err(A::Error::custom("a repeated name"));
            }
            members.next_value::<Self>()?;
        }
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self, A::Error> {
        while items.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }
}
