//! The engine: begins families, rotates their tokens, and ends them.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use cookie::Cookie;
use tower_auth_core::event::{self, Event, LogId};
use tower_auth_core::store::{Handle, Key, Kind, Load, Reason, Record, Stored, Write};
use tower_auth_core::{Clock, Events, Identity, Timestamp};

use super::client::Accepts;
use super::decide::{Verdict, decide};
use super::family::{Family, LONGEST_CLIENT, proof};
use super::scope::narrow;
use super::token::{Mint, Read, Seed, Token};
use super::{AccessTokens, Builder, Presented, Refresh, RefreshError, Refusal, Tokens};
use crate::crypto::keys::{self, KeyRing, LogIds};
use crate::principal::{localise, owner};
use crate::skew::Age;
use crate::store::{AnyStore, Store};

/// The number of attempts in a race. A lost race means that another request has rotated, and the
/// second attempt sees that. More than two attempts happen only if the clock jumps.
const TRIES: usize = 16;
/// The lifetime of a tombstone: longer than any request takes. Later the ended family is unknown,
/// which has the same effect.
pub(super) const KEEP: Duration = Duration::from_secs(60 * 60);

/// The layer's name in events.
pub(super) const LAYER: &str = "RefreshLayer";

pub(super) struct Engine {
    pub(super) store: AnyStore,
    pub(super) clock: Clock,
    pub(super) mint: Arc<Mint>,
    pub(super) access: Box<dyn AccessTokens>,
    pub(super) window: Duration,
    pub(super) idle: Duration,
    pub(super) absolute: Duration,
    pub(super) issuer: String,
    /// The name and attributes of the cookie.
    pub(super) template: Cookie<'static>,
    /// Whether several cookies of this name, with different scopes, may exist at once.
    pub(super) is_scoped: bool,
    pub(super) events: Events,
    pub(super) log_ids: LogIds,
    /// Decides whether a client may present tokens, given the secret that it sent.
    pub(super) accepts: Accepts,
    /// Protects tokens in cookies if no `CsrfLayer` has checked the request.
    pub(super) csrf: crate::csrf::Config,
}

