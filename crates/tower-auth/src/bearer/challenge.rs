//! Challenges in `WWW-Authenticate` (RFC 6750, 3): one per line, each parameter once, and no value
//! that would need an escape.

use std::time::Duration;

use http::header::{Entry, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue};

use crate::ProtectedResource;

const SCHEME: &[u8] = b"Bearer";

/// The parameter with the address of the metadata document (RFC 9728, 5.1).
const METADATA: &str = "resource_metadata";

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

    fn scope(self, scope: Option<&str>) -> Self {
        match scope {
            Some(scope) => self.param("scope", scope),
            None => self,
        }
    }

    /// Adds the address of the resource's document, and returns the header's value. `None` cannot
    /// happen, since all the text is printable ASCII.
    fn end(self, resource: Option<&ProtectedResource>) -> Option<HeaderValue> {
        let writer = match resource {
            Some(resource) => self.param(METADATA, resource.metadata_url()),
            None => self,
        };
        HeaderValue::try_from(writer.0).ok()
    }
}

/// Returns `true` for `%x20-21 / %x23-5B / %x5D-7E`: printable ASCII without quote and backslash.
pub(super) fn is_plain(value: &str) -> bool {
    value.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\')
}

/// The challenges of one layer, most of them written in advance.
pub(super) struct Challenges {
    realm: String,
    /// The API whose metadata document every challenge names.
    resource: Option<ProtectedResource>,
    plain: HeaderValue,
    invalid_token: HeaderValue,
    invalid_request: HeaderValue,
}

impl Challenges {
    /// Returns `None` for a realm that a header cannot hold.
    pub(super) fn new(realm: String, resource: Option<ProtectedResource>) -> Option<Self> {
        if !is_plain(&realm) {
            return None;
        }
        let resource = resource.as_ref();
        let start = || Writer::new(&realm);
        let scope = resource.and_then(ProtectedResource::default_scope);
        Some(Self {
            plain: start().scope(scope).end(resource)?,
            invalid_token: start().param("error", "invalid_token").scope(scope).end(resource)?,
            invalid_request: start().param("error", "invalid_request").end(resource)?,
            resource: resource.cloned(),
            realm,
        })
    }

    /// Returns `true` if a 401 names the scopes of its route.
    pub(super) fn name_scopes(&self) -> bool {
        self.resource.is_some()
    }

    /// Names the scopes of the route if they are known, otherwise the default ones.
    pub(super) fn plain(&self, scope: Option<&str>) -> HeaderValue {
        match scope {
            Some(_) => self.written(self.writer().scope(scope)),
            None => self.plain.clone(),
        }
    }

    pub(super) fn invalid_token(&self) -> HeaderValue {
        self.invalid_token.clone()
    }

    pub(super) fn invalid_request(&self) -> HeaderValue {
        self.invalid_request.clone()
    }

    /// Names `scope` if it is known (RFC 6750, 3.1).
    pub(super) fn insufficient_scope(&self, scope: Option<&str>) -> HeaderValue {
        self.written(self.writer().param("error", "insufficient_scope").scope(scope))
    }

    /// Asks for an authentication not older than `max_age` (RFC 9470, 3).
    pub(super) fn too_old(&self, max_age: Duration, scope: Option<&str>) -> HeaderValue {
        let writer = self
            .writer()
            .param("error", "insufficient_user_authentication")
            .param("max_age", &max_age.as_secs().to_string());
        self.written(writer.scope(scope))
    }

    fn writer(&self) -> Writer {
        Writer::new(&self.realm)
    }

    fn written(&self, writer: Writer) -> HeaderValue {
        writer.end(self.resource.as_ref()).unwrap_or_else(|| self.plain.clone())
    }

    /// Adds the document's address to the bearer challenges that a handler wrote itself, unless they
    /// name one.
    pub(super) fn complete(&self, headers: &mut HeaderMap) {
        let Some(resource) = &self.resource else { return };
        let Entry::Occupied(mut lines) = headers.entry(WWW_AUTHENTICATE) else { return };
        for line in lines.iter_mut().filter(|line| is_bearer(line)) {
            if let Some(completed) = completed(line.as_bytes(), resource.metadata_url()) {
                *line = completed;
            }
        }
    }
}

/// Returns the challenge with the parameter directly after the scheme, because another challenge
/// may follow in the same line.
fn completed(line: &[u8], metadata_url: &str) -> Option<HeaderValue> {
    let (scheme, rest) = line.split_at_checked(SCHEME.len())?;
    let rest = rest.trim_ascii_start();
    let name = METADATA.as_bytes();
    if rest.windows(name.len()).any(|window| window.eq_ignore_ascii_case(name)) {
        return None;
    }
    let separator = match rest.first() {
        None | Some(b',') => "",
        Some(_) => ", ",
    };
    let parameter = format!(" {METADATA}=\"{metadata_url}\"{separator}");
    HeaderValue::from_bytes(&[scheme, parameter.as_bytes(), rest].concat()).ok()
}

fn is_bearer(line: &HeaderValue) -> bool {
    let line = line.as_bytes();
    line.split_at_checked(SCHEME.len()).is_some_and(|(start, rest)| {
        start.eq_ignore_ascii_case(SCHEME) && matches!(rest.first(), None | Some(b' ' | b','))
    })
}

/// Adds a challenge on a separate line, unless there is already one of this scheme.
pub(super) fn append(headers: &mut HeaderMap, challenge: HeaderValue) {
    if !headers.get_all(WWW_AUTHENTICATE).iter().any(is_bearer) {
        headers.append(WWW_AUTHENTICATE, challenge);
    }
}
