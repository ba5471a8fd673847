//! The load: from the presented credential to the session of the request.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use http::request::Parts;
use tower_auth_core::event::EventKind;
use tower_auth_core::store::{EndReason, Load, RecordId, StoreError, Stored};
use tower_auth_core::{AuthState, Authentication, Timestamp};

use crate::crypto::credential::Verified;
use crate::jar::presented::Presented;
use crate::jar::stale::may_remove;
use crate::request::Context;
use crate::session::config::Config;
use crate::session::record::meta::Meta;
use crate::session::save::use_counts;
use crate::session::state::lazy::Opened;
use crate::session::state::{Live, Loaded};
use crate::skew::Age;

/// The time after a renewal in which the old secret is answered with "renewed" and keeps its
/// cookie. Afterwards the old credential counts as unknown.
const ROTATION_WINDOW: Duration = Duration::from_secs(60);

impl Config {
    /// Returns `true` if the session's secret was renewed within the window. Another node's clock
    /// may have written the time; a time far in the future would keep the window open.
    pub(super) fn is_recent(&self, renewed_at: Timestamp, id: RecordId) -> bool {
        let age = Age::of(renewed_at, self.clock.now());
        if age.shows_skew() {
            self.emit(EventKind::ClockSkew, Some(id));
        }
        age.is_within(ROTATION_WINDOW)
    }
}

/// Returns the credential that the request presented, before any store command.
pub(super) fn presented(config: &Config, context: &Context, head: &Parts) -> Option<Verified> {
    let transport = &config.transport;
    let presented = transport.read(context);
    if presented.is_only_own() && transport.is_scoped() {
        context.note_place(head);
    }
    match presented {
        Presented::One(verified, _) => Some(verified),
        Presented::Absent => None,
        Presented::Foreign => {
            // The cookie may belong to another application on this host, which must not lose it, so
            // the cookie stays.
            config.emit(EventKind::SessionMalformed, None);
            None
        }
        Presented::Conflict(..) => {
            config.emit(EventKind::SessionTwice, None);
            if may_remove(&head.headers) {
                transport.remove_elsewhere(context);
            }
            None
        }
    }
}

/// Opens a session with a record from this process's memory.
///
/// Such a record may be slightly out of date. It suffices to accept a credential, but not to reject
/// one, because a login on another node may just have created it. In that case this returns the
/// credential, and the store must be asked.
pub(super) fn at_hand(
    config: &Arc<Config>,
    context: &Arc<Context>,
    verified: Verified,
    stored: Stored,
) -> Result<Opened, Verified> {
    match Meta::read(&stored, verified.credential.id) {
        Some(meta) if verified.credential.matches(&meta.hash) => {
            let loaded = live(config, verified, stored, meta);
            Ok(Opened::new(config, context, loaded))
        }
        _ => Err(verified),
    }
}

/// Turns the store's answer into the session's state.
pub(super) fn opened(
    config: &Arc<Config>,
    context: &Arc<Context>,
    headers: &HeaderMap,
    verified: Verified,
    answer: Result<Load, StoreError>,
) -> Opened {
    Opened::new(config, context, loaded(config, context, headers, verified, answer))
}

fn loaded(
    config: &Arc<Config>,
    context: &Arc<Context>,
    headers: &HeaderMap,
    verified: Verified,
    answer: Result<Load, StoreError>,
) -> Loaded {
    let credential = &verified.credential;
    let about = Some(credential.id);
    let stored = match answer {
        Ok(Load::Found(stored)) => stored,
        Ok(answer @ (Load::Absent | Load::Ended { .. })) => {
            config.emit(EventKind::SessionGone, about);
            // A login as another principal replaced the session, and the new cookie is on its way
            // to this client.
            let replaced = matches!(answer, Load::Ended { reason: EndReason::Replaced, .. });
            if !replaced && may_remove(headers) {
                config.transport.remove(context);
            }
            return match answer {
                Load::Ended { reason, .. } => Loaded::Ended(credential.id, reason),
                _ => Loaded::Nothing,
            };
        }
        // `AnyStore` has reported the failure.
        Err(_) => return Loaded::Unknown,
    };
    let Some(meta) = Meta::read(&stored, credential.id) else {
        config.emit(EventKind::SessionUnreadable, about);
        return Loaded::Unreadable(credential.id);
    };
    if !credential.matches(&meta.hash) {
        if config.is_recent(meta.rotated_at, credential.id) {
            config.emit(EventKind::SessionRotated, about);
            return Loaded::Rotated;
        }
        config.emit(EventKind::SessionStale, about);
        if may_remove(headers) {
            config.transport.remove(context);
        }
        return Loaded::Nothing;
    }
    live(config, verified, stored, meta)
}

/// The credential is the record's. Inlined because the result is large.
#[inline]
fn live(config: &Config, verified: Verified, mut stored: Stored, meta: Meta) -> Loaded {
    let Verified { credential } = verified;
    let Meta { rotated_at, mut identity, .. } = meta;
    let now = config.clock.now();
    let is_due = use_counts(&stored.record, now);
    if is_due {
        stored.record.last = now;
        let expires_at = Some(stored.record.expires_at());
        identity = identity
            .map(|it| it.with_authentication(Authentication { expires_at, ..it.authentication() }));
    }
    Loaded::Live(Live { credential, stored, rotated_at, identity: identity.into(), is_due })
}

impl Loaded {
    /// Returns the authentication state that the session establishes.
    pub(super) fn state(&self) -> AuthState {
        match self {
            Self::Unknown => AuthState::Unknown,
            Self::Live(live) => {
                live.identity().cloned().map_or(AuthState::Anonymous, AuthState::Known)
            }
            Self::Nothing | Self::Unreadable(_) | Self::Ended(..) | Self::Rotated => {
                AuthState::Anonymous
            }
        }
    }
}
