//! Logout: ends every session of which the request presented a credential.

use std::collections::HashSet;

use tower_auth_core::event;
use tower_auth_core::store::{EndReason, Key, Load, RecordId, RecordKind};

use crate::crypto::credential::Credential;
use crate::jar::presented::{MOST_ENDED, Presented};
use crate::session::config::Config;
use crate::session::record::meta::Meta;
use crate::session::state::{Loaded, SessionState};
use crate::session::transport::marker::ReplayMarker;
use crate::session::{Session, SessionError};

impl Session {
    /// Logs the user out.
    ///
    /// When this returns, the store has ended the session, and no write in flight can restore it.
    /// The changes of this request are dropped. A later write of this request starts a new session.
    ///
    /// Without a store, that is with [`in_cookie`](crate::SessionLayer::in_cookie) and without a
    /// [`replay_guard`](crate::session::SessionLayerBuilder::replay_guard), a logout ends nothing. It removes
    /// the cookies from this client, and a copied cookie stays valid until it expires.
    ///
    /// A request may present credentials of several sessions under the cookie's name, if the cookie
    /// has a `Domain` or a `Path`. A logout ends all of them and removes their cookies.
    ///
    /// # Errors
    /// - [`Unavailable`](SessionError::Unavailable) if the store is unavailable, or no replica has
    ///   confirmed the end. The session may still be valid, so the cookie is kept. Retry in a later
    ///   request.
    /// - [`Rotated`](SessionError::Rotated) if another request's login renewed the session. This
    ///   request must not end that login. If this request has made a login over it and not
    ///   committed it, that login is dropped.
    /// - [`NotEnded`](SessionError::NotEnded) if the request presented several sessions that the
    ///   client keeps, or more than 64 credentials. The first 64 are ended, and all their cookies
    ///   are removed.
    ///
    /// ```
    /// # use tower_auth::{Session, session::SessionError};
    /// async fn log_out(session: Session) -> Result<&'static str, SessionError> {
    ///     session.logout().await?;
    ///     Ok("You are logged out.")
    /// }
    /// ```
    pub async fn logout(&self) -> Result<(), SessionError> {
        let cell = &*self.0;
        let _turn = cell.turn.lock().await;
        let (ends, presented) = {
            let inner = cell.lock();
            let ends = match &inner.loaded {
                _ if inner.closed => return Err(SessionError::ResponseSent),
                Loaded::Unknown => return Err(SessionError::Unavailable),
                Loaded::Rotated => {
                    let is_login = inner.login.is_some();
                    drop(inner);
                    if is_login {
                        cell.left();
                    }
                    return Err(SessionError::Rotated);
                }
                Loaded::Live(live) => Some((live.credential.id, EndReason::LoggedOut)),
                Loaded::Unreadable(id) => Some((*id, EndReason::LoggedOut)),
                // End it again: an earlier call may have failed because no replica confirmed the
                // end. This call must not report success unless one confirms it now.
                Loaded::Ended(id, reason) => Some((*id, *reason)),
                Loaded::Nothing => None,
            };
            let is_nothing = matches!(inner.loaded, Loaded::Nothing);
            (ends, cell.not_believed(inner.context(cell).as_deref(), is_nothing))
        };
        if ends.is_some() || !presented.is_empty() {
            // Before the call to the store, because the caller may drop this future.
            cell.keep_cookie();
        }
        // If one end fails, the others are ended all the same.
        let own = match ends {
            Some((id, reason)) => cell.config.end(id, reason).await,
            None => Ok(()),
        };
        let most = presented.len().min(MOST_ENDED);
        cell.config.end_all(&presented[..most]).await.and(own)?;
        cell.left();
        let ends_nothing = cell.config.transport.is_without_store();
        if presented.len() > most || ends_nothing && !presented.is_empty() {
            return Err(SessionError::NotEnded);
        }
        Ok(())
    }
}

impl SessionState {
    /// Returns the presented credentials that gave this request no session: several, or, under a
    /// replay guard, one whose record is old or incomplete. The secret of such a credential may
    /// still be its session's present one.
    fn not_believed(
        &self,
        context: Option<&crate::request::Context>,
        is_nothing: bool,
    ) -> Vec<Credential> {
        let is_guarded = self.config.transport.held.as_ref().is_some_and(|held| held.guarded);
        match context.map(|context| self.config.transport.read(context)) {
            Some(Presented::Conflict(all, _)) => all.into_iter().map(|it| it.credential).collect(),
            Some(Presented::One(it, _)) if is_guarded && is_nothing => vec![it.credential],
            _ => Vec::new(),
        }
    }
}

impl Config {
    async fn end(&self, id: RecordId, reason: EndReason) -> Result<(), SessionError> {
        self.store.end(Key::new(RecordKind::Session, id), reason, self.idle).await?;
        // If an administrator ended the session, this is no logout by its owner, even if the owner
        // calls `logout`.
        if reason == EndReason::LoggedOut {
            self.emit_ended(event::EventKind::SessionLoggedOut, id);
        }
        Ok(())
    }

    /// Ends the session of each credential. If one end fails, the others are ended all the same.
    async fn end_all(&self, credentials: &[Credential]) -> Result<(), SessionError> {
        let (mut result, mut ended, mut renewed) = (Ok(()), HashSet::new(), HashSet::new());
        for credential in credentials {
            match self.end_presented(credential).await {
                Ok(Ended::Yes) => drop(ended.insert(credential.id)),
                Ok(Ended::Renewed) => drop(renewed.insert(credential.id)),
                Ok(Ended::Nothing) => {}
                Err(error) => result = Err(error),
            }
        }
        // A renewed secret proves nothing, unless the request also presented the new one.
        if !renewed.is_subset(&ended) {
            result = result.and(Err(SessionError::Rotated));
        }
        result
    }

    /// Ends the session, if the credential has its present secret.
    async fn end_presented(&self, credential: &Credential) -> Result<Ended, SessionError> {
        let id = credential.id;
        if self.transport.is_without_store() {
            return Ok(Ended::Nothing);
        }
        let is_guarded = self.transport.held.is_some();
        let reason = match self.store.load(Key::new(RecordKind::Session, id)).await? {
            Load::Absent => return Ok(Ended::Nothing),
            // End it again: an earlier call may have failed because no replica confirmed the end.
            Load::Ended { reason, .. } => reason,
            Load::Found(stored) if is_guarded => match ReplayMarker::read(&stored.record) {
                Some(mark) if !credential.matches(&mark.secret) => {
                    let is_recent =
                        Meta::renewed_at(&stored).is_some_and(|at| self.is_recent(at, id));
                    return Ok(if is_recent { Ended::Renewed } else { Ended::Nothing });
                }
                _ => EndReason::LoggedOut,
            },
            Load::Found(stored) => match Meta::read(&stored, id) {
                Some(meta) if !credential.matches(&meta.hash) => {
                    let is_recent = self.is_recent(meta.rotated_at, id);
                    return Ok(if is_recent { Ended::Renewed } else { Ended::Nothing });
                }
                _ => EndReason::LoggedOut,
            },
        };
        self.end(id, reason).await?;
        Ok(Ended::Yes)
    }
}

/// The outcome for one of several credentials.
enum Ended {
    Yes,
    /// No session to end, or its secret was replaced long ago.
    Nothing,
    /// A login of another request has just replaced the secret.
    Renewed,
}
