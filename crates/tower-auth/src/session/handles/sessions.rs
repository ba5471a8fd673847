//! Lists and ends the sessions of a user, from outside these sessions.

use crate::session::SessionId;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tower_auth_core::Principal;
use tower_auth_core::event::EventKind;
use tower_auth_core::store::{
    EndOwnedParams, EndReason, Key, ListParams, Load, Owner, RecordKind, RecordKinds, Store as _,
};

use crate::principal::owner_of;
use crate::request::current;
use crate::session::config::Config;
use crate::session::{Session, SessionConfigError, SessionError, SessionInfo};

/// The number of sessions that one store command reads.
const PAGE: usize = 100;

/// The sessions of all users. Lists them, and ends them on every node at once.
///
/// [`SessionLayer::sessions`](crate::session::SessionLayer::sessions) or
/// [`AuthStack::sessions`](crate::AuthStack::sessions) returns one. Handlers keep it in their
/// state. All clones are equivalent.
///
/// A session is listed from its login on: an anonymous session belongs to no user. Refresh tokens
/// are not sessions. To log a user out everywhere, also revoke their refresh tokens, with
/// `Refresh::revocations`.
///
/// ```
/// use tower_auth::session::{SessionError, Sessions};
/// use tower_auth::{Identity, Session};
///
/// /// "Log me out everywhere but here."
/// async fn leave(
///     sessions: Sessions,
///     session: Session,
///     me: Identity,
/// ) -> Result<String, SessionError> {
///     let ended = sessions.end_all(&me.principal(), session.id()).await?;
///     Ok(format!("{ended} other sessions were ended"))
/// }
/// ```
#[derive(Clone)]
pub struct Sessions(Arc<Config>);

impl Sessions {
    /// Fails when the application sets it up, and not at the first call.
    pub(crate) fn of(config: &Arc<Config>) -> Result<Self, SessionConfigError> {
        if config.store.limits().lists {
            config.has_sessions.store(true, Ordering::Relaxed);
            Ok(Self(config.clone()))
        } else {
            Err(SessionConfigError::StoreCannotList)
        }
    }

    /// Returns all sessions in which `whose` is logged in, the most recently used first.
    ///
    /// Costs one store command for each hundred sessions. The result holds all of them in memory.
    ///
    /// # Errors
    /// [`Unavailable`](SessionError::Unavailable) if the store is unavailable.
    ///
    /// ```
    /// # use tower_auth::{Identity, session::{SessionError, Sessions}};
    /// async fn devices(sessions: &Sessions, me: &Identity) -> Result<Vec<String>, SessionError> {
    ///     let listed = sessions.list(&me.principal()).await?;
    ///     listed.iter().map(|it| Ok(it.get("device")?.unwrap_or_default())).collect()
    /// }
    /// ```
    pub async fn list(&self, whose: &Principal) -> Result<Vec<SessionInfo>, SessionError> {
        let owner = self.owner(whose);
        let kinds = RecordKinds::Only(RecordKind::Session);
        let (mut listed, mut cursor) = (Vec::new(), None);
        loop {
            let params = ListParams::new(owner, PAGE).kinds(kinds).cursor(cursor);
            let page = self.0.store.list(params).await?;
            listed.extend(page.entries.into_iter().map(|entry| SessionInfo::of(&self.0, entry)));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        listed.sort_by_key(|it| std::cmp::Reverse(it.last_used_at()));
        Ok(listed)
    }

    /// Ends the session `id` of this principal. Returns `true` if this principal had such a
    /// session.
    ///
    /// When this returns, the store has ended the session, and no write in flight can restore it.
    /// The session of another principal is not ended, and the answer is the same as if it did not
    /// exist, so `id` may come from the request.
    ///
    /// If a handler ends its own request's session, this is a logout, as by
    /// [`Session::logout`](crate::session::Session::logout), even if the store no longer has the
    /// session. The response removes the cookie, the request's changes are dropped, and a later
    /// write starts a new session. For a task that the handler spawned, and for every other request
    /// of that session, it is a kick: their writes are refused with 401.
    ///
    /// # Errors
    /// [`Unavailable`](SessionError::Unavailable): the session may still be valid. Call this again.
    pub async fn end(&self, whose: &Principal, id: SessionId) -> Result<bool, SessionError> {
        let key = Key::new(RecordKind::Session, id);
        let owner = self.owner(whose);
        let own = current_session(&self.0).filter(|own| own.0.has(&id));
        // Within a request, one writer at a time uses the store.
        let _turn = match &own {
            Some(own) => Some(own.0.turn.lock().await),
            None => None,
        };
        // An owner never changes, so what this reads also holds at the second step.
        let (reason, existed) = match self.0.store.load(key).await? {
            Load::Found(stored) if stored.record.owner == Some(owner) => {
                (if own.is_some() { EndReason::LoggedOut } else { EndReason::Kicked }, true)
            }
            // An earlier call may have failed because no replica confirmed the end. End it again:
            // this call must not report success unless one confirms it now.
            Load::Ended { reason, .. } => (reason, false),
            // The request's own session, which the store no longer has: a logout all the same.
            Load::Absent => {
                if let Some(own) = own.as_ref().filter(|own| own.0.stored_of(&owner) == Some(id)) {
                    own.0.ended(&id);
                }
                return Ok(false);
            }
            Load::Found(_) => return Ok(false),
        };
        self.0.store.end(key, reason, self.0.idle).await?;
        if existed {
            let own_or_not =
                if own.is_some() { EventKind::SessionLoggedOut } else { EventKind::SessionKicked };
            self.0.emit(own_or_not, Some(id));
        }
        if let Some(own) = &own {
            own.0.ended(&id);
        }
        Ok(existed)
    }

    /// Ends every session of this principal, except the session `except`. Returns the number of
    /// ended sessions.
    ///
    /// When this returns, every session that was logged in before the call has ended. A concurrent
    /// login may survive. If the call fails, it may have ended some sessions: call it again. If the
    /// request's own session is among them, this is its logout, as with [`end`](Self::end).
    ///
    /// # Errors
    /// [`Unavailable`](SessionError::Unavailable) if the store is unavailable.
    pub async fn end_all(
        &self,
        whose: &Principal,
        except: Option<SessionId>,
    ) -> Result<usize, SessionError> {
        let (owner, kinds) = (self.owner(whose), RecordKinds::Only(RecordKind::Session));
        let own = current_session(&self.0);
        let own = own.and_then(|own| Some((own.0.stored_of(&owner)?, own)));
        let own = own.filter(|(id, _)| Some(*id) != except);
        let _turn = match &own {
            Some((_, own)) => Some(own.0.turn.lock().await),
            None => None,
        };
        let params = EndOwnedParams::new(owner, EndReason::Kicked, self.0.idle);
        let ended = self.0.store.end_owned(params.kinds(kinds).except(except)).await?;
        if ended > 0 {
            self.0.emit(EventKind::SessionKicked, None);
        }
        if let Some((id, own)) = &own {
            own.0.ended(id);
        }
        Ok(ended)
    }

    /// Returns the owner under which a login stores its record: the issuer of a local user is this
    /// application.
    fn owner(&self, whose: &Principal) -> Owner {
        owner_of(whose, &self.0.issuer)
    }
}

/// Returns the session of the current request, if it was used and belongs to this layer.
fn current_session(config: &Arc<Config>) -> Option<Session> {
    let session = current::with(|context| context.session(|slot| slot.made()))??;
    Arc::ptr_eq(&session.0.config, config).then_some(session)
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").finish_non_exhaustive()
    }
}
