//! The building of each layer in a stack: one `impl PendingLayer` for each builder.

use super::StackConfigError;
use super::pending_layer::PendingLayer;
use super::shared_facts::SharedFacts;
#[cfg(feature = "_bearer")]
use crate::bearer;
#[cfg(feature = "refresh")]
use crate::refresh;
#[cfg(feature = "require")]
use crate::require;
#[cfg(feature = "session")]
use crate::session;
use crate::{CookieLayer, CsrfHeadersLayer, CsrfLayer, cookie, csrf};

impl<R> PendingLayer for cookie::CookieLayerBuilder<R> {
    const NAME: &'static str = "CookieLayer";
    type Layer = CookieLayer<R>;

    fn build(self, facts: &SharedFacts) -> Result<Self::Layer, StackConfigError> {
        self.keys_by_default(&facts.keys).build().map_err(StackConfigError::Cookies)
    }
}

impl<R> PendingLayer for csrf::CsrfLayerBuilder<R> {
    const NAME: &'static str = "CsrfLayer";
    type Layer = CsrfLayer<R>;

    fn contribute(&self, facts: &mut SharedFacts) {
        facts.is_guarded = true;
    }

    fn build(mut self, facts: &SharedFacts) -> Result<Self::Layer, StackConfigError> {
        if let Some(cookie) = &facts.session_cookie {
            if let Some(bound) = self.bound_to().filter(|bound| bound != cookie) {
                let (bound, cookie) = (bound.to_owned(), cookie.clone());
                return Err(StackConfigError::BindTo { bound, cookie });
            }
            self = self.session_cookie(cookie.clone());
        }
        #[cfg(feature = "refresh")]
        if let Some(cookie) = &facts.refresh_cookie {
            self = self.refresh_cookie(cookie);
        }
        #[cfg(feature = "refresh")]
        for path in &facts.refresh_paths {
            self = self.refresh_path(path);
        }
        if knows_all(facts) || self.knows_ambient_cookies() {
            self = self.ambient_cookies(known_cookies(facts));
        }
        self.build().map_err(StackConfigError::Csrf)
    }
}

impl<R> PendingLayer for csrf::CsrfLayerBuilder<R, csrf::HeadersOnly> {
    const NAME: &'static str = "CsrfHeadersLayer";
    type Layer = CsrfHeadersLayer<R>;

    fn contribute(&self, facts: &mut SharedFacts) {
        facts.is_guarded = true;
    }

    #[cfg_attr(not(feature = "refresh"), allow(unused_mut, unused_variables))]
    fn build(mut self, facts: &SharedFacts) -> Result<Self::Layer, StackConfigError> {
        #[cfg(feature = "refresh")]
        for path in &facts.refresh_paths {
            self = self.refresh_path(path);
        }
        self.build().map_err(StackConfigError::Csrf)
    }
}

/// Returns the cookies that the layers of this crate read as credentials.
fn known_cookies(facts: &SharedFacts) -> impl Iterator<Item = &String> {
    facts.session_cookie.iter().chain(&facts.refresh_cookie).chain(&facts.bearer_cookies)
}

/// Returns whether the known cookies are the only ones that count. A foreign layer may read any
/// cookie, and so may the handlers of a stack that knows none.
fn knows_all(facts: &SharedFacts) -> bool {
    !facts.foreign && known_cookies(facts).next().is_some()
}

#[cfg(feature = "refresh")]
impl PendingLayer for refresh::RefreshLayerBuilder {
    const NAME: &'static str = "RefreshLayer";
    type Layer = refresh::RefreshLayer;

    fn contribute(&self, facts: &mut SharedFacts) {
        facts.refresh_cookie = Some(self.engine().cookie().to_owned());
        facts.refresh_paths = self.served().map(str::to_owned).to_vec();
    }

    fn build(self, facts: &SharedFacts) -> Result<refresh::RefreshLayer, StackConfigError> {
        let engine = self.engine();
        facts.names("refresh", engine.named())?;
        facts.reads("refresh", engine.clock())?;
        if !engine.is_of(&facts.keys) {
            return Err(StackConfigError::Keys { setter: "refresh" });
        }
        self.build().map_err(StackConfigError::Refresh)
    }
}

#[cfg(feature = "session")]
impl<R> PendingLayer for session::SessionLayerBuilder<R> {
    const NAME: &'static str = "SessionLayer";
    type Layer = session::SessionLayer<R>;

    fn contribute(&self, facts: &mut SharedFacts) {
        facts.session_cookie = Some(self.cookie());
        facts.name.get_or_insert_with(|| self.shared().name().to_owned());
    }

    fn build(self, facts: &SharedFacts) -> Result<Self::Layer, StackConfigError> {
        facts.names("session", self.shared().name())?;
        facts.reads("session", &self.shared().clock)?;
        let layer = self.build().map_err(StackConfigError::Session)?;
        // The types allow only one session in a stack.
        let _ = facts.session.set(layer.config().clone());
        Ok(layer)
    }
}

#[cfg(feature = "_bearer")]
impl<C: bearer::ReadClaims, R, I: bearer::Issuers> PendingLayer
    for bearer::BearerJwtLayerBuilder<C, R, I>
{
    const NAME: &'static str = "BearerJwtLayer";
    type Layer = bearer::BearerJwtLayer<C, R>;

    fn contribute(&self, facts: &mut SharedFacts) {
        facts.bearer_cookies = self.cookies().to_vec();
    }

    fn build(self, facts: &SharedFacts) -> Result<Self::Layer, StackConfigError> {
        if let Some(cookie) = facts.bearer_cookies.first().filter(|_| !facts.is_guarded) {
            return Err(StackConfigError::BearerCookie { cookie: cookie.clone() });
        }
        for others in [&facts.session_cookie, &facts.refresh_cookie] {
            if let Some(cookie) = others.as_ref().filter(|it| facts.bearer_cookies.contains(it)) {
                return Err(StackConfigError::OneCookie { cookie: cookie.clone() });
            }
        }
        for (name, clock) in self.own() {
            facts.names("bearer_of", name)?;
            facts.reads("bearer_of", clock)?;
        }
        facts.reads("bearer", self.clock())?;
        self.build().map_err(StackConfigError::Bearer)
    }
}

#[cfg(feature = "require")]
impl<R> PendingLayer for require::RequireLayerBuilder<R> {
    const NAME: &'static str = "RequireLayer";
    type Layer = require::RequireLayer<R>;

    fn build(self, facts: &SharedFacts) -> Result<Self::Layer, StackConfigError> {
        facts.reads("require", self.clock())?;
        self.build().map_err(StackConfigError::Require)
    }
}
