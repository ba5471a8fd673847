//! The rules of an issuer.

use std::sync::Arc;
use std::time::Duration;

use tower_auth_core::Timestamp;

use super::claim_rules::ClaimRules;
use super::demands::Demands;
use crate::bearer::algorithm::Algorithm;
use crate::bearer::dotted::Dotted;
use crate::bearer::key::Keys;
use crate::bearer::live::{LiveKeys, Snapshot};
use crate::bearer::profile::Profile;
use crate::bearer::trusted_issuer::IssuerName;

/// The rules that an issuer's tokens must satisfy.
pub(in crate::bearer) struct Rules {
    pub(in crate::bearer) name: IssuerName,
    pub(in crate::bearer) audiences: Vec<String>,
    pub(in crate::bearer) algorithms: Vec<Algorithm>,
    pub(in crate::bearer) keys: KeySource,
    pub(in crate::bearer) profile: Profile,
    pub(in crate::bearer) leeway: Duration,
    pub(in crate::bearer) claims: ClaimRules,
    pub(in crate::bearer) demands: Demands,
    /// Set if the name of the roles claim looks like a path.
    pub(in crate::bearer) dotted: Option<Dotted>,
}

/// The origin of an issuer's keys.
pub(in crate::bearer) enum KeySource {
    /// Keys from the configuration.
    Fixed(Keys),
    /// Keys that change while the process runs.
    Live(LiveKeys),
}

/// The keys at one moment.
pub(in crate::bearer) enum CurrentKeys<'r> {
    Fixed(&'r Keys),
    Live(arc_swap::Guard<Arc<Snapshot>>),
}

impl KeySource {
    /// Returns the keys that may be used now; `None` if they have not arrived or are too old.
    pub(in crate::bearer) fn current(&self, now: Timestamp) -> Option<CurrentKeys<'_>> {
        match self {
            Self::Fixed(keys) => Some(CurrentKeys::Fixed(keys)),
            Self::Live(live) => live.usable(now).map(CurrentKeys::Live),
        }
    }
}

impl CurrentKeys<'_> {
    pub(in crate::bearer) fn keys(&self) -> &Keys {
        match self {
            Self::Fixed(keys) => keys,
            Self::Live(snapshot) => &snapshot.keys,
        }
    }

    /// Returns the number of the snapshot. Fixed keys have one snapshot.
    pub(in crate::bearer) fn generation(&self) -> u64 {
        match self {
            Self::Fixed(_) => 0,
            Self::Live(snapshot) => snapshot.generation,
        }
    }
}
