//! The origin to which the client sent the request.

use http::header::HOST;
use http::request::Parts;

use super::forwarded::Forwarded;
use super::origin::{Authority, Origin};
use super::policy::Policy;
use super::single::single;

/// The relation between an `Origin` and the application's own.
pub(super) enum Target {
    Own,
    /// The host and the port are the application's, but the scheme differs.
    OtherScheme,
    Foreign,
}

impl Target {
    fn of<N: AsRef<str>>(own: &Origin<N>, origin: &Origin<&str>) -> Self {
        if own.same(origin) {
            Self::Own
        } else if own.differs_in_scheme(origin) {
            Self::OtherScheme
        } else {
            Self::Foreign
        }
    }
}

/// Compares `origin` with the application's own origin. If there is a public origin, the request's
/// own host is ignored: it is a claim of the client or a proxy.
pub(super) fn compare(policy: &Policy, parts: &Parts, origin: &Origin<&str>) -> Target {
    match &policy.public_origin {
        Some(public) => Target::of(public, origin),
        None => compare_with_request(policy, parts, origin).unwrap_or(Target::Foreign),
    }
}

/// Returns `None` if the request does not name its target, or names it twice.
fn compare_with_request(policy: &Policy, parts: &Parts, origin: &Origin<&str>) -> Option<Target> {
    let proxy = policy.trusted_proxy.as_ref().filter(|(_, is_trusted)| is_trusted(parts));
    let forwarded = match proxy {
        Some((which, _)) => Forwarded::read(*which, &parts.headers)?,
        None => Forwarded::default(),
    };
    let mut authority = match (forwarded.authority, parts.uri.authority()) {
        (Some(authority), _) => authority,
        (None, Some(authority)) => Authority::parse(authority.as_str())?.map(Into::into),
        (None, None) => Authority::parse(single(&parts.headers, HOST).ok()??)?.map(Into::into),
    };
    if let Some(port) = forwarded.port {
        authority = authority.at_port(port);
    }
    // Nothing else in the request shows the scheme. If `http` counted as `https`, an attacker who
    // can answer for the plain-HTTP name could forge requests. On the loopback, no attacker is in
    // between.
    let takes_both = forwarded.https.is_none() && (policy.plain_http || authority.is_loopback());
    if takes_both && origin.is_at(&authority) {
        return Some(Target::Own);
    }
    Some(Target::of(&authority.origin(forwarded.https.unwrap_or(true)), origin))
}
