//! [`Refresh`]: begins, exchanges and ends families of tokens. Applications hold it.

use std::sync::Arc;

use tower_auth_core::Identity;
use tower_auth_core::event::{self, LogId};
use tower_auth_core::store::{EndReason, Key, Load, Record, RecordId, RecordKind, Write};

use super::decide::{Verdict, decide};
use super::engine::Engine;
use super::error::{RefreshError, RefreshRefusal};
use super::family::{Family, LONGEST_CLIENT, authentication};
use super::token::Seed;
use super::tokens::{PresentedToken, TokenPair};
use crate::crypto::keys;
use crate::principal::{localise, owner};
use crate::skew::Age;

/// The number of attempts in a race. A lost race means that another request has rotated, and the
/// second attempt sees that. More than two attempts happen only if the clock jumps.
const TRIES: usize = 16;

/// Begins families of refresh tokens, exchanges their tokens, and ends them. A clone is the same
/// engine.
///
/// See the [module documentation](super) for what it promises.
#[derive(Clone)]
pub struct Refresh(pub(super) Arc<Engine>);

impl Refresh {
    pub(super) fn from_engine(engine: Engine) -> Self {
        Self(Arc::new(engine))
    }

    /// Begins a family. Call it when a user has just logged in.
    ///
    /// The access token is minted before the family is stored. If a `client` is given, the family
    /// refuses all other clients.
    ///
    /// # Errors
    /// - [`Mint`](RefreshError::Mint), [`Unavailable`](RefreshError::Unavailable) and
    ///   [`TooLarge`](RefreshError::TooLarge);
    /// - [`Refused`](RefreshError::Refused) if the authentication is older than the absolute
    ///   timeout.
    pub async fn begin(
        &self,
        identity: &Identity,
        client: Option<&str>,
    ) -> Result<TokenPair, RefreshError> {
        let engine = &self.0;
        if client.is_some_and(|client| client.len() > LONGEST_CLIENT) {
            return Err(RefreshError::TooLarge);
        }
        let now = engine.clock.now();
        // A provider's clock that is ahead must not extend the family's lifetime.
        let at = identity.authenticated_at().unwrap_or(now).min(now);
        let ends = at + engine.absolute;
        let id = RecordId::new(keys::random());
        let identity = localise(identity.clone(), &engine.issuer)
            .with_authentication(authentication(id, at, ends));
        let family = Family {
            seed: Seed::random(),
            generation: 0,
            rotated_at: now,
            client: client.map(str::to_owned),
            identity,
        };
        let record = Record {
            owner: Some(owner(&family.identity)),
            created: now,
            last: now,
            idle: engine.idle,
            absolute: ends,
            meta: family.write(),
            data: bytes::Bytes::new(),
            data_is_json: false,
        };
        if !record.is_live(now) {
            return Err(RefreshRefusal::Ended.into());
        }
        let tokens = engine.tokens(id, &family, &record, None, now)?;
        match engine.store.create(Key::new(RecordKind::Family, id), record).await? {
            Write::Done(_) => {
                engine.emit(event::EventKind::RefreshBegun, id, &family);
                Ok(tokens)
            }
            // 128 random bits already exist: the store or the random source is broken.
            Write::Conflict | Write::Ended(_) => Err(RefreshError::Busy),
        }
    }

