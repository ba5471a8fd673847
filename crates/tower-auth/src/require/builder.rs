//! The builder of [`RequireLayer`].

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use tower_auth_core::refuse::Empty;

use super::demands::Demands;
use super::error::RequireConfigError;
use super::layer::{Config, RequireLayer};
use super::login_page::LoginPage;
use super::return_path::{Return, parameter_fault, prefix_fault};
use super::scopes::Scopes;
use crate::Settings;
use crate::scope_token::is_scope_token;

/// Builds a [`RequireLayer`]; created by [`RequireLayer::builder`].
///
/// A request must meet every requirement: an identity, each scope, each role, one role of each
/// `any_role` list, and the maximum age.
#[must_use]
pub struct RequireLayerBuilder<R = Empty> {
    demands: Demands,
    scopes: Vec<Cow<'static, str>>,
    login_page: Option<String>,
    return_parameter: Option<String>,
    mounted_at: Option<String>,
    settings: Settings,
    refuse: R,
    refuse_said: bool,
}

impl RequireLayer {
    /// Returns a builder for a layer that requires an identity. The setters add further
    /// requirements.
    pub fn builder() -> RequireLayerBuilder {
        RequireLayerBuilder::new()
    }
}

impl RequireLayerBuilder {
    fn new() -> Self {
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

impl<R> RequireLayerBuilder<R> {
    /// Requires a scope. Each call adds a scope, and a request needs all of them. A request that
    /// lacks one gets 403, with a challenge that names all required scopes.
    ///
    /// Scopes are compared exactly, without prefixes, patterns or case folding.
    ///
    /// ```
    /// use tower_auth::RequireLayer;
    ///
    /// let layer = RequireLayer::builder().scope("reports:read").scope("reports:write").build()?;
    /// # Ok::<_, tower_auth::require::RequireConfigError>(())
    /// ```
    pub fn scope(mut self, scope: impl Into<Cow<'static, str>>) -> Self {
        self.scopes.push(scope.into());
        self
    }

    /// Requires a role. Each call adds a role, and a request needs all of them. A request that
    /// lacks one gets 403.
    ///
    /// ```
    /// use tower_auth::RequireLayer;
    ///
    /// let layer = RequireLayer::builder().role("admin").build()?;
    /// # Ok::<_, tower_auth::require::RequireConfigError>(())
    /// ```
    pub fn role(mut self, role: impl Into<Cow<'static, str>>) -> Self {
        self.demands.roles.push(role.into());
        self
    }

    /// Requires one of `roles`. Each call adds a list, and a request needs a role of every list.
    /// Otherwise it gets 403, and the [`Rejection`](crate::Rejection) names the first role of the
    /// list.
    ///
    /// ```
    /// use tower_auth::RequireLayer;
    ///
    /// // An editor or an administrator, and in any case a member of staff.
    /// let layer = RequireLayer::builder().any_role(["editor", "admin"]).role("staff").build()?;
    /// # Ok::<_, tower_auth::require::RequireConfigError>(())
    /// ```
    pub fn any_role<I>(mut self, roles: I) -> Self
    where
        I: IntoIterator<Item: Into<Cow<'static, str>>>,
    {
        self.demands.any_roles.push(roles.into_iter().map(Into::into).collect());
        self
    }

    /// Requires a login at most `age` ago (ASVS 7.5.1, 7.5.3). A request with an older login gets
    /// 401, and passes after the user has logged in again.
    ///
    /// A login exactly `age` ago passes. A login at an unknown time does not pass, and neither does
    /// a login more than 60 seconds in the future.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tower_auth::RequireLayer;
    ///
    /// let layer = RequireLayer::builder().max_age(Duration::from_secs(600)).build()?;
    /// # Ok::<_, tower_auth::require::RequireConfigError>(())
    /// ```
    pub fn max_age(mut self, age: Duration) -> Self {
        self.demands.max_age = Some(age);
        self
    }

    /// Redirects browsers to the login page `address` (303) instead of answering 401.
    ///
    /// The layer redirects only a GET or HEAD that accepts `text/html`. If the browser sends
    /// `Sec-Fetch-Mode`, the request must also be a navigation. Scripts and other clients still get
    /// 401. The login page itself must not be behind this layer. `address` is a path of this site
    /// or an absolute https address.
    ///
    /// ```
    /// use tower_auth::RequireLayer;
    ///
    /// let layer = RequireLayer::builder().login_page("/login").build()?;
    /// # Ok::<_, tower_auth::require::RequireConfigError>(())
    /// ```
    pub fn login_page(mut self, address: impl Into<String>) -> Self {
        self.login_page = Some(address.into());
        self.return_parameter = None;
        self
    }

    /// Redirects like [`login_page`](Self::login_page), and passes the requested page to the login
    /// page in the query parameter `parameter`: `/login?next=/reports%3Fyear%3D2026`. `address` is
    /// a path of this site.
    ///
    /// The parameter holds the path and query that the outermost layer of this crate saw, because
    /// routers such as axum's `nest` remove the prefix under which they nest. If a proxy or an
    /// outer router removes a prefix before these layers, name the prefix with
    /// [`mounted_at`](Self::mounted_at). The parameter is omitted if the path is not one of this
    /// site (`//evil.example`), or exceeds 2,048 bytes.
    ///
    /// Any site can link to the login page with any value of the parameter, so check it with
    /// [`return_path`](super::return_path).
    ///
    /// ```
    /// use tower_auth::RequireLayer;
    /// use tower_auth::require::return_path;
    ///
    /// let layer = RequireLayer::builder().login_page_with_return("/login", "next").build()?;
    ///
    /// // In the login handler, where `next` is the parameter's value:
    /// let location = |next: Option<&str>| next.and_then(return_path).unwrap_or("/").to_owned();
    /// assert_eq!(location(Some("/reports?year=2026")), "/reports?year=2026");
    /// assert_eq!(location(Some("https://evil.example")), "/");
    /// # Ok::<_, tower_auth::require::RequireConfigError>(())
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

    /// Sets the prefix that a proxy or an outer router removes from paths before this crate's
    /// layers, such as `/app`. Default: none.
    ///
    /// [`login_page_with_return`](Self::login_page_with_return) puts the prefix before the path.
    ///
    /// ```
    /// use tower_auth::RequireLayer;
    ///
    /// let builder = RequireLayer::builder().login_page_with_return("/app/login", "next");
    /// let layer = builder.mounted_at("/app").build()?;
    /// # Ok::<_, tower_auth::require::RequireConfigError>(())
    /// ```
    pub fn mounted_at(mut self, prefix: impl Into<String>) -> Self {
        self.mounted_at = Some(prefix.into());
        self
    }

    /// Sets the settings that all layers share. A later call replaces an earlier one. Default:
    /// [`Settings::new`].
    ///
    /// [`max_age`](Self::max_age) uses the clock of these settings.
    pub fn settings(mut self, settings: &Settings) -> Self {
        self.settings = settings.clone();
        self
    }

    /// Sets the format of refusals: [`Problem`](crate::refuse::Problem), or a closure.
    ///
    /// The default is the format of the outer session layer, bearer layer or stack. Without one,
    /// refusals have no body.
    pub fn refuse_with<T>(self, refuse: T) -> RequireLayerBuilder<T> {
        let Self { demands, scopes, login_page, return_parameter, mounted_at, settings, .. } = self;
        RequireLayerBuilder {
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

    /// Checks all settings together and builds the layer.
    ///
    /// # Errors
    /// Returns a [`RequireConfigError`] if no request can meet a setting, or if the login page is
    /// neither a path of this site nor an https address. The message names the setter and the fix.
    ///
    /// ```
    /// use tower_auth::RequireLayer;
    ///
    /// let error = RequireLayer::builder().scope("read write").build().unwrap_err();
    /// assert!(error.to_string().contains("scope(\"read write\")"));
    /// assert!(RequireLayer::builder().login_page("//evil.example").build().is_err());
    /// ```
    pub fn build(self) -> Result<RequireLayer<R>, RequireConfigError> {
        let login_page = login_page(self.login_page, self.return_parameter, self.mounted_at)?;
        let Self { mut demands, scopes, settings, refuse, refuse_said, .. } = self;
        if let Some(scope) = scopes.iter().find(|scope| !is_scope_token(scope)) {
            return Err(RequireConfigError::Scope { value: scope.to_string() });
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
) -> Result<Option<LoginPage>, RequireConfigError> {
    if let Some(value) = &mounted_at {
        let unused =
            parameter.is_none().then_some("is for login_page_with_return, which is missing");
        if let Some(fault) = unused.or_else(|| prefix_fault(value)) {
            return Err(RequireConfigError::MountedAt { value: value.clone(), fault });
        }
    }
    let Some(value) = value else { return Ok(None) };
    let fault = |fault| RequireConfigError::LoginPage { value: value.clone(), fault };
    let page = LoginPage::parse(&value).map_err(fault)?;
    let Some(parameter) = parameter else { return Ok(Some(page)) };
    if let Some(problem) = parameter_fault(&parameter) {
        return Err(fault(problem));
    }
    // From now on, the outermost layer keeps each request's URI.
    #[cfg(feature = "cookie")]
    crate::request::keep_uris();
    let back = Return { parameter, prefix: mounted_at.unwrap_or_default() };
    Ok(Some(page.with_return(back).map_err(fault)?))
}

fn check(demands: &Demands) -> Result<(), RequireConfigError> {
    let blank = |role: &Cow<'static, str>| role.trim().is_empty();
    if demands.roles.iter().any(blank) {
        return Err(RequireConfigError::Role { setter: "role" });
    }
    if demands.any_roles.iter().any(Vec::is_empty) {
        return Err(RequireConfigError::NoRole);
    }
    if demands.any_roles.iter().flatten().any(blank) {
        return Err(RequireConfigError::Role { setter: "any_role" });
    }
    if demands.max_age == Some(Duration::ZERO) {
        return Err(RequireConfigError::MaxAge);
    }
    Ok(())
}

#[cfg(feature = "stack")]
impl<R> RequireLayerBuilder<R> {
    pub(crate) fn clock(&self) -> &tower_auth_core::Clock {
        &self.settings.clock
    }
}

impl<R> fmt::Debug for RequireLayerBuilder<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("scopes", &self.scopes)
            .field("demands", &self.demands)
            .finish_non_exhaustive()
    }
}
