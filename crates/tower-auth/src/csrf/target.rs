//! Which origin the request was sent to.

use http::header::{HOST, HeaderMap, HeaderName};
use http::request::Parts;

use super::Config;
use super::origin::{Authority, Origin};

const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Whether the origin is the application's own. With a public origin the request is not asked:
/// what it says of its host is the client's or a proxy's word.
pub(super) fn is_own(config: &Config, parts: &Parts, origin: &Origin<&str>) -> bool {
    if let Some(public) = &config.public_origin {
        return public.same(origin);
    }
    let proxied = config.trusted_proxy.as_ref().is_some_and(|is_trusted| is_trusted(parts));
    own(parts, proxied, config.plain_http, origin).unwrap_or(false)
}

/// `None` where the request does not say where it was sent to, or says it twice.
fn own(parts: &Parts, proxied: bool, plain_http: bool, origin: &Origin<&str>) -> Option<bool> {
    let forwarded = |name| if proxied { single(&parts.headers, name) } else { Ok(None) };
    let host = forwarded(FORWARDED_HOST).ok()?;
    let scheme = forwarded(FORWARDED_PROTO).ok()?;

    let authority = match (host, parts.uri.authority()) {
        (Some(host), _) => Authority::parse(host)?,
        (None, Some(authority)) => Authority::parse(authority.as_str())?,
        (None, None) => Authority::parse(single(&parts.headers, HOST).ok()??)?,
    };
    let scheme_fits = match scheme {
        Some(scheme) if scheme.eq_ignore_ascii_case("https") => origin.https,
        Some(scheme) if scheme.eq_ignore_ascii_case("http") => !origin.https,
        Some(_) => false,
        // Nothing in the request tells the scheme. To take `http` for `https` would let who can
        // answer for the plain name forge; on the loopback nobody stands in between.
        None => origin.https || plain_http || authority.is_loopback(),
    };
    Some(scheme_fits && origin.is_at(&authority))
}

/// The one value of a header; an error where there are several or it is no text.
fn single(headers: &HeaderMap, name: HeaderName) -> Result<Option<&str>, ()> {
    let mut lines = headers.get_all(name).iter();
    match (lines.next(), lines.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(drop),
        (Some(_), Some(_)) => Err(()),
    }
}
