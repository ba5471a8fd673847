//! The check of an unsafe request.

use http::header::{HeaderName, ORIGIN, UPGRADE};
use http::request::Parts;
use http::{HeaderMap, Method};
use tower_auth_core::rejection::CsrfFault;

use super::origin::Origin;
use super::policy::Policy;
use super::single::single;
use super::target::Target;
use super::{Config, ambient, target, token};
use crate::jar::Jar;
use crate::jar::vary::Vary;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Returns whether the method promises to change nothing. Methods are case-sensitive. `TRACE` is
/// safe by RFC 9110 but does not count: no handler should serve it.
fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Returns whether the layer checks the request: it has an unsafe method or opens a WebSocket.
#[inline]
pub(super) fn needs_check(parts: &Parts) -> bool {
    !is_safe(&parts.method) || is_handshake(&parts.headers)
}

/// Returns whether the request opens a WebSocket over HTTP/1. The handshake is a `GET` (RFC 6455,
/// 4.1), which a page of any site can make a browser send, with cookies. The messages after it may
/// change anything (ASVS 4.4.2).
#[inline]
fn is_handshake(headers: &HeaderMap) -> bool {
    // Hardly any request has this header.
    headers.contains_key(UPGRADE) && names_websocket(headers)
}

#[cold]
fn names_websocket(headers: &HeaderMap) -> bool {
    let names_it = |protocol: &[u8]| {
        let name = protocol.split(|byte| *byte == b'/').next().unwrap_or_default();
        name.trim_ascii().eq_ignore_ascii_case(b"websocket")
    };
    let lines = headers.get_all(UPGRADE).iter();
    lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b',')).any(names_it)
}

/// The sender of an unsafe request, according to its headers.
enum Sender {
    /// The application's own pages, or a trusted origin.
    Trusted(Evidence),
    Elsewhere(CsrfFault),
    /// No evidence that can be believed.
    NoEvidence,
}

/// The kind of evidence by which a request passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Evidence {
    /// The browser reports that the page itself or the user caused the request. This evidence holds
    /// under any settings.
    Browser,
    /// The settings decided. A check with other settings might have another result.
    Settings,
}

/// Checks an unsafe request or a WebSocket handshake.
pub(crate) fn check(config: &Config, jar: &Jar, parts: &Parts) -> Result<(), CsrfFault> {
    let policy = &config.policy;
    if policy.is_exempt(parts) {
        return Ok(());
    }
    jar.vary(Vary::Sender);
    by_headers(policy, Some(jar), parts, || token::check(config, jar, &parts.headers).is_ok())?;
    if !config.token.is_required(parts) {
        return Ok(());
    }
    // A page can add no header, and so no token, to a handshake: the sender check must suffice.
    // Over HTTP/2 the handshake is a `CONNECT` (RFC 8441), which browsers send for nothing else.
    let is_handshake =
        parts.method == Method::CONNECT || (is_safe(&parts.method) && is_handshake(&parts.headers));
    let needs_token = !is_handshake
        // No other site can make a browser send this credential (CS-18). A request without any
        // credential still needs a token: it may be a login (CS-13).
        && !ambient::is_explicit_alone(policy, Some(jar), parts)
        && !ambient::is_refresh_by_body(policy, Some(jar), parts);
    if needs_token { token::check(config, jar, &parts.headers) } else { Ok(()) }
}

/// Checks the headers, for a layer with or without tokens. Calls `redeems` only if a request
/// carries a credential and no evidence of its sender. `jar` is `None` if the request has no
/// context.
pub(super) fn by_headers(
    policy: &Policy,
    jar: Option<&Jar>,
    parts: &Parts,
    redeems: impl FnOnce() -> bool,
) -> Result<Evidence, CsrfFault> {
    match sender(policy, parts) {
        Sender::Trusted(evidence) => Ok(evidence),
        Sender::Elsewhere(fault) => Err(fault),
        Sender::NoEvidence => {
            let is_harmless = !ambient::has_credential(policy, jar, parts)
                || (!policy.strict && ambient::is_preflighted(parts));
            if is_harmless || redeems() {
                Ok(Evidence::Settings)
            } else {
                Err(CsrfFault::MissingOrigin)
            }
        }
    }
}

fn sender(policy: &Policy, parts: &Parts) -> Sender {
    // Only a browser can set this header; no page can. A browser would call the application's own
    // origin `same-origin`, so with the other two values only a trusted `Origin` lets the request
    // pass.
    match site(&parts.headers) {
        Some(b"same-origin" | b"none") => return Sender::Trusted(Evidence::Browser),
        Some(b"same-site") if policy.trust_same_site => return Sender::Trusted(Evidence::Settings),
        Some(b"same-site" | b"cross-site") => {
            return match single(&parts.headers, ORIGIN) {
                Ok(Some(text)) if policy.trusted.has(text, Origin::parse(text).as_ref(), parts) => {
                    Sender::Trusted(Evidence::Settings)
                }
                _ => Sender::Elsewhere(CsrfFault::CrossSite),
            };
        }
        _ => {}
    }
    let text = match single(&parts.headers, ORIGIN) {
        Ok(None) => return Sender::NoEvidence,
        Ok(Some(text)) => text,
        Err(()) => return Sender::Elsewhere(CsrfFault::ForeignOrigin),
    };
    let origin = Origin::parse(text);
    let target = match &origin {
        Some(origin) => target::compare(policy, parts, origin),
        None => Target::Foreign,
    };
    match target {
        Target::Own => Sender::Trusted(Evidence::Settings),
        _ if policy.trusted.has(text, origin.as_ref(), parts) => {
            Sender::Trusted(Evidence::Settings)
        }
        Target::OtherScheme => Sender::Elsewhere(CsrfFault::PlainHttp),
        Target::Foreign => Sender::Elsewhere(CsrfFault::ForeignOrigin),
    }
}

/// The header's exact value, if the header occurs once.
fn site(headers: &HeaderMap) -> Option<&[u8]> {
    let mut lines = headers.get_all(SEC_FETCH_SITE).iter();
    match (lines.next(), lines.next()) {
        (Some(line), None) => Some(line.as_bytes()),
        _ => None,
    }
}
