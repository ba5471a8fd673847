//! What a token is bound to.

use std::borrow::Cow;
use std::hash::Hash;

use super::Config;
use super::sought::Sought;
use crate::jar::presented::Presented;
use crate::jar::{Jar, is_removal};

/// In the order in which they are looked for. The session goes first: who plants a pre-session
/// cookie of their own in a browser must not replace what the session binds.
pub(super) enum Binding<'a> {
    /// Of a session of ours the secret alone: it stays when the ring rotates.
    Secret([u8; 16]),
    /// The value of a cookie that another library makes.
    Whole(Cow<'a, [u8]>),
    /// Of a refresh token its family alone: it stays when the token is exchanged.
    #[cfg(feature = "refresh")]
    Family([u8; 16]),
    PreSession([u8; 16]),
}

impl Binding<'_> {
    /// As parts of a MAC; the first keeps the kinds apart.
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

/// Two different values of another library's cookie came. Which one it reads is not known.
pub(super) struct Ambiguous;

/// What the request is bound to: the cookies that it came with.
pub(super) fn of_request<'a>(
    config: &'a Config,
    jar: &'a Jar,
) -> Result<Option<Binding<'a>>, Ambiguous> {
    find(config, |cookie| jar.seek_all(cookie.finder()).map(Cow::Borrowed))
}

/// What the request after this response will be bound to: this response's cookies count. So a
/// token in the very response that logs a user in is bound to the new session.
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

/// What the values of one name prove; see [`Presented`].
fn proven<'a, T: Copy + Eq + Hash>(
    values: impl Iterator<Item = Cow<'a, [u8]>>,
    read: impl Fn(&[u8]) -> Option<T>,
) -> Option<T> {
    Presented::among(values, |value| read(&value), |it| *it).one()
}