impl Refresh {
    /// Starts an engine. `keys` must be the key ring of the layers: a stack with another ring
    /// refuses the engine.
    pub fn builder(store: impl Store, keys: &KeyRing, access_tokens: impl AccessTokens) -> Builder {
        Builder::new(AnyStore::new(store), keys.clone(), Box::new(access_tokens))
    }

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
    ) -> Result<Tokens, RefreshError> {
        let engine = &self.0;
        if client.is_some_and(|client| client.len() > LONGEST_CLIENT) {
            return Err(RefreshError::TooLarge);
        }
        let now = engine.clock.now();
        // A provider's clock that is ahead must not extend the family's lifetime.
        let at = identity.authenticated_at().unwrap_or(now).min(now);
        let ends = at + engine.absolute;
        let handle = Handle::new(keys::random());
        let identity =
            localise(identity.clone(), &engine.issuer).with_proof(proof(handle, at, ends));
        let family = Family {
            seed: Seed::random(),
            generation: 0,
            rotated_at: now,
            client: client.map(str::to_owned),
            identity,
        };
        let record = Record {
            owner: Some(owner(family.identity.issuer(), family.identity.subject())),
            created: now,
            last: now,
            idle: engine.idle,
            absolute: ends,
            meta: family.write(),
            data: bytes::Bytes::new(),
            data_is_json: false,
        };
        if !record.is_live(now) {
            return Err(Refusal::Ended.into());
        }
        let tokens = engine.tokens(handle, &family, &record, None, now)?;
        match engine.store.create(Key::new(Kind::Family, handle), record).await? {
            Write::Done(_) => {
                engine.tell(event::Kind::RefreshBegun, handle, &family);
                Ok(tokens)
            }
            // 128 random bits already exist: the store or the random source is broken.
            Write::Conflict | Write::Ended(_) => Err(RefreshError::Busy),
        }
    }

    /// Exchanges a refresh token for new tokens.
    ///
    /// The access token is minted before the exchange, which is one compare-and-swap. So after any
    /// failure, and after this future is dropped at any point, the presented token is either still
    /// valid or, with a [window](Builder::window), gets the same successor again.
    ///
    /// # Errors
    /// [`Refused`](RefreshError::Refused) means that the token is invalid. All other errors make no
    /// statement about the token and do not consume it.
    pub async fn refresh<'a>(
        &self,
        presented: impl Into<Presented<'a>>,
    ) -> Result<Tokens, RefreshError> {
        let presented = presented.into();
        let engine = &*self.0;
        let token = engine.read(presented).ok_or(Refusal::Forged)?;
        for _ in 0..TRIES {
            let (stored, family) = engine.load(&token).await?;
            if family.client.is_some() && family.client.as_deref() != presented.client {
                engine.refused(token.family, "other_client");
                return Err(Refusal::Client.into());
            }
            let now = engine.clock.now();
            let age = Age::of(family.rotated_at, now);
            if age.shows_skew() {
                let event = engine.event(event::Kind::ClockSkew, token.family);
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
                    engine.tell(event::Kind::RefreshSuccessorAgain, token.family, &family);
                    let record = &stored.record;
                    return engine.tokens(token.family, &family, record, presented.scope, now);
                }
                Verdict::Reuse(reuse) => {
                    // Emitted before the family ends: the warning must not depend on the store.
                    let event = engine.event(event::Kind::RefreshReuse, token.family);
                    engine.events.emit(event.of(&family.identity).because(reuse.code()));
                    engine.end(token.family, Reason::Reuse).await?;
                    return Err(Refusal::Reused.into());
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
    /// - [`Refused`](RefreshError::Refused): the named [client](Presented::client) is not the
    ///   family's. The method requires no client, and accepts any client for a family that is bound
    ///   to none.
    pub async fn revoke<'a>(
        &self,
        presented: impl Into<Presented<'a>>,
    ) -> Result<(), RefreshError> {
        let presented = presented.into();
        let engine = &*self.0;
        let Some(token) = engine.read(presented) else { return Ok(()) };
        let stored = match engine.store.load(Key::new(Kind::Family, token.family)).await? {
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
            Err(Refusal::Unreadable) => return Err(RefreshError::Unavailable),
            Err(_) => return Ok(()),
        };
        let named = presented.client.filter(|_| family.client.is_some());
        if named.is_some() && named != family.client.as_deref() {
            return Err(Refusal::Client.into());
        }
        engine.tell(event::Kind::RefreshRevoked, token.family, &family);
        engine.end(token.family, Reason::Revoked).await
    }
}

impl Engine {
    fn event(&self, kind: event::Kind, family: Handle) -> Event<'static> {
        let event = Event::new(kind, LAYER);
        // The hash is computed only for events that have a receiver.
        if self.events.wants(kind) { event.about(self.log_id(&family)) } else { event }
    }

    /// Returns the family's id in logs.
    pub(super) fn log_id(&self, family: &Handle) -> LogId {
        self.log_ids.of(Kind::Family, family)
    }

    fn tell(&self, kind: event::Kind, handle: Handle, family: &Family) {
        self.events.emit(self.event(kind, handle).of(&family.identity));
    }

    fn refused(&self, family: Handle, reason: &'static str) {
        self.events.emit(self.event(event::Kind::RefreshRefused, family).because(reason));
    }

    /// Returns the token if this engine issued it for the carrier that it came in. The token of
    /// another engine counts as forged: no family is loaded and none ends.
    fn read(&self, presented: Presented<'_>) -> Option<Token> {
        match self.mint.read(presented.token.as_bytes(), presented.carrier) {
            Read::Token(token) => Some(token),
            Read::Elsewhere(family) => {
                self.refused(family, "other_engine");
                None
            }
            Read::Forged => None,
        }
    }

    /// Loads the family of a token, if the family made the token.
    async fn load(&self, token: &Token) -> Result<(Stored, Family), RefreshError> {
        let key = Key::new(Kind::Family, token.family);
        // Not from the cache: with a record that is slightly old, a successor from another node
        // would look like a token that was never issued.
        let Load::Found(stored) = self.store.load(key).await? else {
            return Err(Refusal::Ended.into());
        };
        let family = self.family(token, &stored)?;
        Ok((stored, family))
    }

    /// Returns the family in the record, if it made the token.
    fn family(&self, token: &Token, stored: &Stored) -> Result<Family, Refusal> {
        let Some(family) = Family::read(token.family, &stored.record) else {
            self.refused(token.family, "unreadable");
            return Err(Refusal::Unreadable);
        };
        if !token.matches(&family.seed) {
            // The tag is wrong, so the token was forged, not reused. Do not end the family:
            // otherwise an attacker with the ring but without the store could log all users out.
            self.refused(token.family, "forged_tag");
            return Err(Refusal::Forged);
        }
        Ok(family)
    }

    /// Replaces the current generation. `None` if another request was faster.
    async fn rotate(
        &self,
        token: &Token,
        stored: Stored,
        mut family: Family,
        presented: Presented<'_>,
    ) -> Result<Option<Tokens>, RefreshError> {
        let now = self.clock.now();
        family.generation = family.generation.saturating_add(1);
        family.rotated_at = now;
        let Stored { version, mut record } = stored;
        record.last = record.last.max(now);
        record.meta = family.write();
        let tokens = self.tokens(token.family, &family, &record, presented.scope, now)?;
        let key = Key::new(Kind::Family, token.family);
        match self.store.save(key, version, record).await? {
            Write::Done(_) => {
                self.tell(event::Kind::RefreshRotated, token.family, &family);
                Ok(Some(tokens))
            }
            Write::Conflict => Ok(None),
            Write::Ended(_) => Err(Refusal::Ended.into()),
        }
    }

    /// Creates the tokens of the current generation.
    fn tokens(
        &self,
        handle: Handle,
        family: &Family,
        record: &Record,
        scope: Option<&str>,
        now: Timestamp,
    ) -> Result<Tokens, RefreshError> {
        let narrowed = match scope {
            Some(scope) => Some(narrow(&family.identity, scope).ok_or(RefreshError::Scope)?),
            None => None,
        };
        let access = self.access.mint(narrowed.as_ref().unwrap_or(&family.identity))?;
        Ok(Tokens {
            access,
            token: self.mint.make(handle, &family.seed, family.generation),
            mint: self.mint.clone(),
            in_body: OnceLock::new(),
            family: handle,
            lifetime: record.absolute.since(now),
            scope: narrowed.map(|it| it.scopes().collect::<Vec<_>>().join(" ")),
        })
    }

    async fn end(&self, family: Handle, reason: Reason) -> Result<(), RefreshError> {
        let key = Key::new(Kind::Family, family);
        Ok(self.store.end(key, reason, KEEP).await?)
    }
}
