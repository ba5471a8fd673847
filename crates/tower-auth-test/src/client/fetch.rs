//! Headers that a browser adds to a request by itself (Fetch, Fetch Metadata).

use http::header::{ACCEPT, ORIGIN};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};

use crate::jar::{Initiator, Origin, same_site};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// The context in which a browser sends a request.
pub(crate) struct Fetch<'a> {
    pub(crate) method: &'a Method,
    pub(crate) base: &'a Uri,
    /// The page's origin, if it differs from the target's.
    pub(crate) from: Option<&'a Uri>,
    /// A script sends the request, not a link, a form or the address bar.
    pub(crate) script: bool,
}

impl Fetch<'_> {
    fn is_same_site(&self) -> bool {
        self.from.is_none_or(|from| same_site(&Origin::of(from), &Origin::of(self.base)))
    }

    fn is_read(&self) -> bool {
        matches!(*self.method, Method::GET | Method::HEAD)
    }

    pub(super) fn initiator(&self) -> Initiator {
        if self.is_same_site() {
            Initiator::SameSite
        } else if self.script {
            Initiator::CrossSiteEmbed
        } else if self.is_read() {
            Initiator::CrossSiteLink
        } else {
            Initiator::CrossSitePost
        }
    }

    /// Adds the headers that the test has not set itself.
    pub(crate) fn write(&self, headers: &mut HeaderMap) {
        let mut set = |name: HeaderName, value: &'static str| {
            headers.entry(name).or_insert(HeaderValue::from_static(value));
        };
        // Browsers send these headers only to trustworthy addresses: https, or this machine.
        if Origin::of(self.base).is_secure() {
            set(SEC_FETCH_SITE, self.site());
            set(SEC_FETCH_MODE, if self.script { "cors" } else { "navigate" });
            set(SEC_FETCH_DEST, if self.script { "empty" } else { "document" });
        }
        set(ACCEPT, if self.script { "*/*" } else { "text/html,application/xhtml+xml,*/*;q=0.8" });
        let crosses = self.script && self.site() != "same-origin";
        if !self.is_read() || crosses {
            let origin = ascii_origin(self.from.unwrap_or(self.base));
            if let Ok(origin) = HeaderValue::from_str(&origin) {
                headers.entry(ORIGIN).or_insert(origin);
            }
        }
    }

    fn site(&self) -> &'static str {
        match self.from {
            None => "same-origin",
            Some(from) if ascii_origin(from) == ascii_origin(self.base) => "same-origin",
            Some(_) if self.is_same_site() => "same-site",
            Some(_) => "cross-site",
        }
    }
}

/// `https://app.example`, without the port if it is the scheme's default.
fn ascii_origin(url: &Uri) -> String {
    let scheme = url.scheme_str().unwrap_or("http").to_ascii_lowercase();
    let host = url.host().unwrap_or_default().to_ascii_lowercase();
    match (scheme.as_str(), url.port_u16()) {
        (_, None) | ("https", Some(443)) | ("http", Some(80)) => format!("{scheme}://{host}"),
        (_, Some(port)) => format!("{scheme}://{host}:{port}"),
    }
}
