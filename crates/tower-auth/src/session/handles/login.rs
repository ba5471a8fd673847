//! A login, and the update of an identity: the two that renew the session's secret.

use tower_auth_core::Identity;
use tower_auth_core::store::Store as _;

use crate::crypto::credential::Credential;
use crate::session::record::meta::Meta;
use crate::session::state::{Base, Cell, Inner, Login};
use crate::session::{Session, SessionError};

/// The octets of an object without values, `{}`, with which a record starts.
const EMPTY: usize = 2;

impl Session {
    /// Logs a principal in. The session's secret is new from here on (no fixation), its cookie is
    /// sent with this response, and the change is saved with all others.
    ///
    /// - The anonymous session's data is kept.
    /// - The same principal again (a step-up) keeps the data and restarts both timeouts.
    /// - Another principal: the old session ends, the new one is empty.
    /// - If another request renewed or ended the session meanwhile, a new and empty one is started:
    ///   two logins at once both succeed.
    ///
    /// A login says that the user has just authenticated. To change the roles of a user who is
    /// logged in, call [`update_identity`](Self::update_identity): a login would start a new session
    /// even if an administrator has ended this one meanwhile.
    ///
    /// # Errors
    /// [`Unavailable`](SessionError::Unavailable), [`ResponseSent`](SessionError::ResponseSent), and
    /// [`TooOld`](SessionError::TooOld) if the identity names an event so long ago that the
    /// session would be over already. [`NoSubject`](SessionError::NoSubject) if the subject is
    /// empty, which would be one principal for all users without one.
    /// [`TooLarge`](SessionError::TooLarge) if the identity and the session's values do not fit the
    /// store, or the cookies. Nothing was changed then.
    pub fn login(&self, identity: Identity) -> Result<(), SessionError> {
        let config = &self.0.config;
        let context = self.0.context.upgrade().ok_or(SessionError::ResponseSent)?;
        let now = config.clock.now();
        // Before the lock, so that it is dropped after it: the application's closures go with it.
        let _forgotten;
        let mut inner = self.0.lock();
        match inner.check_writable() {
            Ok(()) | Err(SessionError::Rotated) => {}
            Err(error) => return Err(error),
        }
        if identity.subject().is_empty() {
            return Err(SessionError::NoSubject);
        }
        let identity = config.localise(identity);
        if identity.authenticated_at().is_some_and(|at| at + config.absolute <= now) {
            return Err(SessionError::TooOld { absolute: config.absolute });
        }
        let stays = inner.identity().is_none_or(|there| there.same_principal(&identity));
        let keeps = stays
            && matches!(inner.base, Base::Live(_))
            && inner.login.as_ref().is_none_or(|login| login.keeps);
        let credential = match &inner.base {
            Base::Live(live) if keeps => Credential::with_new_secret(live.credential.handle),
            _ => Credential::random(),
        };
        let identity = config.vouch(&identity, credential.handle, now);
        let meta = Meta::octets(&identity);
        let room = config.store.limits().max_value.checked_sub(meta);
        let room = room.ok_or(SessionError::TooLarge)?;
        if room < EMPTY || (stays && !inner.fits(room)?) {
            return Err(SessionError::TooLarge);
        }
        inner.reserve_login(&self.0, meta, stays)?;
        config.carrier.remove_elsewhere(&context);
        inner.note_removal(&self.0, &context);
        if !config.carrier.write(&context, &credential) {
            return Err(SessionError::ResponseSent);
        }
        #[cfg(feature = "csrf")]
        crate::csrf::forget_pre_session(&context, &config.pre_session);
        let is_first = inner.login.as_ref().is_none_or(|login| login.is_update);
        if !stays {
            _forgotten = inner.take_changes();
        } else if is_first {
            // Of several logins of one principal the first one is the boundary.
            inner.earlier = std::mem::take(&mut inner.changes);
        }
        inner.promised = None;
        inner.login = Some(Login { identity, credential, at: now, keeps, is_update: false, meta });
        inner.measure_anew();
        Ok(())
    }

    /// Replaces what is known of the user who is logged in, such as the roles. The secret is renewed
    /// (SE-04) and its cookie sent with this response; the change is saved with all others.
    ///
    /// The principal stays, and so do the authentication event (its moment, `acr` and `amr`) and both
    /// deadlines: nobody has authenticated (SE-10). Whatever `identity` says of those is ignored.
    ///
    /// Unlike a [`login`](Self::login), it never starts a session: if this one has ended, or another
    /// request has renewed its secret meanwhile, the save fails with
    /// [`Ended`](SessionError::Ended) (401) or [`Rotated`](SessionError::Rotated) (409). So a kick
    /// that comes while the handler runs stays a kick.
    ///
    /// The [`Identity`] in this request's extensions stays as it came; [`identity`](Self::identity)
    /// shows the new one.
    ///
    /// # Errors
    /// [`NotLoggedIn`](SessionError::NotLoggedIn) without a user,
    /// [`OtherPrincipal`](SessionError::OtherPrincipal) if `identity` is of another one,
    /// [`TooLarge`](SessionError::TooLarge), and those of a session that cannot be written. Nothing
    /// was changed then.
    ///
    /// ```
    /// use tower_auth::{Session, session::SessionError};
    ///
    /// fn promote(session: &Session) -> Result<(), SessionError> {
    ///     let Some(me) = session.identity()? else { return Ok(()) };
    ///     session.update_identity(me.to_builder().role("editor").build())
    /// }
    /// ```
    pub fn update_identity(&self, identity: Identity) -> Result<(), SessionError> {
        let config = &self.0.config;
        let context = self.0.context.upgrade().ok_or(SessionError::ResponseSent)?;
        let mut inner = self.0.lock();
        inner.check_writable()?;
        let current = match (inner.identity(), &inner.base) {
            (Some(current), _) => current.clone(),
            (None, Base::Ended(_, reason)) => return Err(SessionError::Ended(Some(*reason))),
            (None, _) => return Err(SessionError::NotLoggedIn),
        };
        let identity = config.localise(identity);
        if !identity.same_principal(&current) {
            return Err(SessionError::OtherPrincipal);
        }
        let identity = identity.with_event_of(&current);
        let meta = Meta::octets(&identity);
        let room = config.store.limits().max_value.checked_sub(meta);
        if !inner.fits(room.ok_or(SessionError::TooLarge)?)? {
            return Err(SessionError::TooLarge);
        }
        inner.reserve_login(&self.0, meta, true)?;
        if let Some(login) = &mut inner.login {
            // Its secret is new already.
            (login.identity, login.meta) = (identity, meta);
            return Ok(());
        }
        let Base::Live(live) = &inner.base else { return Err(SessionError::NotLoggedIn) };
        let credential = Credential::with_new_secret(live.credential.handle);
        // The new secret beside the old one, in another scope, would be a conflict.
        config.carrier.remove_elsewhere(&context);
        if !config.carrier.write(&context, &credential) {
            return Err(SessionError::ResponseSent);
        }
        let at = config.clock.now();
        let login = Login { identity, credential, at, keeps: true, is_update: true, meta };
        inner.login = Some(login);
        Ok(())
    }
}

impl Inner {
    /// Keeps room for the cookies of a login, whose record starts without the values so far unless it
    /// `keeps` them.
    fn reserve_login(&mut self, cell: &Cell, meta: usize, keeps: bool) -> Result<(), SessionError> {
        let data = match &cell.config.carrier.held {
            Some(_) if keeps => self.octets()?,
            // A store's record takes no cookie.
            _ => EMPTY,
        };
        self.reserve_cookies(cell, meta, data)
    }
}
