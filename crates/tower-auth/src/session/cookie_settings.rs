//! The settings of the session's cookie.

use cookie::{Cookie, SameSite};

use crate::session::{DEFAULT_COOKIE, DEFAULT_COOKIE_INSECURE, DEFAULT_COOKIE_SHARED};

#[derive(Default)]
pub(super) struct CookieSettings {
    pub(super) name: Option<String>,
    pub(super) domain: Option<String>,
    pub(super) path: Option<String>,
    pub(super) same_site: Option<SameSite>,
    pub(super) partitioned: bool,
    pub(super) persistent: bool,
}

impl CookieSettings {
    /// Returns a cookie with the name and the attributes, and without a value.
    pub(super) fn template(&self, plain_http: bool) -> Cookie<'static> {
        let default = match (plain_http, &self.domain, &self.path) {
            (true, ..) => DEFAULT_COOKIE_INSECURE,
            (false, None, None) => DEFAULT_COOKIE,
            (false, ..) => DEFAULT_COOKIE_SHARED,
        };
        let name = self.name.clone().unwrap_or_else(|| default.into());
        let same_site = if self.partitioned { SameSite::None } else { SameSite::Lax };
        let mut cookie = Cookie::build((name, ""))
            .path(self.path.clone().unwrap_or_else(|| "/".into()))
            .http_only(true)
            .same_site(self.same_site.unwrap_or(same_site))
            .secure(!plain_http);
        if let Some(domain) = &self.domain {
            cookie = cookie.domain(domain.clone());
        }
        if self.partitioned {
            cookie = cookie.partitioned(true);
        }
        cookie.build()
    }
}
