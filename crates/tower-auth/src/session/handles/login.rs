//! Login, and the update of an identity. Both renew the session's secret.

use tower_auth_core::Identity;
use tower_auth_core::store::Store as _;

use crate::crypto::credential::Credential;
use crate::session::record::meta::Meta;
use crate::session::state::{Inner, Loaded, Login, SessionState};
use crate::session::{Session, SessionError};

/// The size of an object without values, `{}`, with which a record starts, in octets.
const EMPTY: usize = 2;

impl Session {
    /// Logs a user in.
    ///
    /// The session gets a new secret (no fixation) and this response sends its cookie. The login is
    /// saved together with all other changes of the request.
    ///
    /// - An anonymous session keeps its data.
    /// - If the same principal logs in again (a step-up), the session keeps its data, and both
    ///   timeouts restart.
    /// - If another principal is logged in, the old session ends, and the new one is empty.
    /// - If another request has renewed or ended the session meanwhile, the login starts a new,
    ///   empty session. So two logins at once both succeed.
    ///
    /// A login states that the user has just authenticated. To change the roles of a user who is
    /// logged in, call [`update_identity`](Self::update_identity): a login would start a new
    /// session even if an administrator has ended this one meanwhile.
    ///
    /// # Errors
    /// - [`Unavailable`](SessionError::Unavailable) and
    ///   [`ResponseSent`](SessionError::ResponseSent).
    /// - [`TooOld`](SessionError::TooOld) if the identity's authentication is so old that the
    ///   session would already have ended.
    /// - [`NoSubject`](SessionError::NoSubject) if the subject is empty: all users without a
    ///   subject would be one principal.
    /// - [`TooLarge`](SessionError::TooLarge) if the identity and the session's values do not fit
    ///   into the store or the cookies.
    ///
    /// On an error, nothing was changed.
    ///
    /// ```
    /// # use tower_auth::{Identity, Session, session::SessionError};
    /// // Called once the user's password is verified.
    /// fn log_in(session: &Session, user_id: &str) -> Result<(), SessionError> {
    ///     session.login(Identity::local(user_id).role("customer").build())
    /// }
    /// ```
    pub fn login(&self, identity: Identity) -> Result<(), SessionError> {
        let config = &self.0.config;
        let context = self.0.context.upgrade().ok_or(SessionError::ResponseSent)?;
        let now = config.clock.now();
        // Declared before the lock, so that the value drops after the lock: dropping the value may
        // run the application's code.
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
            && matches!(inner.loaded, Loaded::Live(_))
            && inner.login.as_ref().is_none_or(|login| login.keeps);
        let credential = match &inner.loaded {
            Loaded::Live(live) if keeps => Credential::with_new_secret(live.credential.id),
            _ => Credential::random(),
        };
        let identity = config.vouch(&identity, credential.id, now);
        let meta = Meta::octets(&identity);
        let room = config.store.limits().max_value.checked_sub(meta);
        let room = room.ok_or(SessionError::TooLarge)?;
        if room < EMPTY || (stays && !inner.fits(room)?) {
            return Err(SessionError::TooLarge);
        }
        inner.reserve_login(&self.0, meta, stays)?;
        config.transport.remove_elsewhere(&context);
        inner.note_removal(&self.0, &context);
        if !config.transport.write(&context, &credential) {
            return Err(SessionError::ResponseSent);
        }
        #[cfg(feature = "csrf")]
        crate::csrf::forget_pre_session(&context, &config.pre_session);
        let is_first = inner.login.as_ref().is_none_or(|login| login.is_update);
        if !stays {
            _forgotten = inner.take_changes();
        } else if is_first {
            // If one principal logs in twice in a request, the first login is the boundary.
            inner.earlier = std::mem::take(&mut inner.changes);
        }
        inner.promised = None;
        inner.login = Some(Login { identity, credential, at: now, keeps, is_update: false, meta });
        inner.measure_anew();
        Ok(())
    }

    /// Replaces the identity of the user who is logged in, for example to change the roles.
    ///
    /// The session's secret is renewed (SE-04), and this response sends its cookie. The update is
    /// saved together with all other changes of the request.
    ///
    /// The principal stays, and so do the authentication (its time, `acr` and `amr`) and both
    /// deadlines, because the user has not authenticated again (SE-10). The method ignores these
    /// parts of `identity`.
    ///
    /// Unlike a [`login`](Self::login), it never starts a session. If this session has ended, or
    /// another request has renewed its secret, the save fails with [`Ended`](SessionError::Ended)
    /// (401) or [`Rotated`](SessionError::Rotated) (409). So a session that an administrator ends
    /// while the handler runs stays ended.
    ///
    /// The [`Identity`] in this request's extensions stays unchanged; [`identity`](Self::identity)
    /// returns the new one.
    ///
    /// # Errors
    /// - [`NotLoggedIn`](SessionError::NotLoggedIn) if no user is logged in.
    /// - [`OtherPrincipal`](SessionError::OtherPrincipal) if `identity` belongs to another
    ///   principal.
    /// - [`TooLarge`](SessionError::TooLarge) as for a login.
    /// - The errors of a session that cannot be written.
    ///
    /// On an error, nothing was changed.
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
        let current = match (inner.identity(), &inner.loaded) {
            (Some(current), _) => current.clone(),
            (None, Loaded::Ended(_, reason)) => return Err(SessionError::Ended(Some(*reason))),
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
            // The pending login has a new secret already.
            (login.identity, login.meta) = (identity, meta);
            return Ok(());
        }
        let Loaded::Live(live) = &inner.loaded else { return Err(SessionError::NotLoggedIn) };
        let credential = Credential::with_new_secret(live.credential.id);
        // In another scope, the old credential would remain beside the new one and conflict with
        // it.
        config.transport.remove_elsewhere(&context);
        if !config.transport.write(&context, &credential) {
            return Err(SessionError::ResponseSent);
        }
        let at = config.clock.now();
        let login = Login { identity, credential, at, keeps: true, is_update: true, meta };
        inner.login = Some(login);
        Ok(())
    }
}

impl Inner {
    /// Reserves space for the cookies of a login. Its record starts without the present values,
    /// unless `keeps` is set.
    fn reserve_login(
        &mut self,
        cell: &SessionState,
        meta: usize,
        keeps: bool,
    ) -> Result<(), SessionError> {
        let data = match &cell.config.transport.held {
            Some(_) if keeps => self.octets()?,
            // A record in a store needs no cookie.
            _ => EMPTY,
        };
        self.reserve_cookies(cell, meta, data)
    }
}
