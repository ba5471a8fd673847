//! The state of a provider: its keys, its answers, and the requests so far.

use std::collections::HashMap;

use http::HeaderMap;
use serde_json::{Map, Value, json};
use tower_auth_core::Clock;

use super::key::TestKey;
use super::{Answer, TestProvider};

/// The state of a provider. The test and the server share it.
pub(super) struct State {
    pub(super) issuer: String,
    pub(super) clock: Clock,
    /// All keys that were ever created, the oldest first.
    pub(super) keys: Vec<TestKey>,
    /// The keys of the set.
    pub(super) published: Vec<Value>,
    /// Changed members of the discovery document.
    pub(super) metadata: Map<String, Value>,
    pub(super) paths: HashMap<String, Path>,
    /// The path and the headers of each request.
    pub(super) requests: Vec<(String, HeaderMap)>,
    tokens: u64,
}

/// The answers for one path.
#[derive(Clone)]
pub(super) struct Path {
    pub(super) answer: Answer,
    pub(super) headers: HeaderMap,
    pub(super) is_held: bool,
}

impl Path {
    fn of(answer: Answer) -> Self {
        Self { answer, headers: HeaderMap::new(), is_held: false }
    }
}

impl State {
    pub(super) fn new(issuer: String) -> Self {
        let paths =
            [(TestProvider::DISCOVERY, Answer::document()), (TestProvider::KEYS, Answer::keys())];
        Self {
            issuer,
            clock: Clock::system(),
            keys: Vec::new(),
            published: Vec::new(),
            metadata: Map::new(),
            paths: paths.map(|(path, answer)| (path.to_owned(), Path::of(answer))).into(),
            requests: Vec::new(),
            tokens: 0,
        }
    }

    pub(super) fn path(&mut self, path: String) -> &mut Path {
        self.paths.entry(path).or_insert_with(|| Path::of(Answer::status(404)))
    }

    pub(super) fn requests(&self, path: &str) -> impl Iterator<Item = &HeaderMap> {
        self.requests.iter().filter(move |(it, _)| it == path).map(|(_, headers)| headers)
    }

    pub(super) fn newest(&self) -> &TestKey {
        self.keys.last().expect("a provider has a key")
    }

    pub(super) fn key(&self, kid: &str) -> &TestKey {
        let key = self.keys.iter().rev().find(|key| key.kid == kid);
        key.unwrap_or_else(|| panic!("no key was ever named {kid:?}: call add_key first"))
    }

    pub(super) fn jwks(&self) -> String {
        json!({ "keys": self.published }).to_string()
    }

    pub(super) fn document(&self) -> String {
        let issuer = &self.issuer;
        let default = json!({
            "issuer": issuer,
            "jwks_uri": format!("{issuer}{}", TestProvider::KEYS),
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256", "EdDSA"],
        });
        super::merged(default, Value::Object(self.metadata.clone())).to_string()
    }

    /// Returns the claims of the next token, before the test's own.
    pub(super) fn claims(&mut self) -> Value {
        self.tokens += 1;
        let now = self.clock.now().as_unix_seconds();
        json!({
            "iss": self.issuer,
            "sub": "alice",
            "client_id": "test-client",
            "iat": now,
            "exp": now + TestProvider::LIFETIME.as_secs(),
            "jti": self.tokens.to_string(),
        })
    }
}
