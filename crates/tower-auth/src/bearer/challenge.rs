//! Challenges in `WWW-Authenticate` (RFC 6750, 3): one per line, each parameter once, and no value
//! that would need an escape.

use std::time::Duration;

use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, HeaderValue};

/// Builds `Bearer realm="…"` and the parameters after it.
pub(super) struct Writer(String);

impl Writer {
    pub(super) fn new(realm: &str) -> Self {
        Self("Bearer".into()).first("realm", realm)
    }

    fn first(mut self, name: &str, value: &str) -> Self {
        self.push(" ", name, value);
        self
    }

    /// Adds a parameter as a quoted string. A parameter whose value RFC 6750, 3 does not allow is
    /// omitted: an incomplete challenge is better than a forged one.
    pub(super) fn param(mut self, name: &str, value: &str) -> Self {
        self.push(", ", name, value);
        self
    }

    fn push(&mut self, separator: &str, name: &str, value: &str) {
        if is_plain(value) {
            self.0.push_str(separator);
            self.0.push_str(name);
            self.0.push_str("=\"");
            self.0.push_str(value);
            self.0.push('"');
        }
    }

    /// Returns the header's value. `None` cannot happen, since all the text is printable ASCII.
    pub(super) fn finish(self) -> Option<HeaderValue> {
        HeaderValue::try_from(self.0).ok()
    }
}

/// Returns `true` for `%x20-21 / %x23-5B / %x5D-7E`: printable ASCII without quote and backslash.
pub(super) fn is_plain(value: &str) -> bool {
    value.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\')
}

/// The challenges of one layer, most of them written in advance.
pub(super) struct Challenges {
    realm: String,
    plain: HeaderValue,
    invalid_token: HeaderValue,
    invalid_request: HeaderValue,
}

impl Challenges {
    /// Returns `None` for a realm that a header cannot hold.
    pub(super) fn new(realm: String) -> Option<Self> {
        if !is_plain(&realm) {
            return None;
        }
        let error = |error| Writer::new(&realm).param("error", error).finish();
        Some(Self {
            plain: Writer::new(&realm).finish()?,
            invalid_token: error("invalid_token")?,
            invalid_request: error("invalid_request")?,
            realm,
        })
    }

    pub(super) fn plain(&self) -> HeaderValue {
        self.plain.clone()
    }

    pub(super) fn invalid_token(&self) -> HeaderValue {
        self.invalid_token.clone()
    }

    pub(super) fn invalid_request(&self) -> HeaderValue {
        self.invalid_request.clone()
    }

    /// Names `scope` if it is known (RFC 6750, 3.1).
    pub(super) fn insufficient_scope(&self, scope: Option<&str>) -> HeaderValue {
        let writer = Writer::new(&self.realm).param("error", "insufficient_scope");
        let writer = match scope {
            Some(scope) => writer.param("scope", scope),
            None => writer,
        };
        writer.finish().unwrap_or_else(|| self.plain())
    }

    /// Asks for an authentication not older than `max_age` (RFC 9470, 3).
    pub(super) fn too_old(&self, max_age: Duration) -> HeaderValue {
        Writer::new(&self.realm)
            .param("error", "insufficient_user_authentication")
            .param("max_age", &max_age.as_secs().to_string())
            .finish()
            .unwrap_or_else(|| self.plain())
    }
}

/// Adds a challenge on a separate line, unless there is already one of this scheme.
pub(super) fn append(headers: &mut HeaderMap, challenge: HeaderValue) {
    let ours = |line: &HeaderValue| {
        let line = line.as_bytes();
        line.get(..6).is_some_and(|start| start.eq_ignore_ascii_case(b"Bearer"))
            && matches!(line.get(6), None | Some(b' ' | b','))
    };
    if !headers.get_all(WWW_AUTHENTICATE).iter().any(ours) {
        headers.append(WWW_AUTHENTICATE, challenge);
    }
}
