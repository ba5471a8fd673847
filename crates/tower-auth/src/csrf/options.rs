//! The options of a layer that is not built yet.

use http::HeaderName;

use super::config::{Predicate, Required};
use super::forwarded::Headers;
use super::origin::Origin;
use super::pre_session::PreSession;
use super::session_cookie::SessionCookie;
use super::trusted::{OriginPredicate, Trusted};
use super::{Config, ConfigError, path};
use crate::jar::check::{check, check_name};
use crate::jar::names;
use crate::{KeyRing, Settings};

/// What the setters kept.
pub(super) struct Options {
    pub(super) ring: KeyRing,
    pub(super) public_origin: Option<String>,
    pub(super) trusted_origins: Vec<String>,
    pub(super) trusted_origin_when: Vec<OriginPredicate>,
    pub(super) trusted_proxy: Option<Predicate>,
    pub(super) trusted_forwarded: Option<Predicate>,
    pub(super) trust_same_site: bool,
    pub(super) exempt: Vec<String>,
    pub(super) refresh_paths: Vec<String>,
    pub(super) token: Required,
    pub(super) header_name: Option<String>,
    pub(super) bind_to: Option<String>,
    pub(super) session_cookie: Option<String>,
    pub(super) pre_session_cookie: Option<String>,
    pub(super) partitioned: bool,
    pub(super) ambient_cookies: Option<Vec<String>>,
    #[cfg(feature = "refresh")]
    pub(super) refresh_cookie: Option<String>,
    pub(super) strict: bool,
    pub(super) report_only: bool,
    pub(super) settings: Settings,
    pub(super) allow_caching: bool,
}

impl Options {
    pub(super) fn new(ring: &KeyRing) -> Self {
        Self {
            ring: ring.clone(),
            public_origin: None,
            trusted_origins: Vec::new(),
            trusted_origin_when: Vec::new(),
            trusted_proxy: None,
            trusted_forwarded: None,
            trust_same_site: false,
            exempt: Vec::new(),
            refresh_paths: Vec::new(),
            token: Required::default(),
            header_name: None,
            bind_to: None,
            session_cookie: None,
            pre_session_cookie: None,
            partitioned: false,
            ambient_cookies: None,
            #[cfg(feature = "refresh")]
            refresh_cookie: None,
            strict: false,
            report_only: false,
            settings: Settings::new(),
            allow_caching: false,
        }
    }

    fn pre_session(&self) -> Result<PreSession, ConfigError> {
        let default = if self.settings.plain_http { names::CSRF_INSECURE } else { names::CSRF };
        let name = self.pre_session_cookie.as_deref().unwrap_or(default);
        check_cookie("pre_session_cookie", name)?;
        let made = PreSession::with(&self.ring, name, self.settings.plain_http, self.partitioned);
        check(made.template()).map_err(|error| ConfigError::Cookie { error })?;
        Ok(made)
    }

    /// Checks the settings one by one and against each other.
    pub(super) fn check(self) -> Result<Config, ConfigError> {
        let mut config = Config::new(&self.ring, self.settings.plain_http);
        config.pre_session = self.pre_session()?;
        if let Some(value) = self.public_origin {
            let origin = Origin::configured("public_origin", &value)?;
            if !origin.https && !self.settings.plain_http && !origin.is_loopback() {
                return Err(ConfigError::PlainHttp { value });
            }
            config.public_origin = Some(origin);
        }
        config.trusted = Trusted::new(&self.trusted_origins, self.trusted_origin_when)?;
        config.trusted_proxy = match (self.trusted_proxy, self.trusted_forwarded) {
            (Some(_), Some(_)) => return Err(ConfigError::ProxyHeaders),
            (Some(each), None) => Some((Headers::Each, each)),
            (None, Some(one)) => Some((Headers::One, one)),
            (None, None) => None,
        };
        for path in &self.exempt {
            path::check("exempt", path)?;
        }
        for path in &self.refresh_paths {
            path::check("refresh_path", path)?;
        }
        if let Some(name) = self.header_name {
            config.header = header(name)?;
        }
        let names = [("bind_to", &self.bind_to), ("session_cookie", &self.session_cookie)];
        for (setter, name) in names {
            let Some(name) = name else { continue };
            check_cookie(setter, name)?;
            if name == config.pre_session.name() {
                return Err(ConfigError::OwnCookie { setter, name: name.clone() });
            }
        }
        match (self.bind_to, self.session_cookie) {
            (Some(bound), Some(session)) if bound != session => {
                return Err(ConfigError::TwoSessions { bound, session });
            }
            (_, Some(session)) => config.session = SessionCookie::ours(&self.ring, session),
            (Some(bound), None) => config.session = SessionCookie::anyones(&self.ring, bound),
            (None, None) => {}
        }
        for name in self.ambient_cookies.iter().flatten() {
            check_cookie("ambient_cookies", name)?;
        }
        #[cfg(feature = "refresh")]
        if let Some(name) = self.refresh_cookie {
            check_cookie("refresh_cookie", &name)?;
            config = config.with_refresh_cookie(&self.ring, &name);
        }
        for other in [config.session.cookie.name(), config.refresh_cookie.name()] {
            if other == config.pre_session.name() {
                let (setter, name) = ("pre_session_cookie", other.to_owned());
                return Err(ConfigError::OwnCookie { setter, name });
            }
        }
        self.ring.report(&self.settings.events);
        Ok(Config {
            trust_same_site: self.trust_same_site,
            exempt: self.exempt,
            refresh_paths: self.refresh_paths,
            token: self.token,
            ambient_cookies: self.ambient_cookies,
            strict: self.strict,
            report_only: self.report_only,
            allow_caching: self.allow_caching,
            events: self.settings.events,
            ..config
        })
    }
}

fn check_cookie(setter: &'static str, name: &str) -> Result<(), ConfigError> {
    check_name(name).map_err(|_| ConfigError::CookieName { setter, name: name.into() })
}

/// A name that pages of other sites cannot make a browser send without a preflight.
fn header(name: String) -> Result<HeaderName, ConfigError> {
    const TAKEN: [&str; 13] = [
        "accept",
        "accept-language",
        "authorization",
        "content-language",
        "content-length",
        "content-type",
        "cookie",
        "host",
        "origin",
        "range",
        "referer",
        "sec-fetch-site",
        "user-agent",
    ];
    match HeaderName::try_from(&name) {
        Err(_) => {
            let fix = "the name of a header has letters, digits and - and is not empty";
            Err(ConfigError::HeaderName { name, fix })
        }
        Ok(header) if TAKEN.contains(&header.as_str()) => {
            let fix = "browsers send this one by themselves: take a name of your own";
            Err(ConfigError::HeaderName { name, fix })
        }
        Ok(header) => Ok(header),
    }
}
