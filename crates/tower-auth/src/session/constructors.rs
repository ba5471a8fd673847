//! The ways to begin a layer.

use crate::crypto::keys::KeyRing;
use crate::session::builder::Builder;
use crate::session::layer::SessionLayer;
use crate::store::{AnyStore, Store};

impl SessionLayer {
    /// The default: cookie `__Host-session`, 30 minutes idle, 24 hours at most.
    ///
    /// # Panics
    /// Never on the store of this crate; a store whose `max_value` is below 4096 bytes cannot hold
    /// sessions, which [`builder`](Self::builder) reports as an error.
    pub fn new(store: impl Store, keys: &KeyRing) -> Self {
        match Self::builder(store, keys).build() {
            Ok(layer) => layer,
            Err(error) => panic!("{error}"),
        }
    }

    /// Starts a layer with settings of its own.
    pub fn builder(store: impl Store, keys: &KeyRing) -> Builder {
        Builder::new(Some(AnyStore::new(store)), keys.clone())
    }

    /// Starts a layer without a store: the client keeps the whole session, encrypted, in cookies.
    ///
    /// The [`Session`](crate::session::Session) is the same, and a request costs no store command on any
    /// node. The record lies in `<name>-0` and `<name>-1` beside the credential, encrypted and
    /// authenticated (AES-256-GCM-SIV), and ends when it says, whatever the client does. It holds
    /// about 3,000 bytes of values; what would not fit is refused when it is inserted, with
    /// [`TooLarge`](crate::session::SessionError::TooLarge). A response that writes the session carries all of
    /// it.
    ///
    /// A use without a write travels alone: once more than a tenth of the idle timeout has passed, the
    /// response sets `<name>-used`, a signed moment without data. It moves the idle deadline of this
    /// session and can undo nothing, whenever it arrives. It carries the moment at which the response
    /// leaves. So a request that arrives in time keeps the session, however long it takes; but until
    /// its response has arrived, other requests still send the earlier moment, and after the earlier
    /// deadline the session is over for them (on a navigation, its cookies are removed). If two such
    /// responses arrive in the wrong order, the deadline goes back by the time between them.
    ///
    /// What only a store can promise is not there:
    ///
    /// - **A copied cookie stays good** until its idle timeout, also after a logout: a logout takes
    ///   the cookies away from this client, and nothing else. Nobody can be kicked, no sessions
    ///   listed. Keep the timeouts short.
    /// - **Who sends an old cookie has the old session**: no counter in it is safe from being set
    ///   back, and a login can be undone by the client that made it.
    /// - **Of two requests at once the last response wins** as a whole; an
    ///   [`update`](crate::session::Session::update) may be lost, and with it a login.
    /// - **A [`commit`](crate::session::Session::commit) is done when the response arrives**, not before.
    ///
    /// [`replay_guard`](Builder::replay_guard) brings the first three back, and costs what a store
    /// costs.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tower_auth::{KeyRing, SessionLayer};
    ///
    /// let layer = SessionLayer::in_cookie(&KeyRing::random())
    ///     .idle_timeout(Duration::from_secs(10 * 60))
    ///     .absolute_timeout(Duration::from_secs(8 * 60 * 60))
    ///     .build()?;
    /// # Ok::<_, tower_auth::session::ConfigError>(())
    /// ```
    pub fn in_cookie(keys: &KeyRing) -> Builder {
        Builder::new(None, keys.clone())
    }
}
