//! Somebody's sessions, seen and ended from outside of them.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tower_auth_core::Principal;
use tower_auth_core::event::Kind as Told;
use tower_auth_core::store::{
    EndOwnedParams, Handle, Key, Kind, Kinds, ListParams, Load, Owner, Reason, Store as _,
};

use crate::principal::owner;
use crate::request::current;
use crate::session::config::Config;
use crate::session::{ConfigError, Listed, Session, SessionError};

/// How many are read at once.
const PAGE: usize = 100;

/// The sessions of everybody: lists them, and ends them on every node at once.
///
/// From [`SessionLayer::sessions`](crate::session::SessionLayer::sessions), or
/// [`AuthStack::sessions`](crate::AuthStack::sessions). Handlers hold it in their state. A clone is
/// the same.
///
/// A session is there from the login on: what an anonymous visitor wrote belongs to nobody. Refresh
/// tokens are not sessions: who is to be logged out everywhere has both ended, the others by
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
///     let ended = sessions.end_all(&me.principal(), session.name()).await?;
///     Ok(format!("{ended} other sessions were ended"))
/// }
/// ```
#[derive(Clone)]
pub struct Sessions(Arc<Config>);

impl Sessions {
    /// Fails where the layer is built, not where somebody first asks.
    pub(crate) fn of(config: &Arc<Config>) -> Result<Self, ConfigError> {
        if config.store.limits().lists {
            config.has_sessions.store(true, Ordering::Relaxed);
            Ok(Self(config.clone()))
        } else {
            Err(ConfigError::StoreCannotList)
        }
    }

    /// All sessions that this principal is logged in to, the one that was used last first.
    ///
    /// One store command for every hundred of them, and all of them in memory.
    ///
    /// # Errors
    /// [`Unavailable`](SessionError::Unavailable).
    pub async fn list(&self, whose: &Principal) -> Result<Vec<Listed>, SessionError> {
        let owner = self.owner(whose);
        let kinds = Kinds::Only(Kind::Session);
        let (mut listed, mut cursor) = (Vec::new(), None);
        loop {
            let params = ListParams::new(owner, PAGE).kinds(kinds).cursor(cursor);
            let page = self.0.store.list(params).await?;
            listed.extend(page.entries.into_iter().map(|entry| Listed::of(&self.0, entry)));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        listed.sort_by_key(|it| std::cmp::Reverse(it.last_used_at()));
        Ok(listed)
    }

    /// Ends one session of this principal; says whether there was one of that name.
    ///
    /// It is gone in the store when this returns, and no write in flight brings it back. A session
    /// of somebody else's is not ended, and the answer is the same as if it did not exist: so the
    /// name may come from the request.
    ///
    /// A handler that ends its own request's session logs it out, as
    /// [`Session::logout`](crate::session::Session::logout) does, also if the store has it no more: its cookie
    /// is removed, what it has changed is dropped, and what it writes afterwards starts a new session. A task that it spawned is no
    /// part of the request: from there it is a kick, and so it is for every other request under way,
    /// whose writes are refused with 401.
    ///
    /// # Errors
    /// [`Unavailable`](SessionError::Unavailable): it may be alive still. Call it again.
    pub async fn end(&self, whose: &Principal, name: Handle) -> Result<bool, SessionError> {
        let key = Key::new(Kind::Session, name);
        let owner = self.owner(whose);
        let own = current_session(&self.0).filter(|own| own.0.has(&name));
        // One writer to the store at a time, within a request.
        let _turn = match &own {
            Some(own) => Some(own.0.turn.lock().await),
            None => None,
        };
        // An owner is never changed: what is read here holds at the second step.
        let (reason, existed) = match self.0.store.load(key).await? {
            Load::Found(stored) if stored.record.owner == Some(owner) => {
                (if own.is_some() { Reason::LoggedOut } else { Reason::Kicked }, true)
            }
            // Perhaps by an earlier call whose answer was that no replica has it: it is asked for
            // again, for this answer must not be better than that one.
            Load::Ended { reason, .. } => (reason, false),
            // The request's own session, which the store has no more: this is its logout all the same.
            Load::Absent => {
                if let Some(own) = own.as_ref().filter(|own| own.0.stored_of(&owner) == Some(name))
                {
                    own.0.ended(&name);
                }
                return Ok(false);
            }
            Load::Found(_) => return Ok(false),
        };
        self.0.store.end(key, reason, self.0.idle).await?;
        if existed {
            let own_or_not =
                if own.is_some() { Told::SessionLoggedOut } else { Told::SessionKicked };
            self.0.tell(own_or_not, Some(name));
        }
        if let Some(own) = &own {
            own.0.ended(&name);
        }
        Ok(existed)
    }

    /// Ends every session of this principal, but `except` where one is named; says how many.
    ///
    /// All that were logged in to before this call are gone when it returns; a login that is under
    /// way at the same time may come after it. Where it fails, some may be gone: call it again. If
    /// the request's own session is among them, that is its logout, as with [`end`](Self::end).
    ///
    /// # Errors
    /// [`Unavailable`](SessionError::Unavailable).
    pub async fn end_all(
        &self,
        whose: &Principal,
        except: Option<Handle>,
    ) -> Result<usize, SessionError> {
        let (owner, kinds) = (self.owner(whose), Kinds::Only(Kind::Session));
        let own = current_session(&self.0);
        let own = own.and_then(|own| Some((own.0.stored_of(&owner)?, own)));
        let own = own.filter(|(name, _)| Some(*name) != except);
        let _turn = match &own {
            Some((_, own)) => Some(own.0.turn.lock().await),
            None => None,
        };
        let params = EndOwnedParams::new(owner, Reason::Kicked, self.0.idle);
        let ended = self.0.store.end_owned(params.kinds(kinds).except(except)).await?;
        if ended > 0 {
            self.0.tell(Told::SessionKicked, None);
        }
        if let Some((name, own)) = &own {
            own.0.ended(name);
        }
        Ok(ended)
    }

    /// As a login writes it down: a local user is one of this application's.
    fn owner(&self, whose: &Principal) -> Owner {
        let issuer = match whose.issuer.as_str() {
            Principal::LOCAL_ISSUER => self.0.issuer.as_str(),
            issuer => issuer,
        };
        owner(issuer, &whose.subject)
    }
}

/// The session of the current request, if it was asked for and belongs to this layer.
fn current_session(config: &Arc<Config>) -> Option<Session> {
    let session = current::with(|context| context.session(|slot| slot.made()))??;
    Arc::ptr_eq(&session.0.config, config).then_some(session)
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").finish_non_exhaustive()
    }
}
