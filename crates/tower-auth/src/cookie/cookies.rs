//! What a handler holds.

use std::fmt;
use std::sync::Arc;

use cookie::Cookie;
use http::Extensions;
use tower_auth_core::event::{Event, Kind};

use super::{Config, Encoded, Encrypted, Signed};
use crate::jar::CookieError;
use crate::jar::check::check;
use crate::jar::vary::Vary;
use crate::jar::{Found, Writer, is_removal, removal};
use crate::request::Context;

/// The cookies of one request and of its response.
///
/// A clone is the same cookies; it may outlive the request, and then reads on but sets nothing.
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
    /// The cookies of the request with these extensions, if it came through a
    /// [`CookieLayer`](super::CookieLayer).
    #[must_use]
    pub fn of(extensions: &Extensions) -> Option<Self> {
        let context = Context::of(extensions)?;
        let config = context.cookies()?;
        Some(Self { writer: context.jar.writer(), context, config })
    }

    /// The cookie of that name: what this request's handlers have set so far, else what the client
    /// sent. Of the latter it knows name and value only, both as they came: nothing is decoded and
    /// quotes stay. The views' `get` answers in the same type.
    ///
    /// A response that depends on what the client sent says so: `Vary: Cookie`, from the first read
    /// on.
    ///
    /// Of several the first counts, which browsers send for the longer path; another host of the
    /// same site may have set either. Take [`signed`](Self::signed) or
    /// [`encrypted`](Self::encrypted) for what must not be somebody else's. A value that is not
    /// UTF-8 is left out.
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

    /// Every cookie of that name that the client sent, in its order.
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = Cookie<'a>> {
        self.pairs().filter(move |(it, _)| *it == name.as_bytes()).filter_map(cookie)
    }

    /// Every cookie that the client sent, in its order, duplicates too; names and values that are
    /// not UTF-8 are left out.
    pub fn iter(&self) -> impl Iterator<Item = Cookie<'_>> {
        self.pairs().filter_map(cookie)
    }

    fn pairs(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.context.jar.vary(Vary::Cookie);
        self.context.jar.pairs()
    }

    /// Sets a cookie on the response; of several of one name, `Domain` and `Path` the last counts.
    ///
    /// What is left unsaid becomes `Secure`, `HttpOnly`, `SameSite=Lax` and `Path=/`; what is said
    /// stays. Without a lifetime it is gone when the browser ends its session. `Max-Age` is sent in
    /// whole seconds, rounded up. A cookie whose `Max-Age` is zero or negative, or whose `Expires`
    /// has passed without one, is a removal: [`remove`](Self::remove) of that cookie.
    ///
    /// # Errors
    /// What a browser would drop or read as something else, each by its own
    /// [`CookieError`]; [`TooMuch`](CookieError::TooMuch) if the client would have to send more than
    /// 8 KiB of cookies for this response, credentials of the other layers included; [`Insecure`](CookieError::Insecure) for `secure(false)`; and
    /// [`ResponseSent`](CookieError::ResponseSent) once the response's head is out, or was given up
    /// by one of our layers inside of a retry.
    pub fn set(&self, cookie: impl Into<Cookie<'static>>) -> Result<(), CookieError> {
        let mut cookie = cookie.into();
        self.config.complete(&mut cookie)?;
        self.write(cookie, false)
    }

    /// Sets one that must not be shared: a cache that kept the response would hand it to others.
    pub(super) fn set_private(&self, mut cookie: Cookie<'static>) -> Result<(), CookieError> {
        self.config.complete(&mut cookie)?;
        self.write(cookie, true)
    }

    fn write(&self, mut cookie: Cookie<'static>, private: bool) -> Result<(), CookieError> {
        if is_removal(&cookie) {
            check(&cookie)?;
            // In the form that every client understands, and without a value that is of no use.
            cookie = removal(cookie);
        }
        let jar = &self.context.jar;
        if private {
            jar.write_private(self.writer, cookie)
        } else {
            jar.write(self.writer, cookie)
        }
    }

    /// Makes the browser forget a cookie, by its name or by a cookie like it.
    ///
    /// A browser matches name, path and domain, and `Partitioned`: say what was said when the
    /// cookie was set. A name alone means what [`set`](Self::set) makes of a name alone, with
    /// `Path=/`.
    ///
    /// # Errors
    /// As [`set`](Self::set).
    pub fn remove(&self, cookie: impl Into<Cookie<'static>>) -> Result<(), CookieError> {
        self.context.jar.write(self.writer, self.config.removal(cookie.into())?)
    }

    /// Cookies that everybody can read and only this application can write.
    ///
    /// # Errors
    /// [`NoKeys`](CookieError::NoKeys) where the layer was built without.
    pub fn signed(&self) -> Result<Signed<'_>, CookieError> {
        let signer = self.config.signer.as_ref().ok_or(CookieError::NoKeys)?;
        Ok(Signed::new(self, signer))
    }

    /// Cookies that only this application can read and write.
    ///
    /// # Errors
    /// [`NoKeys`](CookieError::NoKeys) where the layer was built without.
    pub fn encrypted(&self) -> Result<Encrypted<'_>, CookieError> {
        let sealer = self.config.sealer.as_ref().ok_or(CookieError::NoKeys)?;
        Ok(Encrypted::new(self, sealer))
    }

    /// Cookies that hold any text or bytes; everybody can read and write them.
    pub const fn encoded(&self) -> Encoded<'_> {
        Encoded::new(self)
    }

    /// Tells the layer's sink.
    pub(super) fn tell(&self, kind: Kind) {
        self.config.events.emit(Event::new(kind, "CookieLayer"));
    }

    /// The cookie of a name that must not come twice, with what `decode` makes of its value: a
    /// parent domain may have set the other one (CK-07). If the value is not ours, the layer's sink
    /// hears of it as `kind`.
    pub(super) fn decoded<T>(
        &self,
        name: &str,
        kind: Kind,
        decode: impl Fn(&[u8]) -> Option<T>,
    ) -> Option<T> {
        let value = match self.context.jar.written(name) {
            Some(written) if is_removal(&written) => return None,
            Some(written) => decode(written.value().as_bytes()),
            None => {
                self.context.jar.vary(Vary::Cookie);
                match self.context.jar.find(name) {
                    Found::Absent => return None,
                    Found::One(value) => decode(value),
                    Found::Twice => {
                        self.tell(Kind::CookieTwice);
                        return None;
                    }
                }
            }
        };
        if value.is_none() {
            self.tell(kind);
        }
        value
    }
}

/// A cookie of which name and value are known.
pub(super) fn read(name: &str, value: String) -> Cookie<'static> {
    Cookie::new(name.to_owned(), value)
}

fn cookie<'a>((name, value): (&'a [u8], &'a [u8])) -> Option<Cookie<'a>> {
    let (name, value) = (std::str::from_utf8(name).ok()?, std::str::from_utf8(value).ok()?);
    Some(Cookie::new(name, value))
}

/// Shows nothing: names and values are the client's business.
impl fmt::Debug for Cookies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cookies").finish_non_exhaustive()
    }
}
