//! The session of one request.

use crate::session::SessionId;
use std::sync::Arc;

use http::Extensions;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use tower_auth_core::event::LogId;
use tower_auth_core::store::Store as _;
use tower_auth_core::{AuthContext as _, Identity, Timestamp};

use crate::request::Context;
use crate::session::SessionError;
use crate::session::record::value::{decode, encode};
use crate::session::state::changes::{Change, UpdateFn};
use crate::session::state::{Inner, Loaded, SessionState};

/// The session of one request. Cheap to clone; all clones are the same session.
///
/// Reads return the record as it was when the request arrived, with this request's own changes. The
/// layer collects changes and saves them in one step when the response's head is ready;
/// [`commit`](Self::commit) saves them earlier. On a conflict, the changes are applied again to
/// what other requests have saved. A visitor whose session is never written gets no cookie and no
/// record.
///
/// ```
/// use tower_auth::{Session, session::SessionError};
///
/// async fn add_to_cart(session: Session, item: u32) -> Result<usize, SessionError> {
///     // `update` runs again if another request was faster, so no item is lost.
///     session.update("cart", move |cart: Option<Vec<u32>>| {
///         let mut cart = cart.unwrap_or_default();
///         cart.push(item);
///         cart
///     })?;
///     Ok(session.get::<Vec<u32>>("cart")?.unwrap_or_default().len())
/// }
/// ```
#[derive(Clone)]
pub struct Session(pub(in crate::session) Arc<SessionState>);

impl Session {
    /// Returns the session of a request that has passed a
    /// [`SessionLayer`](crate::session::SessionLayer). `None` if the request has passed no such
    /// layer, or if the layer [skips](crate::session::SessionLayerBuilder::skip) the request.
    #[must_use]
    pub fn of(extensions: &Extensions) -> Option<Self> {
        let context = Context::of(extensions)?;
        context.session(|slot| slot.get(&context))
    }

    /// Returns the value under `key`, or `None` if there is no value.
    ///
    /// The response of a request that only reads data gets `Vary: Cookie`, but no
    /// `Cache-Control: no-store`. Set `no-store` in the handler if caches must not keep the page.
    ///
    /// # Errors
    /// [`Unavailable`](SessionError::Unavailable) if the store is unavailable.
    /// [`Decode`](SessionError::Decode) if the value is of another type; the value stays.
    ///
    /// ```
    /// # use tower_auth::{Session, session::SessionError};
    /// fn theme(session: &Session) -> Result<String, SessionError> {
    ///     Ok(session.get("theme")?.unwrap_or_else(|| "light".to_owned()))
    /// }
    /// ```
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, SessionError> {
        let view = {
            let mut inner = self.0.lock();
            if matches!(inner.loaded, Loaded::Unknown) {
                return Err(SessionError::Unavailable);
            }
            inner.view(key)
        };
        view.get(key)
    }

    /// Removes the value under `key` and returns it: [`get`](Self::get) and
    /// [`remove`](Self::remove) in one call, for a message that is shown once.
    ///
    /// Two concurrent requests may both get the value, because each reads it before the other has
    /// removed it. So do not use this method for a value that must be used at most once, such as a
    /// one-time code.
    ///
    /// # Errors
    /// The errors of [`get`](Self::get) and [`remove`](Self::remove). On an error, the value stays.
    ///
    /// ```
    /// # use tower_auth::{Session, session::SessionError};
    /// fn flash(session: &Session) -> Result<Option<String>, SessionError> {
    ///     session.take("flash")
    /// }
    /// ```
    pub fn take<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, SessionError> {
        let value = self.get(key)?;
        if value.is_some() {
            self.change(key.into(), Change::Set(None))?;
        }
        Ok(value)
    }

    /// Stores `value` under `key`, and replaces a previous value.
    ///
    /// # Errors
    /// - The session cannot be written; see [`SessionError`].
    /// - [`Encode`](SessionError::Encode) if the value cannot be written as JSON.
    /// - [`TooLarge`](SessionError::TooLarge) if the session would exceed its store's limit. Also
    ///   if its cookies and the other cookies of this response would together exceed the 8 KiB that
    ///   a client can send back.
    ///
    /// On an error, nothing was changed.
    ///
    /// ```
    /// # use tower_auth::{Session, session::SessionError};
    /// fn remember(session: &Session) -> Result<(), SessionError> {
    ///     session.insert("theme", "dark")
    /// }
    /// ```
    pub fn insert<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<(), SessionError> {
        let raw = encode(key, value)?;
        self.change(key.into(), Change::Set(Some(raw.into())))
    }

    /// Removes the value under `key`, if there is one.
    ///
    /// # Errors
    /// The session cannot be written; see [`SessionError`].
    pub fn remove(&self, key: &str) -> Result<(), SessionError> {
        let view = {
            let mut inner = self.0.lock();
            inner.check_writable()?;
            let nothing =
                matches!(inner.loaded, Loaded::Nothing | Loaded::Unreadable(_) | Loaded::Ended(..));
            nothing.then(|| inner.view(key))
        };
        // Removing an absent value must not create a session for an anonymous visitor.
        if let Some(view) = view
            && view.value(key)?.is_none()
        {
            return Ok(());
        }
        self.change(key.into(), Change::Set(None))
    }

