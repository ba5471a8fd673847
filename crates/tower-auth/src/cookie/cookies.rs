//! The handler's access to cookies.

use std::fmt;
use std::sync::Arc;

use cookie::Cookie;
use http::Extensions;
use tower_auth_core::event::{Event, EventKind};

use super::{Config, Encoded, Encrypted, Signed};
use crate::jar::CookieError;
use crate::jar::check::check;
use crate::jar::vary::Vary;
use crate::jar::{Lookup, Writer, is_removal, removal};
use crate::request::Context;

/// The cookies of one request and of its response.
///
/// A clone accesses the same cookies. A clone that outlives the request can still read, but cannot
/// set.
///
/// ```
/// # use tower::{Layer, ServiceExt, service_fn};
/// use tower_auth::cookie::{Cookie, Cookies, SameSite};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # let handler = service_fn(async |request: http::Request<()>| {
/// let cookies = Cookies::of(request.extensions()).expect("a CookieLayer is outside");
/// let theme = cookies.get("theme").map(|cookie| cookie.value().to_owned());
///
/// cookies.set(("theme", "dark"))?;
/// cookies.set(Cookie::build(("cart", "7")).same_site(SameSite::Strict).path("/shop"))?;
/// cookies.remove("welcome")?;
/// # assert_eq!(theme, None);
/// # Ok::<_, tower_auth::cookie::CookieError>(http::Response::new(()))
/// # });
/// # let service = tower_auth::CookieLayer::new().layer(handler);
/// # let response = service.oneshot(http::Request::new(())).await.unwrap();
/// # assert_eq!(response.headers().get_all("set-cookie").iter().count(), 3);
/// # }
/// ```
#[derive(Clone)]
pub struct Cookies {
    context: Arc<Context>,
    writer: Writer,
    pub(super) config: Arc<Config>,
}

impl Cookies {
    /// Returns the cookies of the request with these extensions; `None` if the request passed no
    /// [`CookieLayer`](super::CookieLayer).
    #[must_use]
    pub fn of(extensions: &Extensions) -> Option<Self> {
        let context = Context::of(extensions)?;
        let config = context.cookies()?;
        Some(Self { writer: context.jar.writer(), context, config })
    }

