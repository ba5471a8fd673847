//! What a token is bound to.

use std::borrow::Cow;

use super::Config;
use crate::cookie::jar::{Found, Jar};
use crate::credential::secret_part;

/// In the order in which they are looked for.
pub(super) enum Binding<'a> {
    PreSession([u8; 16]),
    /// Of one of our own credentials the secret alone: it stays when the ring rotates.
    Secret([u8; 16]),
    /// The value of a cookie that somebody else makes.
    Whole(Cow<'a, [u8]>),
    /// Of a refresh token its family alone: it stays when the token is exchanged.
    #[cfg(feature = "refresh")]
    Family([u8; 16]),
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

/// What the request is bound to: the cookies that it came with.
pub(super) fn of_request<'a>(config: &Config, jar: &'a Jar) -> Option<Binding<'a>> {
    find(config, |name| came(jar, name).map(Cow::Borrowed))
}

/// What the request after this response will be bound to: this response's cookies count. So a
/// token in the very response that logs somebody in is bound to the new session.
pub(super) fn of_response<'a>(config: &Config, jar: &'a Jar) -> Option<Binding<'a>> {
    find(config, |name| match jar.written(name) {
        None => came(jar, name).map(Cow::Borrowed),
        Some(cookie) if cookie.max_age().is_some_and(|age| age.whole_seconds() <= 0) => None,
        Some(cookie) => Some(Cow::Owned(cookie.value().as_bytes().to_vec())),
    })
}

fn find<'a>(config: &Config, value: impl Fn(&str) -> Option<Cow<'a, [u8]>>) -> Option<Binding<'a>> {
    let own = &config.pre_session;
    if let Some(random) = value(own.name()).and_then(|value| own.read(&value)) {
        return Some(Binding::PreSession(random));
    }
    if let Some(bound) = value(config.bound_to()).filter(|value| !value.is_empty()) {
        return Some(secret_part(&bound).map_or(Binding::Whole(bound), Binding::Secret));
    }
    #[cfg(feature = "refresh")]
    if let Some(family) = value(&config.refresh_cookie).and_then(|it| config.families.of(&it)) {
        return Some(Binding::Family(family));
    }
    None
}

/// A cookie that comes twice may be shadowed by a parent domain: it binds nothing.
fn came<'a>(jar: &'a Jar, name: &str) -> Option<&'a [u8]> {
    match jar.find(name) {
        Found::One(value) => Some(value),
        Found::Absent | Found::Twice => None,
    }
}
