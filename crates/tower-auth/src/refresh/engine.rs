//! The engine: the steps on one family of tokens.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use cookie::Cookie;
use tower_auth_core::event::{self, Event, LogId};
use tower_auth_core::store::{EndReason, Key, Load, Record, RecordId, RecordKind, Stored, Write};
use tower_auth_core::{Clock, Events, Timestamp};

use super::client::Accepts;
use super::family::Family;
use super::scope::narrow;
use super::token::{Mint, Read, Token};
use super::{AccessTokens, PresentedToken, RefreshError, RefreshRefusal, TokenPair};
use crate::crypto::keys::LogIds;
use crate::store::AnyStore;

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

impl Engine {
    pub(super) fn event(&self, kind: event::EventKind, family: RecordId) -> Event<'static> {
        let event = Event::new(kind, LAYER);
        // The hash is computed only for events that have a receiver.
        if self.events.wants(kind) { event.about(self.log_id(&family)) } else { event }
    }

    /// Returns the family's id in logs.
    pub(super) fn log_id(&self, family: &RecordId) -> LogId {
        self.log_ids.of(RecordKind::Family, family)
    }

    pub(super) fn emit(&self, kind: event::EventKind, id: RecordId, family: &Family) {
        self.events.emit(self.event(kind, id).of(&family.identity));
    }

    pub(super) fn refused(&self, family: RecordId, reason: &'static str) {
        self.events.emit(self.event(event::EventKind::RefreshRefused, family).because(reason));
    }

    /// Returns the token if this engine issued it for the transport that it came in. The token of
    /// another engine counts as forged: no family is loaded and none ends.
    pub(super) fn read(&self, presented: PresentedToken<'_>) -> Option<Token> {
        match self.mint.read(presented.token.as_bytes(), presented.transport) {
            Read::Token(token) => Some(token),
            Read::Elsewhere(family) => {
                self.refused(family, "other_engine");
                None
            }
            Read::Forged => None,
        }
    }

    /// Loads the family of a token, if the family made the token.
    pub(super) async fn load(&self, token: &Token) -> Result<(Stored, Family), RefreshError> {
        let key = Key::new(RecordKind::Family, token.family);
        // Not from the cache: with a record that is slightly old, a successor from another node
        // would look like a token that was never issued.
        let Load::Found(stored) = self.store.load(key).await? else {
            return Err(RefreshRefusal::Ended.into());
        };
        let family = self.family(token, &stored)?;
        Ok((stored, family))
    }

    /// Returns the family in the record, if it made the token.
    pub(super) fn family(&self, token: &Token, stored: &Stored) -> Result<Family, RefreshRefusal> {
        let Some(family) = Family::read(token.family, &stored.record) else {
            self.refused(token.family, "unreadable");
            return Err(RefreshRefusal::Unreadable);
        };
        if !token.matches(&family.seed) {
            // The tag is wrong, so the token was forged, not reused. Do not end the family:
            // otherwise an attacker with the ring but without the store could log all users out.
            self.refused(token.family, "forged_tag");
            return Err(RefreshRefusal::Forged);
        }
        Ok(family)
    }

    /// Replaces the current generation. `None` if another request was faster.
    pub(super) async fn rotate(
        &self,
        token: &Token,
        stored: Stored,
        mut family: Family,
        presented: PresentedToken<'_>,
    ) -> Result<Option<TokenPair>, RefreshError> {
        let now = self.clock.now();
        family.generation = family.generation.saturating_add(1);
        family.rotated_at = now;
        let Stored { version, mut record } = stored;
        record.last = record.last.max(now);
        record.meta = family.write();
        let tokens = self.tokens(token.family, &family, &record, presented.scope, now)?;
        let key = Key::new(RecordKind::Family, token.family);
        match self.store.save(key, version, record).await? {
            Write::Done(_) => {
                self.emit(event::EventKind::RefreshRotated, token.family, &family);
                Ok(Some(tokens))
            }
            Write::Conflict => Ok(None),
            Write::Ended(_) => Err(RefreshRefusal::Ended.into()),
        }
    }

    /// Creates the tokens of the current generation.
    pub(super) fn tokens(
        &self,
        id: RecordId,
        family: &Family,
        record: &Record,
        scope: Option<&str>,
        now: Timestamp,
    ) -> Result<TokenPair, RefreshError> {
        let narrowed = match scope {
            Some(scope) => Some(narrow(&family.identity, scope).ok_or(RefreshError::Scope)?),
            None => None,
        };
        let access = self.access.mint(narrowed.as_ref().unwrap_or(&family.identity))?;
        Ok(TokenPair {
            access,
            token: self.mint.make(id, &family.seed, family.generation),
            mint: self.mint.clone(),
            in_body: OnceLock::new(),
            family: id,
            lifetime: record.absolute.since(now),
            scope: narrowed.map(|it| it.scopes().collect::<Vec<_>>().join(" ")),
        })
    }

    pub(super) async fn end(
        &self,
        family: RecordId,
        reason: EndReason,
    ) -> Result<(), RefreshError> {
        let key = Key::new(RecordKind::Family, family);
        Ok(self.store.end(key, reason, KEEP).await?)
    }
}
