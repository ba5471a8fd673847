//! [`Jar`]: what a browser keeps of `Set-Cookie`, and what it sends back.
//!
//! After RFC 6265bis (5.5 to 5.8), with the prefixes of the layered-cookies draft and the rule of
//! CHIPS that `Partitioned` needs `Secure`. It keeps what browsers keep and drops what browsers
//! drop, silently as they do; [`Jar::store`] tells which. Not there: the public suffix list (a
//! domain of one label counts as public), partitions by top-level site, eviction by number, and
//! the two minutes in which one browser sends new cookies without `SameSite` on a cross-site POST.
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
//! // Another site posts a form: the browser keeps the cookie to itself.
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

/// Who made the browser send a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "tests build them")]
pub enum Initiator {
    /// The site itself, or the person at the address bar.
    SameSite,
    /// A link on another site, followed at the top level: `Lax` cookies go along.
    CrossSiteLink,
    /// A form on another site, posted at the top level.
    CrossSitePost,
    /// A script, image or frame on another site.
    CrossSiteEmbed,
}

/// Why a browser drops a `Set-Cookie`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dropped {
    /// A control character, or neither name nor value.
    Malformed,
    /// Name and value have more than 4,096 octets together.
    TooLarge,
    /// `Domain` is not a parent of the host that set it, or is public.
    Domain,
    /// `Secure` came over plain http, or would be overwritten by it.
    InsecureOrigin,
    /// Another site's embed may set only `SameSite=None`.
    CrossSite,
    /// `SameSite=None` or `Partitioned` without `Secure`.
    NeedsSecure,
    /// The name's prefix asks for what the cookie is not.
    Prefix,
}

/// A browser's cookies. A clone is another browser with the same ones.
#[derive(Clone, Default)]
pub struct Jar {
    cookies: Vec<StoredCookie>,
    created: u64,
}

impl Jar {
    /// No cookies.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes one `Set-Cookie` value that came in the answer to a request for `url`.
    ///
    /// # Errors
    /// A browser would drop it.
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

    /// The `Cookie` header for a request to `url`; `None` where no cookie goes along.
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
        // Control characters are refused when stored.
        HeaderValue::from_bytes(&pairs.join(&b"; "[..])).ok()
    }

    /// The first cookie of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&StoredCookie> {
        self.cookies.iter().find(|it| it.name == name.as_bytes())
    }

    /// Every cookie, expired ones that no later `Set-Cookie` swept out included.
    pub fn iter(&self) -> impl Iterator<Item = &StoredCookie> {
        self.cookies.iter()
    }

    /// Forgets a name's cookies.
    pub fn remove(&mut self, name: &str) {
        self.cookies.retain(|it| it.name != name.as_bytes());
    }

    /// Forgets every cookie that would not outlive the browser: it is closed and opened again.
    pub fn close_browser(&mut self) {
        self.cookies.retain(|it| it.expires.is_some());
    }
}

impl std::fmt::Debug for Jar {
    /// The names: values are credentials.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.cookies.iter().map(StoredCookie::name)).finish()
    }
}
