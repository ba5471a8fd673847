//! What a [`RequireLayer`] asks for.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use tower_auth_core::refuse::Empty;

use super::demands::Demands;
use super::layer::Config;
use super::login_page::LoginPage;
use super::return_path::{Return, parameter_fault, prefix_fault};
use super::scopes::Scopes;
use super::{ConfigError, RequireLayer};
use crate::Settings;

/// Gathers what a [`RequireLayer`] asks for; made by [`RequireLayer::builder`].
///
/// Everything that was named is needed: an identity always, each scope, each role, one of each
/// `any_role` list, and the age.
#[must_use]
pub struct Builder<R = Empty> {
    demands: Demands,
    scopes: Vec<Cow<'static, str>>,
    login_page: Option<String>,
    return_parameter: Option<String>,
    mounted_at: Option<String>,
    settings: Settings,
    refuse: R,
    refuse_said: bool,
}

impl Builder {
    pub(super) fn new() -> Self {
        Self {
            demands: Demands::default(),
            scopes: Vec::new(),
            login_page: None,
            return_parameter: None,
            mounted_at: None,
            settings: Settings::new(),
            refuse: Empty,
            refuse_said: false,
        }
    }
}

impl<R> Builder<R> {
    /// Asks for a scope; more calls ask for more scopes, and all are needed. Otherwise 403, with a
    /// challenge that names all of them.
    ///
    /// A scope is compared exactly: no prefixes, no patterns, no case folding.
    pub fn scope(mut self, scope: impl Into<Cow<'static, str>>) -> Self {
        self.scopes.push(scope.into());
        self
    }

    /// Asks for a role; more calls ask for more roles, and all are needed. Else 403.
    pub fn role(mut self, role: impl Into<Cow<'static, str>>) -> Self {
        self.demands.roles.push(role.into());
        self
    }

    /// Asks for one of these roles; of more calls each must be met. Else 403, which names the
    /// first of the list.
    ///
    /// ```
    /// use tower_auth::RequireLayer;
    ///
    /// // An editor or an administrator, and in any case a member of staff.
    /// let layer = RequireLayer::builder().any_role(["editor", "admin"]).role("staff").build()?;
    /// # Ok::<_, tower_auth::require::ConfigError>(())
    /// ```
    pub fn any_role<I>(mut self, roles: I) -> Self
    where
        I: IntoIterator<Item: Into<Cow<'static, str>>>,
    {
        self.demands.any_roles.push(roles.into_iter().map(Into::into).collect());
        self
    }

    /// Asks for a login no longer ago than this (ASVS 7.5.1, 7.5.3). Else 401: logging in again
    /// mends it.
    ///
    /// A login exactly so long ago passes. One of which the moment is not known does not, and
    /// neither does one more than 60 seconds in the future.
    pub fn max_age(mut self, age: Duration) -> Self {
        self.demands.max_age = Some(age);
        self
    }

    /// Sends browsers there with 303 where logging in can help, instead of 401.
    ///
    /// Only for a GET, or a HEAD, that accepts `text/html` and, where the browser speaks of it, is a
    /// navigation (`Sec-Fetch-Mode`): scripts and other clients keep their 401. The page itself
    /// must not lie behind this layer. Takes a path of this site or an absolute https address.
    pub fn login_page(mut self, address: impl Into<String>) -> Self {
        self.login_page = Some(address.into());
        self.return_parameter = None;
        self
    }

    /// As [`login_page`](Self::login_page), and the login page is told in that query parameter which
    /// page was asked for: `/login?next=/reports%3Fyear%3D2026`. Takes a path of this site.
    ///
    /// The path and the query are those that the outermost layer of this crate saw; routers such as
    /// axum's `nest` take off the prefix that they nest under. If something outside of all of them takes
    /// one off, name it with [`mounted_at`](Self::mounted_at). A path that is not one of this site
    /// (`//evil.example`), or is longer than 2,048 bytes, is left out.
    ///
    /// Anyone can link to the login page with a value of their own, so check what comes back with
    /// [`return_path`](super::return_path).
    ///
    /// ```
    /// use tower_auth::RequireLayer;
    /// use tower_auth::require::return_path;
    ///
    /// let layer = RequireLayer::builder().login_page_with_return("/login", "next").build()?;
    ///
    /// // In the handler that logs in, `next` being the parameter's value:
    /// let location = |next: Option<&str>| next.and_then(return_path).unwrap_or("/").to_owned();
    /// assert_eq!(location(Some("/reports?year=2026")), "/reports?year=2026");
    /// assert_eq!(location(Some("https://evil.example")), "/");
    /// # Ok::<_, tower_auth::require::ConfigError>(())
    /// ```
    pub fn login_page_with_return(
        mut self,
        address: impl Into<String>,
        parameter: impl Into<String>,
    ) -> Self {
        self.login_page = Some(address.into());
        self.return_parameter = Some(parameter.into());
        self
    }

