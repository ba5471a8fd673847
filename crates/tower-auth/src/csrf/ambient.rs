//! Credentials that browsers attach on their own, and requests that need a CORS preflight.

use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::request::Parts;

use super::path;
use super::policy::Policy;
use crate::jar::Jar;

/// Returns whether the request carries a credential that a browser may have attached on its own.
pub(super) fn has_credential(policy: &Policy, jar: Option<&Jar>, parts: &Parts) -> bool {
    let mut lines = parts.headers.get_all(AUTHORIZATION).iter();
    let attached = |scheme: &[u8]| {
        // At a refresh path, Basic names an OAuth client and authenticates no user.
        let names_client = scheme.eq_ignore_ascii_case(b"Basic") && is_refresh(policy, parts);
        !is_explicit(scheme) && !names_client
    };
    policy.has_ambient_cookie(jar, parts) || lines.any(|line| attached(scheme(line.as_bytes()).0))
}

/// Returns whether the request exchanges or revokes a refresh token from its body. No browser adds
/// such a token on its own, and no other site knows it.
pub(super) fn is_refresh_by_body(policy: &Policy, jar: Option<&Jar>, parts: &Parts) -> bool {
    is_refresh(policy, parts) && !has_credential(policy, jar, parts)
}

fn is_refresh(policy: &Policy, parts: &Parts) -> bool {
    path::is_listed(&policy.refresh_paths, parts.uri.path())
}

/// Returns whether a credential that only a script or a program adds is the only credential of the
/// request. Several `Authorization` lines, or a scheme without a credential, authenticate nothing.
pub(super) fn is_explicit_alone(policy: &Policy, jar: Option<&Jar>, parts: &Parts) -> bool {
    let mut lines = parts.headers.get_all(AUTHORIZATION).iter();
    let (Some(line), None) = (lines.next(), lines.next()) else { return false };
    let (scheme, credential) = scheme(line.as_bytes());
    // A comma joins several credentials; neither scheme's own syntax contains a comma.
    let is_one = !credential.trim_ascii().is_empty() && !credential.contains(&b',');
    is_one && is_explicit(scheme) && !has_credential(policy, jar, parts)
}

/// The scheme of an `Authorization` line, and the text after it.
fn scheme(line: &[u8]) -> (&[u8], &[u8]) {
    let end = line.iter().position(|byte| matches!(byte, b' ' | b'\t')).unwrap_or(line.len());
    line.split_at(end)
}

/// Browsers repeat Basic, Digest and Negotiate on their own. Bearer and DPoP need a script.
fn is_explicit(scheme: &[u8]) -> bool {
    scheme.eq_ignore_ascii_case(b"Bearer") || scheme.eq_ignore_ascii_case(b"DPoP")
}

/// Returns whether a browser sends this request to another site only after a CORS preflight (Fetch,
/// "CORS-safelisted method" and "request-header"). Unreadable values count as not preflighted.
pub(super) fn is_preflighted(parts: &Parts) -> bool {
    let method = parts.method.as_str();
    // The comparison ignores case, because browsers uppercase the first three methods before they
    // compare. No script can send `CONNECT`, but over HTTP/2 a page's WebSocket is a `CONNECT` (RFC
    // 8441), and browsers send no preflight for it.
    if !["GET", "HEAD", "POST", "CONNECT"].iter().any(|it| it.eq_ignore_ascii_case(method)) {
        return true;
    }
    let mut lines = parts.headers.get_all(CONTENT_TYPE).iter();
    let (Some(line), None) = (lines.next(), lines.next()) else { return false };
    let line = line.as_bytes();
    // A comma joins several types.
    if line.contains(&b',') {
        return false;
    }
    let end = line.iter().position(|byte| *byte == b';').unwrap_or(line.len());
    let essence = line[..end].trim_ascii();
    is_essence(essence) && !UNASKED.iter().any(|it| it.eq_ignore_ascii_case(essence))
}

/// The content types that a browser posts to another site without a preflight.
const UNASKED: [&[u8]; 6] = [
    b"application/x-www-form-urlencoded",
    b"multipart/form-data",
    b"text/plain",
    // `<a ping>` sends it with cookies, to any target of the link (HTML, "hyperlink auditing").
    b"text/ping",
    // Reports go to any endpoint that a page's policy names.
    b"application/csp-report",
    b"application/reports+json",
];

/// Checks for `type/subtype`, both tokens (RFC 9110, 5.6.2).
fn is_essence(text: &[u8]) -> bool {
    let is_token = |text: &[u8]| {
        let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
        !text.is_empty() && text.iter().all(fits)
    };
    let Some(slash) = text.iter().position(|byte| *byte == b'/') else { return false };
    is_token(&text[..slash]) && is_token(&text[slash + 1..])
}