    /// Replaces the value under `key` with the result of `f`. No update is lost if several requests
    /// update the value at once.
    ///
    /// `f` must be pure. It runs now. It may run again when this request reads the value, and each
    /// time that another request saves first.
    ///
    /// # Errors
    /// The errors of [`insert`](Self::insert), and [`Decode`](SessionError::Decode) if the present
    /// value is not a `T`. On an error, nothing was changed.
    ///
    /// ```
    /// # use tower_auth::{Session, session::SessionError};
    /// fn count(session: &Session) -> Result<(), SessionError> {
    ///     session.update("visits", |visits: Option<u32>| visits.unwrap_or(0) + 1)
    /// }
    /// ```
    pub fn update<T, F>(&self, key: &str, f: F) -> Result<(), SessionError>
    where
        T: Serialize + DeserializeOwned,
        F: Fn(Option<T>) -> T + Send + Sync + 'static,
    {
        let name: Arc<str> = key.into();
        let key = name.clone();
        let f: Arc<UpdateFn> = Arc::new(move |raw: Option<&RawValue>| {
            let old = raw.map(|raw| decode(&key, raw)).transpose()?;
            encode(&key, &f(old))
        });
        let (view, revision) = {
            let mut inner = self.0.lock();
            inner.check_writable()?;
            (inner.view(&name), inner.revision)
        };
        // Outside the lock, because this runs the application's code.
        let value = f(view.value(&name)?.as_deref())?.into();
        drop(view);
        let max = self.0.config.store.limits().max_value;
        let _replaced;
        let mut inner = self.0.lock();
        inner.check_writable()?;
        let is_now = inner.revision == revision;
        // Keeps `f` alive until the lock is free, even if the change is refused.
        let change = Change::Update { f: f.clone(), value, is_now };
        _replaced = inner.push(&self.0, name, change, max)?;
        Ok(())
    }

    fn change(&self, key: Arc<str>, change: Change) -> Result<(), SessionError> {
        let max = self.0.config.store.limits().max_value;
        // Declared before the lock, so that the value drops after the lock: dropping the value may
        // run the application's code.
        let _replaced;
        let mut inner = self.0.lock();
        inner.check_writable()?;
        _replaced = inner.push(&self.0, key, change, max)?;
        Ok(())
    }

    /// Saves pending changes now, so that a handler can react to a failure before it responds. The
    /// session stays usable.
    ///
    /// If the commit fails, or its future is dropped, the layer does not save its changes again;
    /// they may or may not be in the store. Changes that a commit has saved stay saved: the
    /// response sends the session's cookies, even if a later change of this request fails and the
    /// layer replaces the handler's response with a refusal.
    ///
    /// # Errors
    /// Any [`SessionError`] of a save, such as [`Unavailable`](SessionError::Unavailable),
    /// [`Ended`](SessionError::Ended), [`Rotated`](SessionError::Rotated) or
    /// [`Busy`](SessionError::Busy).
    ///
    /// ```
    /// # use tower_auth::{Session, session::SessionError};
    /// async fn order(session: Session) -> Result<&'static str, SessionError> {
    ///     session.insert("cart", "ordered")?;
    ///     // Charge the customer only if the cart was saved.
    ///     session.commit().await?;
    ///     Ok("Thank you.")
    /// }
    /// ```
    pub async fn commit(&self) -> Result<(), SessionError> {
        if self.0.lock().closed {
            return Err(SessionError::ResponseSent);
        }
        self.0.flush().await
    }

    /// Returns the identity of the user who is logged in. The result includes an earlier login or
    /// logout of this request.
    ///
    /// Caches must not keep the response of a handler that gets an identity from this method: the
    /// layer adds `Cache-Control: no-store`, unless the handler sets that header itself.
    ///
    /// # Errors
    /// [`Unavailable`](SessionError::Unavailable) if the store is unavailable.
    pub fn identity(&self) -> Result<Option<Identity>, SessionError> {
        let identity = {
            let inner = self.0.lock();
            match inner.loaded {
                Loaded::Unknown => return Err(SessionError::Unavailable),
                _ => inner.identity().cloned(),
            }
        };
        if identity.is_some()
            && let Some(context) = self.0.context.upgrade()
        {
            context.identity_used();
        }
        Ok(identity)
    }

    /// Returns the id under which [`Sessions`](crate::session::Sessions) lists and ends the
    /// session. `None` while there is no record, unless this request has logged a user in.
    #[must_use]
    pub fn id(&self) -> Option<SessionId> {
        match &*self.0.lock() {
            Inner { login: Some(login), .. } => Some(login.credential.id),
            Inner { loaded: Loaded::Live(live), .. } => Some(live.credential.id),
            _ => None,
        }
    }

    /// Returns the name that the [events](crate::event) give this session, for the application's
    /// own logs. `None` if [`id`](Self::id) is `None`.
    #[must_use]
    pub fn log_id(&self) -> Option<LogId> {
        self.id().map(|id| self.0.config.log_id(&id))
    }

    /// Returns the time at which the session ends if it is not used again. `None` if
    /// [`id`](Self::id) is `None`.
    #[must_use]
    pub fn expires_at(&self) -> Option<Timestamp> {
        match &*self.0.lock() {
            Inner { login: Some(login), .. } => login.identity.expires_at(),
            Inner { loaded: Loaded::Live(live), .. } => Some(live.stored.record.expires_at()),
            _ => None,
        }
    }
}

tower_auth_core::opaque_debug!(Session, "Session");
