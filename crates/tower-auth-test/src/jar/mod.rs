//! [`Jar`]: the cookies that a browser keeps from `Set-Cookie`, and those that it sends back.
//!
//! The jar implements RFC 6265bis (5.5 to 5.8), with the prefixes of the layered-cookies draft and
//! the rule of CHIPS that `Partitioned` needs `Secure`. It keeps what browsers keep and silently
//! drops what they drop; [`Jar::store`] returns the reason. It omits the public suffix list (a
//! domain of one label counts as public), partitions by top-level site and eviction by number. It
//! also omits the two minutes in which one browser sends new cookies without `SameSite` on a
//! cross-site POST.
//!
//! ```
//! use http::Uri;
//! # use tower_auth_core as tower_auth;
//! use tower_auth::Timestamp;
//! use tower_auth_test::jar::{Initiator, Jar};
//!
//! let (app, now) = (Uri::from_static("https://app.example/"), Timestamp::from_unix_seconds(0));
//! let mut jar = Jar::new();
//! let stored = jar.store(b"__Host-id=1; Path=/; Secure; SameSite=Lax", &app, Initiator::SameSite, now);
//! assert!(stored.is_ok());
//!
//! assert_eq!(jar.header(&app, Initiator::SameSite, now).unwrap(), "__Host-id=1");
//! // Another site posts a form: the browser does not send the cookie.
//! assert!(jar.header(&app, Initiator::CrossSitePost, now).is_none());
//! ```

mod date;
mod origin;
mod set_cookie;
mod stored;
#[cfg(test)]
mod tests;

use http::{HeaderValue, Uri};
use tower_auth_core::Timestamp;

pub use date::parse_date;
pub(crate) use origin::{Origin, same_site};
use set_cookie::SetCookie;
pub use stored::{SameSite, StoredCookie};

/// The initiator of a request in a browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "tests build them")]
pub enum Initiator {
    /// The site itself, or the user at the address bar.
    SameSite,
    /// A link on another site that navigates the top level: the browser sends `Lax` cookies.
    CrossSiteLink,
    /// A form on another site, posted at the top level.
    CrossSitePost,
    /// A script, image or frame on another site.
    CrossSiteEmbed,
}

/// The reason for which a browser drops a `Set-Cookie`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dropped {
    /// The line has a control character, or neither a name nor a value.
    Malformed,
    /// Name and value together have more than 4,096 octets.
    TooLarge,
    /// `Domain` is not a parent of the host that set the cookie, or is public.
    Domain,
    /// A `Secure` cookie came over plain http, or an insecure one would overwrite it.
    InsecureOrigin,
    /// An embed of another site may set only `SameSite=None`.
    CrossSite,
    /// `SameSite=None` or `Partitioned` without `Secure`.
    NeedsSecure,
    /// The cookie does not meet the conditions of its name's prefix.
    Prefix,
}

/// A browser's cookies. A clone is another browser with the same cookies.
#[derive(Clone, Default)]
pub struct Jar {
    cookies: Vec<StoredCookie>,
    created: u64,
}

impl Jar {
    /// Creates an empty jar.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Stores one `Set-Cookie` value from the response to a request for `url`.
    ///
    /// # Errors
    /// The reason for which a browser would drop the cookie.
    pub fn store(
        &mut self,
        set_cookie: &[u8],
        url: &Uri,
        initiator: Initiator,
        now: Timestamp,
    ) -> Result<(), Dropped> {
        let origin = Origin::of(url);
        let cookie = SetCookie::parse(set_cookie, now)?.into_stored(&origin, url.path())?;
        if cookie.same_site != Some(SameSite::None) && initiator == Initiator::CrossSiteEmbed {
            return Err(Dropped::CrossSite);
        }
        if !cookie.secure
            && !origin.is_secure()
            && self.cookies.iter().any(|it| it.secure && it.is_shadowed_by(&cookie))
        {
            return Err(Dropped::InsecureOrigin);
        }
        self.keep(cookie, now);
        Ok(())
    }

    fn keep(&mut self, mut cookie: StoredCookie, now: Timestamp) {
        cookie.created = self.created;
        self.created += 1;
        if let Some(at) = self.cookies.iter().position(|it| it.is_same_as(&cookie)) {
            cookie.created = self.cookies.remove(at).created;
        }
        self.cookies.push(cookie);
        self.cookies.retain(|it| it.is_live(now));
    }

    /// Returns the `Cookie` header for a request to `url`, or `None` if the browser sends no
    /// cookie.
    #[must_use]
    pub fn header(&self, url: &Uri, initiator: Initiator, now: Timestamp) -> Option<HeaderValue> {
        let origin = Origin::of(url);
        let goes = |it: &&StoredCookie| {
            it.is_live(now) && it.is_for(&origin, url.path()) && it.goes_with(initiator)
        };
        let mut cookies: Vec<_> = self.cookies.iter().filter(goes).collect();
        cookies.sort_by_key(|it| (std::cmp::Reverse(it.path.len()), it.created));
        let pairs: Vec<_> = cookies.into_iter().map(StoredCookie::pair).collect();
        if pairs.is_empty() {
            return None;
        }
        // `store` refuses control characters.
        HeaderValue::from_bytes(&pairs.join(&b"; "[..])).ok()
    }

    /// Returns the first cookie with this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&StoredCookie> {
        self.cookies.iter().find(|it| it.name == name.as_bytes())
    }

    /// Iterates over all cookies, including expired ones that no later `Set-Cookie` has removed.
    pub fn iter(&self) -> impl Iterator<Item = &StoredCookie> {
        self.cookies.iter()
    }

    /// Removes all cookies with this name.
    pub fn remove(&mut self, name: &str) {
        self.cookies.retain(|it| it.name != name.as_bytes());
    }

    /// Removes every session cookie, as if the browser were closed and opened again.
    pub fn close_browser(&mut self) {
        self.cookies.retain(|it| it.expires.is_some());
    }
}

impl std::fmt::Debug for Jar {
    /// Prints the names only: values are credentials.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.cookies.iter().map(StoredCookie::name)).finish()
    }
}
