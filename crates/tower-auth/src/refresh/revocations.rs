//! Revocation of all of a user's refresh token families.

use std::fmt;
use std::sync::Arc;

use tower_auth_core::Principal;
use tower_auth_core::store::{EndOwnedParams, EndReason, RecordKind, RecordKinds, Store as _};

use super::engine::{Engine, KEEP};
use super::{Refresh, RefreshConfigError, RefreshError};
use crate::principal::owner_of;

/// Ends all refresh tokens of a user, on all nodes at once.
///
/// Created by [`Refresh::revocations`]. A clone is equivalent. Keep it in the application's state;
/// in axum, handlers extract it with `State`.
///
/// ```
/// use tower_auth::refresh::Revocations;
/// use tower_auth::{Principal, Rejection};
///
/// /// After a change of the password.
/// async fn changed(revocations: &Revocations, user: &Principal) -> Result<String, Rejection> {
///     let ended = revocations.revoke_all(user).await?;
///     Ok(format!("{ended} devices must log in again"))
/// }
/// ```
#[derive(Clone)]
pub struct Revocations(Arc<Engine>);

impl Refresh {
    /// Returns the handle that ends all tokens of a user at once.
    ///
    /// # Errors
    /// Returns [`StoreCannotList`](RefreshConfigError::StoreCannotList) if the store cannot list records
    /// by owner.
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
    /// # Ok::<_, tower_auth::refresh::RefreshConfigError>(())
    /// ```
    pub fn revocations(&self) -> Result<Revocations, RefreshConfigError> {
        // Checked at the application's start, not when a user closes an account.
        if self.0.store.limits().lists {
            Ok(Revocations(self.0.clone()))
        } else {
            Err(RefreshConfigError::StoreCannotList)
        }
    }
}

impl Revocations {
    /// Ends all families of `principal`, for example after a change of the password or when an
    /// account is closed (ASVS 7.4.2, 7.4.3). Families of other engines on the same store end too.
    /// Returns the number of families.
    ///
    /// # Errors
    /// Returns [`Unavailable`](RefreshError::Unavailable) if the store fails. Some families may
    /// have ended; call the method again.
    pub async fn revoke_all(&self, principal: &Principal) -> Result<usize, RefreshError> {
        let engine = &*self.0;
        let owner = owner_of(principal, &engine.issuer);
        let params = EndOwnedParams::new(owner, EndReason::Revoked, KEEP);
        Ok(engine.store.end_owned(params.kinds(RecordKinds::Only(RecordKind::Family))).await?)
    }
}

impl fmt::Debug for Revocations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Revocations").finish_non_exhaustive()
    }
}
