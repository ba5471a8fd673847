//! The carriers before they are checked.

use cookie::Cookie;
use http::header::{AUTHORIZATION, COOKIE, HeaderName, PROXY_AUTHORIZATION, SET_COOKIE};
use memchr::memmem::Finder;

use super::super::BearerConfigError;
use super::{Carriers, CookieCarrier, HeaderCarrier};
use crate::jar::check::{check_name, wants_secure};
use crate::resource::BearerMethod;

/// The carriers, as the builder got them.
#[derive(Default)]
pub(in super::super) struct CarrierOptions {
    /// Names, each with the text before the token.
    pub(super) headers: Vec<(String, Option<String>)>,
    pub(super) cookies: Vec<String>,
    pub(super) query: Vec<String>,
}

impl CarrierOptions {
    /// Returns the names of the cookies.
    #[cfg(feature = "stack")]
    pub(in super::super) fn cookies(&self) -> &[String] {
        &self.cookies
    }

    /// Checks that the layer reads tokens in all the ways that a metadata document lists.
    pub(in super::super) fn check_methods(
        &self,
        listed: &[BearerMethod],
    ) -> Result<(), BearerConfigError> {
        let is_read = |method: &BearerMethod| match method {
            BearerMethod::Header => true,
            // The document means this parameter only (RFC 6750, 2.3).
            BearerMethod::Query => self.query.iter().any(|name| name == "access_token"),
            BearerMethod::Body => false,
        };
        match listed.iter().find(|method| !is_read(method)) {
            Some(method) => Err(BearerConfigError::BearerMethod(*method)),
            None => Ok(()),
        }
    }

    /// Checks the names. Returns `None` if there are none.
    pub(in super::super) fn check(
        self,
        plain_http: bool,
    ) -> Result<Option<Box<Carriers>>, BearerConfigError> {
        let Self { headers, cookies, query } = self;
        if headers.is_empty() && cookies.is_empty() && query.is_empty() {
            return Ok(None);
        }
        let mut carriers = Carriers { headers: Vec::new(), cookies: Vec::new(), query: Vec::new() };
        for (name, prefix) in headers {
            let setter = if prefix.is_some() { "from_header_with_prefix" } else { "from_header" };
            let name = header(setter, name)?;
            if carriers.headers.iter().any(|carrier| carrier.name == name) {
                return Err(refused(setter, name.as_str(), TWICE));
            }
            let prefix = match prefix {
                None => String::new(),
                Some(prefix) => check_prefix(setter, &name, prefix)?,
            };
            carriers.headers.push(HeaderCarrier { name, prefix });
        }
        for name in cookies {
            check_cookie(&name, plain_http)?;
            if carriers.cookies.iter().any(|carrier| carrier.name == name) {
                return Err(refused("from_cookie", &name, TWICE));
            }
            let finder = Finder::new(&name).into_owned();
            carriers.cookies.push(CookieCarrier { name, finder });
        }
        for name in query {
            let setter = "insecure_from_query";
            if name.is_empty() {
                return Err(refused(setter, &name, "pass the name of the query parameter"));
            }
            if carriers.query.contains(&name) {
                return Err(refused(setter, &name, TWICE));
            }
            carriers.query.push(name);
        }
        Ok(Some(Box::new(carriers)))
    }
}

const TWICE: &str = "the name was given twice: leave out one of them";

fn refused(setter: &'static str, name: &str, fix: &'static str) -> BearerConfigError {
    BearerConfigError::Carrier { setter, name: name.to_owned(), fix }
}

fn header(setter: &'static str, name: String) -> Result<HeaderName, BearerConfigError> {
    let Ok(header) = HeaderName::try_from(&name) else {
        let fix = "the name of a header has letters, digits and - and is not empty";
        return Err(refused(setter, &name, fix));
    };
    let fix = if header == AUTHORIZATION {
        "the layer always reads this header: leave the setter out"
    } else if header == COOKIE || header == SET_COOKIE {
        "this header contains cookies: name the cookie with from_cookie"
    } else if header == PROXY_AUTHORIZATION {
        "this header is for the next proxy, not for the application: name another header"
    } else {
        return Ok(header);
    };
    Err(refused(setter, header.as_str(), fix))
}

fn check_prefix(
    setter: &'static str,
    name: &HeaderName,
    prefix: String,
) -> Result<String, BearerConfigError> {
    let fix = if prefix.trim().is_empty() {
        "the prefix is empty: use from_header, or pass the text before the token, such as \
         \"Bearer \""
    } else if !prefix.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        "the prefix cannot be sent in a header: use printable ASCII"
    } else if prefix.starts_with(' ') {
        "the prefix begins with a space, which no header's value does: leave the space out"
    } else {
        return Ok(prefix);
    };
    Err(refused(setter, name.as_str(), fix))
}

/// Checks that a browser would keep a cookie of this name, and protect it as its prefix says.
fn check_cookie(name: &str, plain_http: bool) -> Result<(), BearerConfigError> {
    let fix = if check_name(name).is_err() {
        "the name of a cookie has letters, digits, - and _ and is not empty"
    } else if is_misspelled(name) {
        "not every browser protects this spelling of the prefix: write __Host-, __Secure-, \
         __Http- or __Host-Http-"
    } else if plain_http && wants_secure(&Cookie::new(name, "")) {
        "browsers refuse cookies with this prefix over plain HTTP: leave \
         insecure_allow_plain_http out, or name a cookie without the prefix"
    } else {
        return Ok(());
    };
    Err(refused("from_cookie", name, fix))
}

/// Returns `true` if the name begins with a prefix in another case. New browsers match prefixes in
/// any case, older ones only in this one (CK-11).
fn is_misspelled(name: &str) -> bool {
    wants_secure(&Cookie::new(name, ""))
        && !["__Host-", "__Secure-", "__Http-"].iter().any(|prefix| name.starts_with(prefix))
}