    /// Exchanges a refresh token for new tokens.
    ///
    /// The access token is minted before the exchange, which is one compare-and-swap. So whatever
    /// fails, and wherever this future is dropped, the token that was presented is either good
    /// still, or, with a [window](super::RefreshBuilder::window), exchanged for the same successor again.
    ///
    /// # Errors
    /// [`Refused`](RefreshError::Refused) says that the token is worth nothing. All others say
    /// nothing of it; it is not consumed then.
    pub async fn refresh<'a>(
        &self,
        presented: impl Into<PresentedToken<'a>>,
    ) -> Result<TokenPair, RefreshError> {
        let presented = presented.into();
        let engine = &*self.0;
        let token = engine.read(presented).ok_or(RefreshRefusal::Forged)?;
        for _ in 0..TRIES {
            let (stored, family) = engine.load(&token).await?;
            if family.client.is_some() && family.client.as_deref() != presented.client {
                engine.refused(token.family, "other_client");
                return Err(RefreshRefusal::Client.into());
            }
            let now = engine.clock.now();
            let age = Age::of(family.rotated_at, now);
            if age.shows_skew() {
                let event = engine.event(event::EventKind::ClockSkew, token.family);
                engine.events.emit(event.because("rotation"));
            }
            let is_recent = age.may_be_within(engine.window);
            match decide(token.generation, family.generation, is_recent) {
                Verdict::Rotate => {
                    if let Some(tokens) = engine.rotate(&token, stored, family, presented).await? {
                        return Ok(tokens);
                    }
                }
                Verdict::Current => {
                    let record = &stored.record;
                    return engine.tokens(token.family, &family, record, presented.scope, now);
                }
                Verdict::Successor => {
                    engine.emit(event::EventKind::RefreshSuccessorAgain, token.family, &family);
                    let record = &stored.record;
                    return engine.tokens(token.family, &family, record, presented.scope, now);
                }
                Verdict::Reuse(reuse) => {
                    // Emitted before the family ends: the warning must not depend on the store.
                    let event = engine.event(event::EventKind::RefreshReuse, token.family);
                    engine.events.emit(event.of(&family.identity).because(reuse.code()));
                    engine.end(token.family, EndReason::Reuse).await?;
                    return Err(RefreshRefusal::Reused.into());
                }
            }
        }
        Err(RefreshError::Busy)
    }

    /// Ends the family of a token of any generation: a logout (RFC 7009). An unknown, ended or
    /// malformed token counts as revoked.
    ///
    /// # Errors
    /// - [`Unavailable`](RefreshError::Unavailable): it is unknown whether the family has ended, or
    ///   stays ended. Call the method again.
    /// - [`Refused`](RefreshError::Refused): the named [client](PresentedToken::client) is not the
    ///   family's. The method requires no client, and accepts any client for a family that is bound
    ///   to none.
    pub async fn revoke<'a>(
        &self,
        presented: impl Into<PresentedToken<'a>>,
    ) -> Result<(), RefreshError> {
        let presented = presented.into();
        let engine = &*self.0;
        let Some(token) = engine.read(presented) else { return Ok(()) };
        let stored = match engine.store.load(Key::new(RecordKind::Family, token.family)).await? {
            Load::Found(stored) => stored,
            // An earlier call may have ended it and failed because no replica confirmed. This
            // result must not be better than that one.
            Load::Ended { reason, .. } => return engine.end(token.family, reason).await,
            // No tombstone is written, because clients keep tokens that expired long ago.
            Load::Absent => return Ok(()),
        };
        let family = match engine.family(&token, &stored) {
            Ok(family) => family,
            // The family may be live, and a node with the later version can end it.
            Err(RefreshRefusal::Unreadable) => return Err(RefreshError::Unavailable),
            Err(_) => return Ok(()),
        };
        let named = presented.client.filter(|_| family.client.is_some());
        if named.is_some() && named != family.client.as_deref() {
            return Err(RefreshRefusal::Client.into());
        }
        engine.emit(event::EventKind::RefreshRevoked, token.family, &family);
        engine.end(token.family, EndReason::Revoked).await
    }

    /// Returns the id in logs of `family`, as in the [events](crate::event).
    ///
    /// [`TokenPair::family`] returns the family. The identity that
    /// [`AccessTokens::mint`](super::AccessTokens::mint) gets also has it, as its
    /// [session](crate::Identity::session).
    #[must_use]
    pub fn log_id(&self, family: RecordId) -> LogId {
        self.0.log_id(&family)
    }
}

/// Values that a stack compares and passes on.
#[cfg(feature = "stack")]
impl Refresh {
    pub(crate) fn named(&self) -> &str {
        &self.0.issuer
    }

    pub(crate) fn clock(&self) -> &crate::Clock {
        &self.0.clock
    }

    pub(crate) fn is_of(&self, keys: &crate::KeyRing) -> bool {
        self.0.mint.is_of(&crate::crypto::credential::Families::new(keys, self.cookie()))
    }

    pub(crate) fn cookie(&self) -> &str {
        self.0.template.name()
    }
}

tower_auth_core::opaque_debug!(Refresh, "Refresh");
