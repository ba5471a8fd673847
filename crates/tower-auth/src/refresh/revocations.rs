//! Everybody's families, ended from outside of them.

use std::fmt;
use std::sync::Arc;

use tower_auth_core::Principal;
use tower_auth_core::store::{EndOwnedParams, Kind, Kinds, Reason, Store as _};

use super::engine::{Engine, KEEP};
use super::{ConfigError, Refresh, RefreshError};
use crate::principal::owner;

/// Ends every refresh token of somebody's, on every node at once.
///
/// From [`Refresh::revocations`]. A clone is the same: it goes into an application's state, with axum
/// to be taken out by its `State`.
///
/// ```
/// use tower_auth::refresh::Revocations;
/// use tower_auth::{Principal, Rejection};
///
/// /// After a change of the password.
/// async fn changed(revocations: &Revocations, whose: &Principal) -> Result<String, Rejection> {
///     let ended = revocations.revoke_all(whose).await?;
///     Ok(format!("{ended} devices must log in again"))
/// }
/// ```
#[derive(Clone)]
pub struct Revocations(Arc<Engine>);

impl Refresh {
    /// What ends all tokens of a user at once.
    ///
    /// # Errors
    /// [`StoreCannotList`](ConfigError::StoreCannotList): the store keeps no list of whose a record is.
    ///
    /// ```
    /// # use tower_auth::refresh::{AccessToken, Refresh};
    /// # use tower_auth::{Clock, Identity, KeyRing, MemoryStore};
    /// # let mint = |_: &Identity| Ok(AccessToken {
    /// #     text: String::new(),
    /// #     expires_in: std::time::Duration::from_secs(300),
    /// # });
    /// # let store = MemoryStore::new(Clock::system());
    /// let refresh = Refresh::builder(store, &KeyRing::random(), mint).build()?;
    /// let revocations = refresh.revocations()?;
    /// # Ok::<_, tower_auth::refresh::ConfigError>(())
    /// ```
    pub fn revocations(&self) -> Result<Revocations, ConfigError> {
        // Here, at the application's start, and not where somebody's account is being closed.
        if self.0.store.limits().lists {
            Ok(Revocations(self.0.clone()))
        } else {
            Err(ConfigError::StoreCannotList)
        }
    }
}

impl Revocations {
    /// Ends every family of a principal: after a change of the password, say, or when an account
    /// is closed (ASVS 7.4.2, 7.4.3). Families of other engines on the same store end too. Returns
    /// the number of families.
    ///
    /// # Errors
    /// [`Unavailable`](RefreshError::Unavailable): some may be gone, call it again.
    pub async fn revoke_all(&self, principal: &Principal) -> Result<usize, RefreshError> {
        let engine = &*self.0;
        let issuer = match principal.issuer.as_str() {
            Principal::LOCAL_ISSUER => engine.issuer.as_str(),
            issuer => issuer,
        };
        let owner = owner(issuer, &principal.subject);
        let params = EndOwnedParams::new(owner, Reason::Revoked, KEEP);
        Ok(engine.store.end_owned(params.kinds(Kinds::Only(Kind::Family))).await?)
    }
}

impl fmt::Debug for Revocations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Revocations").finish_non_exhaustive()
    }
}