    /// The prefix that something outside of this crate's layers takes off the paths, such as a proxy, or a
    /// router that nests the whole application: `/app`. Nothing by default.
    ///
    /// For [`login_page_with_return`](Self::login_page_with_return), which puts it before the path.
    ///
    /// ```
    /// use tower_auth::RequireLayer;
    ///
    /// let builder = RequireLayer::builder().login_page_with_return("/app/login", "next");
    /// let layer = builder.mounted_at("/app").build()?;
    /// # Ok::<_, tower_auth::require::ConfigError>(())
    /// ```
    pub fn mounted_at(mut self, prefix: impl Into<String>) -> Self {
        self.mounted_at = Some(prefix.into());
        self
    }

    /// Takes the settings that all layers share; a later call replaces an earlier one. Default:
    /// [`Settings::new`].
    ///
    /// [`max_age`](Self::max_age) is measured by their clock.
    pub fn settings(mut self, settings: &Settings) -> Self {
        self.settings = settings.clone();
        self
    }

    /// Writes refusals in another form: [`Problem`](crate::refuse::Problem), or a closure. Default:
    /// in the form that the session layer, the bearer layer or the stack outside was given, and
    /// without a body where there is none.
    pub fn refuse_with<T>(self, refuse: T) -> Builder<T> {
        let Self { demands, scopes, login_page, return_parameter, mounted_at, settings, .. } = self;
        Builder {
            demands,
            scopes,
            login_page,
            return_parameter,
            mounted_at,
            settings,
            refuse,
            refuse_said: true,
        }
    }

    /// Checks the whole and builds the layer.
    ///
    /// # Errors
    /// A setting that nobody could meet, or a login page that is not an address of this site or of
    /// an https one. The message names the setter and the way out.
    ///
    /// ```
    /// use tower_auth::RequireLayer;
    ///
    /// let error = RequireLayer::builder().scope("read write").build().unwrap_err();
    /// assert!(error.to_string().contains("scope(\"read write\")"));
    /// assert!(RequireLayer::builder().login_page("//evil.example").build().is_err());
    /// ```
    pub fn build(self) -> Result<RequireLayer<R>, ConfigError> {
        let login_page = login_page(self.login_page, self.return_parameter, self.mounted_at)?;
        let Self { mut demands, scopes, settings, refuse, refuse_said, .. } = self;
        if let Some(scope) = scopes.iter().find(|scope| !is_scope_token(scope)) {
            return Err(ConfigError::Scope { value: scope.to_string() });
        }
        check(&demands)?;
        demands.scopes = Scopes::new(scopes);
        let Settings { clock, events, .. } = settings;
        demands.clock = clock;
        Ok(RequireLayer::from_config(Config { demands, login_page, events, refuse, refuse_said }))
    }
}

fn login_page(
    value: Option<String>,
    parameter: Option<String>,
    mounted_at: Option<String>,
) -> Result<Option<LoginPage>, ConfigError> {
    if let Some(value) = &mounted_at {
        let unused =
            parameter.is_none().then_some("is for login_page_with_return, which is missing");
        if let Some(fault) = unused.or_else(|| prefix_fault(value)) {
            return Err(ConfigError::MountedAt { value: value.clone(), fault });
        }
    }
    let Some(value) = value else { return Ok(None) };
    let fault = |fault| ConfigError::LoginPage { value: value.clone(), fault };
    let page = LoginPage::parse(&value).map_err(fault)?;
    let Some(parameter) = parameter else { return Ok(Some(page)) };
    if let Some(problem) = parameter_fault(&parameter) {
        return Err(fault(problem));
    }
    // From now on the outermost layer keeps each request's URI.
    #[cfg(feature = "cookie")]
    crate::request::keep_uris();
    let back = Return { parameter, prefix: mounted_at.unwrap_or_default() };
    Ok(Some(page.with_return(back).map_err(fault)?))
}

fn check(demands: &Demands) -> Result<(), ConfigError> {
    let blank = |role: &Cow<'static, str>| role.trim().is_empty();
    if demands.roles.iter().any(blank) {
        return Err(ConfigError::Role { setter: "role" });
    }
    if demands.any_roles.iter().any(Vec::is_empty) {
        return Err(ConfigError::NoRole);
    }
    if demands.any_roles.iter().flatten().any(blank) {
        return Err(ConfigError::Role { setter: "any_role" });
    }
    if demands.max_age == Some(Duration::ZERO) {
        return Err(ConfigError::MaxAge);
    }
    Ok(())
}

/// RFC 6749, 3.3: what can stand in a token and in a challenge as one scope.
fn is_scope_token(scope: &str) -> bool {
    !scope.is_empty()
        && scope.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\')
}

#[cfg(feature = "stack")]
impl<R> Builder<R> {
    pub(crate) fn clock(&self) -> &tower_auth_core::Clock {
        &self.settings.clock
    }
}

impl<R> fmt::Debug for Builder<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("scopes", &self.scopes)
            .field("demands", &self.demands)
            .finish_non_exhaustive()
    }
}
