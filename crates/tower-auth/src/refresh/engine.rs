//! Begins families, rotates their tokens, ends them.

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

/// How often a lost race is decided anew. In a race that is lost, somebody else has rotated: the
/// second look finds that, so that more than two happen only where the clock jumps.
const TRIES: usize = 16;
/// For how long a tombstone stays: longer than any request is under way. Later a family that ended
/// is unknown, which comes to the same.
pub(super) const KEEP: Duration = Duration::from_secs(60 * 60);

/// By whom its events are told.
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
    /// Name and attributes of the cookie.
    pub(super) template: Cookie<'static>,
    /// Whether the cookie can be in several scopes at once.
    pub(super) is_scoped: bool,
    pub(super) events: Events,
    pub(super) log_ids: LogIds,
    /// Whether a client may present tokens, with the secret that it sent.
    pub(super) accepts: Accepts,
    /// For a token that comes by cookie where no `CsrfLayer` has judged the request.
    pub(super) csrf: crate::csrf::Config,
}

impl Refresh {
    /// Starts an engine with its settings. The ring must be the layers' own: a stack with another
    /// one does not take it.
    pub fn builder(store: impl Store, keys: &KeyRing, access_tokens: impl AccessTokens) -> Builder {
        Builder::new(AnyStore::new(store), keys.clone(), Box::new(access_tokens))
    }

    pub(super) fn from_engine(engine: Engine) -> Self {
        Self(Arc::new(engine))
    }

    /// Begins a family: to be called when somebody has just logged in.
    ///
    /// The access token is minted before anything is stored. A family that is bound to a `client`
    /// is refused to every other.
    ///
    /// # Errors
    /// [`Mint`](RefreshError::Mint), [`Unavailable`](RefreshError::Unavailable) and
    /// [`TooLarge`](RefreshError::TooLarge); [`Refused`](RefreshError::Refused) where the
    /// authentication is older than the absolute timeout.
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
        // An event of a provider's whose clock is ahead must not make the family live longer.
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
            // 128 random bits that are taken: a broken store or a broken random source.
            Write::Conflict | Write::Ended(_) => Err(RefreshError::Busy),
        }
    }

    /// Exchanges a refresh token for new tokens.
    ///
    /// The access token is minted before the exchange, which is one compare-and-swap. So whatever
    /// fails, and wherever this future is dropped, the token that was presented is either good
    /// still, or, with a [window](Builder::window), exchanged for the same successor again.
    ///
    /// # Errors
    /// [`Refused`](RefreshError::Refused) says that the token is worth nothing. All others say
    /// nothing of it; it is not consumed then.
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
                    // Before the family is ended: the warning must not hang on the store.
                    let event = engine.event(event::Kind::RefreshReuse, token.family);
                    engine.events.emit(event.of(&family.identity).because(reuse.code()));
                    engine.end(token.family, Reason::Reuse).await?;
                    return Err(Refusal::Reused.into());
                }
            }
        }
        Err(RefreshError::Busy)
    }

    /// Ends the family of a token, whichever generation it is: a logout (RFC 7009). One that is
    /// unknown, ended or malformed is as good as revoked.
    ///
    /// # Errors
    /// [`Unavailable`](RefreshError::Unavailable): whether it is ended, or stays so, is not known; call
    /// it again. And
    /// [`Refused`](RefreshError::Refused) where another [client](Presented::client) is named than
    /// the family's; neither a client that is not named is asked for, nor one of a family that is
    /// bound to none.
    pub async fn revoke<'a>(
        &self,
        presented: impl Into<Presented<'a>>,
    ) -> Result<(), RefreshError> {
        let presented = presented.into();
        let engine = &*self.0;
        let Some(token) = engine.read(presented) else { return Ok(()) };
        let stored = match engine.store.load(Key::new(Kind::Family, token.family)).await? {
            Load::Found(stored) => stored,
            // Perhaps by an earlier call, which was told that no replica has it: this answer must not
            // be better than that one.
            Load::Ended { reason, .. } => return engine.end(token.family, reason).await,
            // Nothing is written for it: tokens that expired long ago stay with their clients.
            Load::Absent => return Ok(()),
        };
        let family = match engine.family(&token, &stored) {
            Ok(family) => family,
            // It may live, and a node of the later version can end it.
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
        // The hash is not made for events that nobody hears.
        if self.events.wants(kind) { event.about(self.log_id(&family)) } else { event }
    }

    /// The family's name in logs.
    pub(super) fn log_id(&self, family: &Handle) -> LogId {
        self.log_ids.of(Kind::Family, family)
    }

    fn tell(&self, kind: event::Kind, handle: Handle, family: &Family) {
        self.events.emit(self.event(kind, handle).of(&family.identity));
    }

    fn refused(&self, family: Handle, reason: &'static str) {
        self.events.emit(self.event(event::Kind::RefreshRefused, family).because(reason));
    }

    /// The token, if this engine issued it for the carrier that it came by. One of another engine is
    /// as good as forged: nothing is loaded and nothing ends.
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

    /// The family of a token, if the token is one that it made.
    async fn load(&self, token: &Token) -> Result<(Stored, Family), RefreshError> {
        let key = Key::new(Kind::Family, token.family);
        // Not from memory: what is a moment old would take a successor that another node has just
        // handed out for a token that never was.
        let Load::Found(stored) = self.store.load(key).await? else {
            return Err(Refusal::Ended.into());
        };
        let family = self.family(token, &stored)?;
        Ok((stored, family))
    }

    /// The family in that record, if the token is one that it made.
    fn family(&self, token: &Token, stored: &Stored) -> Result<Family, Refusal> {
        let Some(family) = Family::read(token.family, &stored.record) else {
            self.refused(token.family, "unreadable");
            return Err(Refusal::Unreadable);
        };
        if !token.matches(&family.seed) {
            // Not a used token, but one that never was: ending the family for it would let whoever
            // has the ring, and no store, log everybody out.
            self.refused(token.family, "forged_tag");
            return Err(Refusal::Forged);
        }
        Ok(family)
    }

    /// Replaces the current generation; `None` where somebody else was faster.
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

    /// The current generation's tokens.
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
