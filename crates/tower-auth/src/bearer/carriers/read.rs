//! Reading of the token from the configured carriers.

use std::borrow::Cow;

use http::{HeaderMap, Uri};

use super::super::authorization::{self, Sent};
use super::{Carriers, CookieCarrier, HeaderCarrier};
use crate::jar::Jar;

/// The credential of a request, from whichever carrier.
pub(in super::super) enum Carried<'r> {
    /// No carrier has a bearer credential.
    Nothing,
    Token {
        token: Cow<'r, [u8]>,
        /// Whether a cookie carried the token. A browser attaches cookies by itself.
        by_cookie: bool,
    },
    /// Several credentials, or an invalid one.
    Malformed,
}

impl<'r> Carried<'r> {
    /// Adds the credential of another carrier. A client uses one carrier for each request (RFC
    /// 6750, 2): another component might read the other token, so neither can be trusted.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Nothing, one) | (one, Self::Nothing) => one,
            _ => Self::Malformed,
        }
    }

    /// Takes the whole text as a token. Its characters are checked later, as those of a token in
    /// `Authorization`.
    fn explicit(token: impl Into<Cow<'r, [u8]>>) -> Self {
        let token = token.into();
        if token.is_empty() { Self::Malformed } else { Self::Token { token, by_cookie: false } }
    }
}

impl<'r> From<Sent<'r>> for Carried<'r> {
    fn from(sent: Sent<'r>) -> Self {
        match sent {
            Sent::Nothing => Self::Nothing,
            Sent::Token(token) => Self::Token { token: token.into(), by_cookie: false },
            Sent::Malformed => Self::Malformed,
        }
    }
}

impl Carriers {
    /// Reads the credential from the `Authorization` header and from the carriers.
    pub(in super::super) fn read<'r>(
        &self,
        headers: &'r HeaderMap,
        uri: &'r Uri,
        jar: &'r Jar,
    ) -> Carried<'r> {
        let mut carried = Carried::from(authorization::read(headers));
        for carrier in &self.headers {
            carried = carried.and(carrier.read(headers));
        }
        for carrier in &self.cookies {
            carried = carried.and(carrier.read(jar));
        }
        if self.query.is_empty() {
            return carried;
        }
        for (name, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
            if self.query.iter().any(|it| **it == *name) {
                // The address is the response's key in a cache (RFC 6750, 2.3).
                jar.no_store();
                let value = match value {
                    Cow::Borrowed(value) => Cow::Borrowed(value.as_bytes()),
                    Cow::Owned(value) => Cow::Owned(value.into_bytes()),
                };
                carried = carried.and(Carried::explicit(value));
            }
        }
        carried
    }
}

impl HeaderCarrier {
    fn read<'r>(&self, headers: &'r HeaderMap) -> Carried<'r> {
        let mut lines = headers.get_all(&self.name).iter();
        let line = match (lines.next(), lines.next()) {
            (None, _) => return Carried::Nothing,
            (Some(line), None) => line.as_bytes(),
            (Some(_), Some(_)) => return Carried::Malformed,
        };
        if self.prefix.is_empty() {
            return Carried::explicit(line);
        }
        // Credentials of another scheme are ignored, as in `Authorization`.
        let Some((prefix, token)) = line.split_at_checked(self.prefix.len()) else {
            return Carried::Nothing;
        };
        if !prefix.eq_ignore_ascii_case(self.prefix.as_bytes()) {
            return Carried::Nothing;
        }
        let spaces = token.iter().take_while(|byte| **byte == b' ').count();
        Carried::explicit(&token[spaces..])
    }
}

impl CookieCarrier {
    /// Reads the one value of the cookie. A browser may send a cookie of the same name from several
    /// scopes, and which one the application set is unknown (CK-07). An empty value is no token: an
    /// application may clear a cookie in this way.
    fn read<'r>(&self, jar: &'r Jar) -> Carried<'r> {
        let mut values = jar.seek_all(&self.finder);
        let Some(value) = values.next() else { return Carried::Nothing };
        if values.any(|other| other != value) {
            return Carried::Malformed;
        }
        if value.is_empty() {
            return Carried::Nothing;
        }
        Carried::Token { token: value.into(), by_cookie: true }
    }
}
