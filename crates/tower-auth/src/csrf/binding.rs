//! The binding of a token to a cookie.

use std::borrow::Cow;
use std::hash::Hash;

use super::Config;
use super::sought::Sought;
use crate::jar::presented::Presented;
use crate::jar::{Jar, is_removal};

/// A cookie value that binds a token, in the order of precedence. The session goes first: an
/// attacker who plants their own pre-session cookie in a browser must not replace the session's
/// binding.
pub(super) enum Binding<'a> {
    /// The secret of this application's session. Only the secret, so that a binding survives a
    /// rotation of the key ring.
    Secret([u8; 16]),
    /// The whole value of another library's cookie.
    Whole(Cow<'a, [u8]>),
    /// The family of a refresh token. Only the family, so that a binding survives an exchange of
    /// the token.
    #[cfg(feature = "refresh")]
    Family([u8; 16]),
    PreSession([u8; 16]),
}

impl Binding<'_> {
    /// The parts that the MAC covers. The first part separates the kinds.
    pub(super) fn parts(&self) -> [&[u8]; 2] {
        match self {
            Self::PreSession(random) => [&[1], random],
            Self::Secret(secret) => [&[2], secret],
            Self::Whole(value) => [&[3], value],
            #[cfg(feature = "refresh")]
            Self::Family(family) => [&[4], family],
        }
    }
}

/// The request has two different values of another library's cookie, and it is unknown which value
/// that library reads.
pub(super) struct Ambiguous;

/// The binding of the request, from the cookies that it brought.
pub(super) fn of_request<'a>(
    config: &'a Config,
    jar: &'a Jar,
) -> Result<Option<Binding<'a>>, Ambiguous> {
    find(config, |cookie| jar.seek_all(cookie.finder()).map(Cow::Borrowed))
}

/// The binding of the next request, with this response's cookies taken into account. A token in the
/// response that logs a user in is therefore bound to the new session.
pub(super) fn of_response<'a>(config: &'a Config, jar: &'a Jar) -> Option<Binding<'a>> {
    let found = find(config, |cookie| {
        let (written, came) = match jar.written(cookie.name()) {
            None => (None, Some(jar.seek_all(cookie.finder()))),
            Some(cookie) if is_removal(&cookie) => (None, None),
            Some(cookie) => (Some(Cow::Owned(cookie.value().as_bytes().to_vec())), None),
        };
        written.into_iter().chain(came.into_iter().flatten().map(Cow::Borrowed))
    });
    found.ok().flatten()
}

fn find<'a, V>(
    config: &'a Config,
    values: impl Fn(&'a Sought) -> V,
) -> Result<Option<Binding<'a>>, Ambiguous>
where
    V: Iterator<Item = Cow<'a, [u8]>>,
{
    let session = &config.session;
    if let Some(secret) = proven(values(&session.cookie), |value| session.secret(value)) {
        return Ok(Some(Binding::Secret(secret)));
    }
    if session.takes_any {
        let mut values = values(&session.cookie);
        let first = values.next();
        if values.any(|value| Some(&value) != first.as_ref()) {
            return Err(Ambiguous);
        }
        if let Some(value) = first.filter(|value| !value.is_empty()) {
            return Ok(Some(Binding::Whole(value)));
        }
    }
    #[cfg(feature = "refresh")]
    if let Some(family) = proven(values(&config.refresh_cookie), |it| config.families.of(it)) {
        return Ok(Some(Binding::Family(family)));
    }
    let own = &config.pre_session;
    Ok(proven(values(own.cookie()), |value| own.read(value)).map(Binding::PreSession))
}

/// The one value that the cookies of a name prove; see [`Presented`].
fn proven<'a, T: Copy + Eq + Hash>(
    values: impl Iterator<Item = Cow<'a, [u8]>>,
    read: impl Fn(&[u8]) -> Option<T>,
) -> Option<T> {
    Presented::among(values, |value| read(&value), |it| *it).one()
}
