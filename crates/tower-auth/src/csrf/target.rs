//! Which origin the request was sent to.

use http::header::HOST;
use http::request::Parts;

use super::forwarded::Forwarded;
use super::origin::{Authority, Origin};
use super::policy::Policy;
use super::single::single;

/// How an `Origin` compares with the application's own.
pub(super) enum Target {
    Own,
    /// Host and port are the application's, the scheme is not.
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

/// Compares with the application's own origin. With a public origin the request is not asked:
/// what it says of its host is the client's or a proxy's word.
pub(super) fn compare(policy: &Policy, parts: &Parts, origin: &Origin<&str>) -> Target {
    match &policy.public_origin {
        Some(public) => Target::of(public, origin),
        None => compare_with_request(policy, parts, origin).unwrap_or(Target::Foreign),
    }
}

/// `None` where the request does not say where it was sent to, or says it twice.
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
    // Nothing else in the request tells the scheme. To take `http` for `https` would let who can
    // answer for the plain name forge; on the loopback nobody stands in between.
    let takes_both = forwarded.https.is_none() && (policy.plain_http || authority.is_loopback());
    if takes_both && origin.is_at(&authority) {
        return Some(Target::Own);
    }
    Some(Target::of(&authority.origin(forwarded.https.unwrap_or(true)), origin))
}
