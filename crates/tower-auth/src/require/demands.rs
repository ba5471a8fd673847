//! The requirements of a layer, and their check.

use std::borrow::Cow;
use std::time::Duration;

use http::Extensions;
use tower_auth_core::{AuthState, Clock, Identity, Misconfigured, Rejection, Timestamp};

use super::scopes::Scopes;

/// The tolerated lead of another machine's clock.
const SKEW: Duration = Duration::from_secs(60);

/// The requirements. A request must meet all of them.
#[derive(Debug, Default)]
pub(super) struct Demands {
    pub(super) scopes: Scopes,
    pub(super) roles: Vec<Cow<'static, str>>,
    /// One role of each list is required.
    pub(super) any_roles: Vec<Vec<Cow<'static, str>>>,
    pub(super) max_age: Option<Duration>,
    pub(super) clock: Clock,
}

impl Demands {
    pub(super) fn check(&self, extensions: &Extensions) -> Result<(), Rejection> {
        match AuthState::used(extensions) {
            Ok(AuthState::Known(identity)) => self.check_identity(&identity),
            Ok(AuthState::Anonymous) => Err(Rejection::Anonymous),
            Ok(AuthState::Unknown) => Err(Rejection::Unavailable),
            Err(Misconfigured::NO_AUTHENTICATION) => {
                Err(Misconfigured { layer: "RequireLayer", ..Misconfigured::NO_AUTHENTICATION }
                    .into())
            }
            Err(misconfigured) => Err(misconfigured.into()),
        }
    }

    /// The age is checked last, so a user does not log in again only to be refused for another
    /// reason.
    fn check_identity(&self, identity: &Identity) -> Result<(), Rejection> {
        if !self.scopes.iter().all(|scope| identity.has_scope(scope)) {
            return Err(self.scopes.refusal(""));
        }
        if let Some(role) = self.roles.iter().find(|it| !identity.has_role(it)) {
            return Err(Rejection::Role { role: role.clone() });
        }
        for any in &self.any_roles {
            if !any.iter().any(|role| identity.has_role(role)) {
                // The builder refuses empty lists.
                let role = any.first().cloned().unwrap_or_default();
                return Err(Rejection::Role { role });
            }
        }
        match self.max_age {
            Some(max_age) if !is_recent(identity, max_age, self.clock.now()) => {
                Err(Rejection::TooOld { max_age })
            }
            _ => Ok(()),
        }
    }
}

/// Returns `false` if the time is unknown, or further in the future than a clock skew explains.
fn is_recent(identity: &Identity, max_age: Duration, now: Timestamp) -> bool {
    identity.authenticated_at().is_some_and(|at| now.since(at) <= max_age && at.since(now) <= SKEW)
}
