//! The constructors of [`SessionLayer`].

use crate::crypto::keys::KeyRing;
use crate::session::builder::SessionLayerBuilder;
use crate::session::layer::SessionLayer;
use crate::store::{AnyStore, Store};

impl SessionLayer {
    /// Creates a layer with the default settings: cookie `__Host-session`, 30 minutes idle, 24
    /// hours in total.
    ///
    /// # Panics
    /// Panics if the store's `max_value` is below 4096 bytes, too small for a session.
    /// [`builder`](Self::builder) reports this as an error. The stores of this crate never panic
    /// here.
    pub fn new(store: impl Store, keys: &KeyRing) -> Self {
        match Self::builder(store, keys).build() {
            Ok(layer) => layer,
            Err(error) => panic!("{error}"),
        }
    }

    /// Returns a builder of a layer that keeps sessions in `store`.
    pub fn builder(store: impl Store, keys: &KeyRing) -> SessionLayerBuilder {
        SessionLayerBuilder::new(Some(AnyStore::new(store)), keys.clone())
    }

    /// Returns a builder of a layer without a store: the client keeps the whole session, encrypted,
    /// in cookies.
    ///
    /// The [`Session`](crate::session::Session) works the same, and a request costs no store
    /// command on any node. The cookies `<name>-0` and `<name>-1` beside the credential hold the
    /// record, encrypted and authenticated (AES-256-GCM-SIV). The record contains its own expiry,
    /// which the client cannot change. It holds about 3,000 bytes of values. An insert that does
    /// not fit fails with [`TooLarge`](crate::session::SessionError::TooLarge). A response that
    /// changes the session carries the whole record.
    ///
    /// If a request uses the session without changing it, and more than a tenth of the idle timeout
    /// has passed, the response sets a separate cookie, `<name>-used`. It contains a signed time
    /// and no data: the time at which the response leaves. This cookie only moves the session's
    /// idle deadline. It cannot undo a change, even if it arrives late.
    ///
    /// A request that arrives in time keeps the session, even if the request takes long. Other
    /// requests send the earlier time until they have the new cookie. If the earlier deadline
    /// passes before that, the session has ended for these requests, and a navigation removes the
    /// session's cookies. If two such responses arrive in the wrong order, the deadline moves back
    /// by the time between them.
    ///
    /// Some guarantees need a store and do not hold here:
    ///
    /// - **A copied cookie stays valid** until its idle timeout, even after a logout. A logout only
    ///   removes the cookies from this client. Sessions cannot be ended from elsewhere, or listed.
    ///   Keep the timeouts short.
    /// - **An old cookie restores the old session.** A client can set any counter in it back, and
    ///   can undo its own login.
    /// - **Of two concurrent requests, the last response wins** as a whole. An
    ///   [`update`](crate::session::Session::update) may be lost, and a login with it.
    /// - **A [`commit`](crate::session::Session::commit) takes effect when the response arrives**,
    ///   not before.
    ///
    /// [`replay_guard`](SessionLayerBuilder::replay_guard) restores the first three guarantees, at the cost of
    /// a store.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tower_auth::{KeyRing, SessionLayer};
    ///
    /// let layer = SessionLayer::in_cookie(&KeyRing::random())
    ///     .idle_timeout(Duration::from_secs(10 * 60))
    ///     .absolute_timeout(Duration::from_secs(8 * 60 * 60))
    ///     .build()?;
    /// # Ok::<_, tower_auth::session::SessionConfigError>(())
    /// ```
    pub fn in_cookie(keys: &KeyRing) -> SessionLayerBuilder {
        SessionLayerBuilder::new(None, keys.clone())
    }
}