    /// Returns the cookie with this name: the one that this request's handlers have set so far,
    /// otherwise the one that the client sent. A client's cookie has only name and value, both in
    /// raw form: they are not decoded, and quotes stay. The `get` methods of the views return the
    /// same type.
    ///
    /// The response gets `Vary: Cookie` as soon as a client's cookie is read.
    ///
    /// If the client sent several cookies with this name, the first one counts, which browsers send
    /// for the longest path. Another host of the same site may have set either. Use
    /// [`signed`](Self::signed) or [`encrypted`](Self::encrypted) for values that no other party
    /// may set. `get` ignores values that are not UTF-8.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Cookie<'_>> {
        match self.context.jar.written(name) {
            Some(written) => (!is_removal(&written)).then_some(written),
            None => {
                self.context.jar.vary(Vary::Cookie);
                let (name, value) = self.context.jar.first_text(name)?;
                Some(Cookie::new(name, value))
            }
        }
    }

    /// Returns all cookies with this name that the client sent, in the client's order.
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = Cookie<'a>> {
        self.pairs().filter(move |(it, _)| *it == name.as_bytes()).filter_map(cookie)
    }

    /// Returns all cookies that the client sent, in the client's order and with duplicates. Skips
    /// names and values that are not UTF-8.
    pub fn iter(&self) -> impl Iterator<Item = Cookie<'_>> {
        self.pairs().filter_map(cookie)
    }

    fn pairs(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.context.jar.vary(Vary::Cookie);
        self.context.jar.pairs()
    }

    /// Sets a cookie on the response. If a handler sets several with the same name, `Domain` and
    /// `Path`, the last one counts.
    ///
    /// Attributes that are not set become `Secure`, `HttpOnly`, `SameSite=Lax` and `Path=/`; set
    /// attributes stay. A cookie without a lifetime ends with the browser's session. `Max-Age` is
    /// sent in whole seconds, rounded up. If `Max-Age` is zero or negative, or if there is none and
    /// `Expires` has passed, the call [removes](Self::remove) the cookie.
    ///
    /// # Errors
    /// - Each cookie that a browser would drop or misread is refused with its own [`CookieError`].
    /// - [`TooMuch`](CookieError::TooMuch): the client would have to send more than 8 KiB of
    ///   cookies after this response, including the credentials of the other layers.
    /// - [`Insecure`](CookieError::Insecure): the cookie has `secure(false)`.
    /// - [`ResponseSent`](CookieError::ResponseSent): the response's head was already sent, or one
    ///   of this crate's layers inside a retry discarded the response.
    pub fn set(&self, cookie: impl Into<Cookie<'static>>) -> Result<(), CookieError> {
        let mut cookie = cookie.into();
        self.config.complete(&mut cookie)?;
        self.write(cookie, false)
    }

    /// Sets a private cookie: a shared cache that stored the response would pass the cookie to
    /// others.
    pub(super) fn set_private(&self, mut cookie: Cookie<'static>) -> Result<(), CookieError> {
        self.config.complete(&mut cookie)?;
        self.write(cookie, true)
    }

    fn write(&self, mut cookie: Cookie<'static>, private: bool) -> Result<(), CookieError> {
        if is_removal(&cookie) {
            check(&cookie)?;
            // Writes the removal in the form that every client understands, without the useless
            // value.
            cookie = removal(cookie);
        }
        let jar = &self.context.jar;
        if private {
            jar.write_private(self.writer, cookie)
        } else {
            jar.write(self.writer, cookie)
        }
    }

    /// Makes the browser delete a cookie, given by its name or as a cookie.
    ///
    /// A browser matches the name, path, domain and `Partitioned` of a cookie, so use the same
    /// attributes as when it was set. A name alone stands for the cookie that [`set`](Self::set)
    /// creates from a name alone, with `Path=/`.
    ///
    /// # Errors
    /// The same as for [`set`](Self::set).
    pub fn remove(&self, cookie: impl Into<Cookie<'static>>) -> Result<(), CookieError> {
        self.context.jar.write(self.writer, self.config.removal(cookie.into())?)
    }

    /// Returns a view of cookies that any client can read, but only this application can write.
    ///
    /// # Errors
    /// [`NoKeys`](CookieError::NoKeys): the layer was built without keys.
    pub fn signed(&self) -> Result<Signed<'_>, CookieError> {
        let signer = self.config.signer.as_ref().ok_or(CookieError::NoKeys)?;
        Ok(Signed::new(self, signer))
    }

    /// Returns a view of cookies that only this application can read and write.
    ///
    /// # Errors
    /// [`NoKeys`](CookieError::NoKeys): the layer was built without keys.
    pub fn encrypted(&self) -> Result<Encrypted<'_>, CookieError> {
        let sealer = self.config.sealer.as_ref().ok_or(CookieError::NoKeys)?;
        Ok(Encrypted::new(self, sealer))
    }

    /// Returns a view of cookies that contain any text or bytes. Any client can read and write
    /// them.
    pub const fn encoded(&self) -> Encoded<'_> {
        Encoded::new(self)
    }

    /// Emits an event of the layer.
    pub(super) fn emit(&self, kind: EventKind) {
        self.config.events.emit(Event::new(kind, "CookieLayer"));
    }

    /// Decodes the cookie with a name that must be unique, because a parent domain may have set the
    /// other cookie (CK-07). If `decode` fails, the layer emits an event of the given kind.
    pub(super) fn decoded<T>(
        &self,
        name: &str,
        kind: EventKind,
        decode: impl Fn(&[u8]) -> Option<T>,
    ) -> Option<T> {
        let value = match self.context.jar.written(name) {
            Some(written) if is_removal(&written) => return None,
            Some(written) => decode(written.value().as_bytes()),
            None => {
                self.context.jar.vary(Vary::Cookie);
                match self.context.jar.find(name) {
                    Lookup::Absent => return None,
                    Lookup::One(value) => decode(value),
                    Lookup::Twice => {
                        self.emit(EventKind::CookieTwice);
                        return None;
                    }
                }
            }
        };
        if value.is_none() {
            self.emit(kind);
        }
        value
    }
}

/// Returns a cookie with only a name and a value.
pub(super) fn read(name: &str, value: String) -> Cookie<'static> {
    Cookie::new(name.to_owned(), value)
}

fn cookie<'a>((name, value): (&'a [u8], &'a [u8])) -> Option<Cookie<'a>> {
    let (name, value) = (std::str::from_utf8(name).ok()?, std::str::from_utf8(value).ok()?);
    Some(Cookie::new(name, value))
}

/// Shows no contents, because the names and values belong to the client.
impl fmt::Debug for Cookies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cookies").finish_non_exhaustive()
    }
}
