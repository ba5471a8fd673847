//! The decision.

use http::header::{HeaderName, ORIGIN, UPGRADE};
use http::request::Parts;
use http::{HeaderMap, Method};
use tower_auth_core::rejection::CsrfFault;

use super::origin::Origin;
use super::{Config, ambient, path, target, token};
use crate::cookie::jar::Jar;
use crate::cookie::vary::Vary;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether the method promises to change nothing. Methods are case-sensitive, and `TRACE`, which
/// RFC 9110 calls safe, has no business with a handler.
pub(super) fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Whether it opens a WebSocket over HTTP/1. That is a `GET` (RFC 6455, 4.1) which a page of any
/// site may make a browser send, with cookies, and what comes after it may change anything (ASVS
/// 4.4.2).
pub(super) fn is_handshake(headers: &HeaderMap) -> bool {
    let names_it = |protocol: &[u8]| {
        let name = protocol.split(|byte| *byte == b'/').next().unwrap_or_default();
        name.trim_ascii().eq_ignore_ascii_case(b"websocket")
    };
    let lines = headers.get_all(UPGRADE).iter();
    lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b',')).any(names_it)
}

/// What an unsafe request's headers say of where it comes from.
enum Sender {
    /// From the application, or from whom it trusts.
    Trusted,
    Elsewhere(CsrfFault),
    /// Nothing that could be believed.
    Silence,
}

/// Whether this unsafe request, or this handshake, may go on.
pub(crate) fn judge(config: &Config, jar: &Jar, parts: &Parts) -> Result<(), CsrfFault> {
    if path::is_exempt(&config.exempt, parts.uri.path()) {
        return Ok(());
    }
    jar.vary(Vary::Sender);
    match sender(config, parts) {
        Sender::Trusted => {}
        Sender::Elsewhere(fault) => return Err(fault),
        Sender::Silence => {
            let harmless = !ambient::has_credential(config, jar, parts)
                || (!config.strict && ambient::is_preflighted(parts));
            if !harmless && token::check(config, jar, &parts.headers).is_err() {
                return Err(CsrfFault::MissingOrigin);
            }
        }
    }
    // A page can add no header to a handshake, and so no token: where it comes from must do. Over
    // HTTP/2 it is a `CONNECT` (RFC 8441), which browsers send for nothing else.
    let is_handshake =
        parts.method == Method::CONNECT || (is_safe(&parts.method) && is_handshake(&parts.headers));
    let may_bring_token = !is_handshake;
    if may_bring_token && config.token.is_required(parts) {
        return token::check(config, jar, &parts.headers);
    }
    Ok(())
}

fn sender(config: &Config, parts: &Parts) -> Sender {
    let origin = sent_origin(&parts.headers);
    let is_trusted = || match &origin {
        Sent::One(origin) => config.trusted_origins.iter().any(|it| it.same(origin)),
        Sent::Nothing | Sent::Unreadable => false,
    };
    // Only a browser can set this header, and no page can. A browser would call the application's
    // own origin `same-origin`, so that `Origin` redeems the other two only if it is trusted.
    match site(&parts.headers) {
        Some(b"same-origin" | b"none") => return Sender::Trusted,
        Some(b"same-site") if config.trust_same_site => return Sender::Trusted,
        Some(b"same-site" | b"cross-site") => {
            return if is_trusted() {
                Sender::Trusted
            } else {
                Sender::Elsewhere(CsrfFault::CrossSite)
            };
        }
        _ => {}
    }
    match &origin {
        Sent::Nothing => Sender::Silence,
        Sent::One(origin) if is_trusted() || target::is_own(config, parts, origin) => {
            Sender::Trusted
        }
        Sent::One(_) | Sent::Unreadable => Sender::Elsewhere(CsrfFault::ForeignOrigin),
    }
}

/// The header's exact value, if it came once.
fn site(headers: &HeaderMap) -> Option<&[u8]> {
    let mut lines = headers.get_all(SEC_FETCH_SITE).iter();
    match (lines.next(), lines.next()) {
        (Some(line), None) => Some(line.as_bytes()),
        _ => None,
    }
}

enum Sent<'a> {
    Nothing,
    One(Origin<&'a str>),
    /// `null`, several, or no origin at all.
    Unreadable,
}

fn sent_origin(headers: &HeaderMap) -> Sent<'_> {
    let mut lines = headers.get_all(ORIGIN).iter();
    match (lines.next(), lines.next()) {
        (None, _) => Sent::Nothing,
        (Some(line), None) => {
            line.to_str().ok().and_then(Origin::parse).map_or(Sent::Unreadable, Sent::One)
        }
        (Some(_), Some(_)) => Sent::Unreadable,
    }
}
