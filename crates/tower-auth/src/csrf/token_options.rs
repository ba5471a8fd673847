//! The token settings of a layer before it is built.

use http::HeaderName;

use super::config::Required;
use super::policy::PolicyOptions;
use super::pre_session::PreSession;
use super::session_cookie::SessionCookie;
use super::{Config, CsrfConfigError};
use crate::KeyRing;
use crate::jar::check::{check, check_name};
use crate::jar::names;

/// The settings of tokens and their bindings, as the builder got them.
pub(super) struct TokenOptions {
    pub(super) ring: KeyRing,
    pub(super) required: Required,
    pub(super) header_name: Option<String>,
    pub(super) bind_to: Option<String>,
    pub(super) session_cookie: Option<String>,
    pub(super) pre_session_cookie: Option<String>,
    pub(super) partitioned: bool,
    pub(super) ambient_cookies: Option<Vec<String>>,
    #[cfg(feature = "refresh")]
    pub(super) refresh_cookie: Option<String>,
}

impl TokenOptions {
    pub(super) fn new(ring: &KeyRing) -> Self {
        Self {
            ring: ring.clone(),
            required: Required::default(),
            header_name: None,
            bind_to: None,
            session_cookie: None,
            pre_session_cookie: None,
            partitioned: false,
            ambient_cookies: None,
            #[cfg(feature = "refresh")]
            refresh_cookie: None,
        }
    }

    /// The name of a setter that was called although it has no effect without tokens.
    pub(super) fn setter(&self) -> Option<&'static str> {
        let called = [
            ("require_token", self.required.always),
            ("require_token_when", !self.required.when.is_empty()),
            ("header_name", self.header_name.is_some()),
            ("bind_to", self.bind_to.is_some()),
            ("session_cookie", self.session_cookie.is_some()),
            ("pre_session_cookie", self.pre_session_cookie.is_some()),
            ("partitioned", self.partitioned),
            ("ambient_cookies", self.ambient_cookies.is_some()),
            #[cfg(feature = "refresh")]
            ("refresh_cookie", self.refresh_cookie.is_some()),
        ];
        called.into_iter().find_map(|(setter, is_called)| is_called.then_some(setter))
    }

    fn pre_session(&self, plain_http: bool) -> Result<PreSession, CsrfConfigError> {
        let default = if plain_http { names::CSRF_INSECURE } else { names::CSRF };
        let name = self.pre_session_cookie.as_deref().unwrap_or(default);
        check_cookie("pre_session_cookie", name)?;
        let made = PreSession::with(&self.ring, name, plain_http, self.partitioned);
        check(made.template()).map_err(|error| CsrfConfigError::Cookie { error })?;
        Ok(made)
    }

    /// Checks each setting, the settings against each other, and against the policy.
    pub(super) fn check(self, policy: PolicyOptions) -> Result<Config, CsrfConfigError> {
        let mut config = Config::new(&self.ring, policy.settings.plain_http);
        config.pre_session = self.pre_session(policy.settings.plain_http)?;
        config.policy = policy.check()?;
        if let Some(name) = self.header_name {
            config.header = header(name)?;
        }
        let names = [("bind_to", &self.bind_to), ("session_cookie", &self.session_cookie)];
        for (setter, name) in names {
            let Some(name) = name else { continue };
            check_cookie(setter, name)?;
            if name == config.pre_session.name() {
                return Err(CsrfConfigError::OwnCookie { setter, name: name.clone() });
            }
        }
        match (self.bind_to, self.session_cookie) {
            (Some(bound), Some(session)) if bound != session => {
                return Err(CsrfConfigError::TwoSessions { bound, session });
            }
            (_, Some(session)) => config.session = SessionCookie::ours(&self.ring, session),
            (Some(bound), None) => config.session = SessionCookie::anyones(&self.ring, bound),
            (None, None) => {}
        }
        #[cfg(feature = "refresh")]
        if let Some(name) = self.refresh_cookie {
            check_cookie("refresh_cookie", &name)?;
            config = config.with_refresh_cookie(&self.ring, &name);
        }
        for other in [config.session.cookie.name(), config.refresh_cookie.name()] {
            if other == config.pre_session.name() {
                let (setter, name) = ("pre_session_cookie", other.to_owned());
                return Err(CsrfConfigError::OwnCookie { setter, name });
            }
        }
        // These cookies must always count: a list without them does not mean that they prove
        // nothing.
        let own = [&config.session.cookie, config.pre_session.cookie(), &config.refresh_cookie];
        if let Some(mut names) = self.ambient_cookies {
            for name in &names {
                check_cookie("ambient_cookies", name)?;
            }
            names.extend(own.map(|cookie| cookie.name().to_owned()));
            config.policy.ambient_cookies = Some(names);
        }
        self.ring.report(&config.policy.events);
        Ok(Config { token: self.required, ..config })
    }
}

fn check_cookie(setter: &'static str, name: &str) -> Result<(), CsrfConfigError> {
    check_name(name).map_err(|_| CsrfConfigError::CookieName { setter, name: name.into() })
}

/// Parses the name of a header that pages of other sites can send only after a preflight.
fn header(name: String) -> Result<HeaderName, CsrfConfigError> {
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
            Err(CsrfConfigError::HeaderName { name, fix })
        }
        Ok(header) if TAKEN.contains(&header.as_str()) => {
            let fix = "browsers send this header on their own: choose another name";
            Err(CsrfConfigError::HeaderName { name, fix })
        }
        Ok(header) => Ok(header),
    }
}
