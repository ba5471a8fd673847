//! What a handler holds.

use std::sync::Arc;

use http::Extensions;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use tower_auth_core::event::LogId;
use tower_auth_core::store::{Handle, Store as _};
use tower_auth_core::{AuthContext as _, Identity, Timestamp};

use crate::request::Context;
use crate::session::SessionError;
use crate::session::record::value::{decode, encode};
use crate::session::state::changes::{Change, UpdateFn};
use crate::session::state::{Base, Cell, Inner};

/// The session of one request. Cheap to clone; every clone is the same session.
///
/// Reads see the record as it was when the request came in, and this request's own changes.
/// Changes are collected and saved in one step when the response's head is ready, or by
/// [`commit`](Self::commit); on a conflict they are applied again to what others have saved
/// meanwhile. A visitor who writes nothing gets no cookie and no record.
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
pub struct Session(pub(in crate::session) Arc<Cell>);

impl Session {
    /// The session of a request that has passed a [`SessionLayer`](crate::session::SessionLayer); `None`
    /// where none is in the path, or it was told to skip this route.
    #[must_use]
    pub fn of(extensions: &Extensions) -> Option<Self> {
        let context = Context::of(extensions)?;
        context.session(|slot| slot.get(&context))
    }

    /// The value under `key`, read into `T`; `None` where there is none.
    ///
    /// A response to a request that reads data alone gets `Vary: Cookie` and no `Cache-Control: no-store`:
    /// set it in the handler if the page must not be stored.
    ///
    /// # Errors
    /// [`Unavailable`](SessionError::Unavailable) where the store could not be asked, and
    /// [`Decode`](SessionError::Decode) where the value is of another type: it stays as it is.
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, SessionError> {
        let view = {
            let mut inner = self.0.lock();
            if matches!(inner.base, Base::Unknown) {
                return Err(SessionError::Unavailable);
            }
            inner.view(key)
        };
        view.get(key)
    }

    /// Takes the value under `key` out: [`get`](Self::get) and [`remove`](Self::remove), for what is
    /// shown once.
    ///
    /// Two requests at once may both see the value: each reads it before either has removed it. For
    /// what must happen once at most, such as a one-time code, this is not enough.
    ///
    /// # Errors
    /// As [`get`](Self::get) and [`remove`](Self::remove); the value then stays.
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

    /// Puts a value under `key`, whatever was there.
    ///
    /// # Errors
    /// The session cannot be written (see [`SessionError`]), the value cannot be written as JSON,
    /// or the session would grow beyond its store's limit, or its cookies beyond what the client can
    /// send back next to the other cookies of this response (8 KiB together). Nothing was changed
    /// then.
    pub fn insert<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<(), SessionError> {
        let raw = encode(key, value)?;
        self.change(key.into(), Change::Set(Some(raw.into())))
    }

    /// Removes what is under `key`, if anything is.
    ///
    /// # Errors
    /// The session cannot be written.
    pub fn remove(&self, key: &str) -> Result<(), SessionError> {
        let view = {
            let mut inner = self.0.lock();
            inner.check_writable()?;
            let nothing =
                matches!(inner.base, Base::Nothing | Base::Unreadable(_) | Base::Ended(..));
            nothing.then(|| inner.view(key))
        };
        // Removing what is not there must not give an anonymous visitor a session.
        if let Some(view) = view
            && view.value(key)?.is_none()
        {
            return Ok(());
        }
        self.change(key.into(), Change::Set(None))
    }

    /// Makes a new value of the one under `key`; exact however many requests do so at once.
    ///
    /// `f` must be pure: it runs now, whenever the value is read, and again whenever another
    /// request was faster.
    ///
    /// # Errors
    /// As [`insert`](Self::insert), and where what is there is not a `T`.
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
        // Outside of the lock, since this runs the application's code.
        let value = f(view.value(&name)?.as_deref())?.into();
        drop(view);
        let max = self.0.config.store.limits().max_value;
        let _replaced;
        let mut inner = self.0.lock();
        inner.check_writable()?;
        let is_now = inner.revision == revision;
        // `f` stays here until the lock is free, whatever becomes of the change.
        let change = Change::Update { f: f.clone(), value, is_now };
        _replaced = inner.push(&self.0, name, change, max)?;
        Ok(())
    }

    fn change(&self, key: Arc<str>, change: Change) -> Result<(), SessionError> {
        let max = self.0.config.store.limits().max_value;
        // Before the lock, so that it is dropped after it: the application's closures go with it.
        let _replaced;
        let mut inner = self.0.lock();
        inner.check_writable()?;
        _replaced = inner.push(&self.0, key, change, max)?;
        Ok(())
    }

    /// Saves now, for whoever must know before the response; then goes on as before.
    ///
    /// If it fails, or its future is dropped, what it carried is not tried again. What it has saved
    /// stays: the response gives the client the session's cookies, even if a later change of this
    /// request cannot be saved and the handler's response is refused for it.
    ///
    /// # Errors
    /// As the variants of [`SessionError`] say.
    pub async fn commit(&self) -> Result<(), SessionError> {
        if self.0.lock().closed {
            return Err(SessionError::ResponseSent);
        }
        self.0.flush().await
    }

    /// Who is logged in, as this request will leave it; a login of this request included.
    ///
    /// A response whose handler was given an identity is kept out of caches, if the handler says
    /// nothing of caching itself.
    ///
    /// # Errors
    /// [`Unavailable`](SessionError::Unavailable).
    pub fn identity(&self) -> Result<Option<Identity>, SessionError> {
        let identity = {
            let inner = self.0.lock();
            match inner.base {
                Base::Unknown => return Err(SessionError::Unavailable),
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

    /// The session's name, by which it is listed and kicked; `None` while there is no record.
    #[must_use]
    pub fn name(&self) -> Option<Handle> {
        match &*self.0.lock() {
            Inner { login: Some(login), .. } => Some(login.credential.handle),
            Inner { base: Base::Live(live), .. } => Some(live.credential.handle),
            _ => None,
        }
    }

    /// The session's name in logs, as in the [events](crate::event); `None` while there is no record.
    /// Logs of the application's own can name the session by it.
    #[must_use]
    pub fn log_id(&self) -> Option<LogId> {
        self.name().map(|name| self.0.config.log_id(&name))
    }

    /// When the session ends if it is not used again; `None` while there is no record.
    #[must_use]
    pub fn expires_at(&self) -> Option<Timestamp> {
        match &*self.0.lock() {
            Inner { login: Some(login), .. } => login.identity.expires_at(),
            Inner { base: Base::Live(live), .. } => Some(live.stored.record.expires_at()),
            _ => None,
        }
    }
}

tower_auth_core::opaque_debug!(Session, "Session");
