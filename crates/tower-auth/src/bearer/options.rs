//! The options that a builder collects, and the check of all of them.

use std::sync::Arc;
use std::time::Duration;

use tower_auth_core::event::{Event, EventKind};

use super::challenge::Challenges;
use super::dotted::Dotted;
use super::key::{self, Key, Keys, Skipped};
use super::layer::Config;
use super::token::{Demands, Roles, Rules, has_meaning};
use super::{Algorithm, Backend, BearerConfigError, Profile};
use crate::Settings;

pub(super) struct Options {
    /// The settings of the issuer, if it is a `JwtIssuer` of this application.
    #[cfg(feature = "stack")]
    pub(super) own: Option<Settings>,
    /// Set if the issuer names no client, so its tokens do not satisfy RFC 9068.
    pub(super) without_client: bool,
    pub(super) issuer: String,
    pub(super) audiences: Vec<String>,
    pub(super) algorithms: Vec<Algorithm>,
    pub(super) backend: Backend,
    pub(super) keys: Vec<Key>,
    pub(super) sets: Vec<String>,
    pub(super) profile: Profile,
    pub(super) leeway: Duration,
    /// The path from the claims to the roles.
    pub(super) roles: Vec<String>,
    /// Whether `roles` was given as a single name.
    pub(super) roles_are_one_claim: bool,
    pub(super) roles_from_members: bool,
    pub(super) demands: Demands,
    pub(super) max_bytes: usize,
    pub(super) realm: Option<String>,
    pub(super) settings: Settings,
    pub(super) allow_caching: bool,
}

/// The maximum leeway: "no more than a few minutes" (RFC 7519, 4.1.4).
const MAX_LEEWAY: Duration = Duration::from_secs(5 * 60);

impl Options {
    pub(super) fn new(issuer: String, audience: String) -> Self {
        Self {
            #[cfg(feature = "stack")]
            own: None,
            without_client: false,
            issuer,
            audiences: vec![audience],
            algorithms: Vec::new(),
            backend: Backend::default(),
            keys: Vec::new(),
            sets: Vec::new(),
            profile: Profile::Jwt,
            leeway: Duration::from_secs(60),
            roles: vec!["roles".into()],
            roles_are_one_claim: true,
            roles_from_members: false,
            demands: Demands::default(),
            max_bytes: 16 * 1024,
            realm: None,
            settings: Settings::new(),
            allow_caching: false,
        }
    }

    pub(super) fn check(self) -> Result<Arc<Config>, BearerConfigError> {
        if self.issuer.is_empty() {
            return Err(BearerConfigError::Issuer);
        }
        if self.audiences.iter().any(String::is_empty) {
            return Err(BearerConfigError::Audience);
        }
        if self.algorithms.is_empty() {
            return Err(BearerConfigError::NoAlgorithms);
        }
        if self.leeway > MAX_LEEWAY {
            return Err(BearerConfigError::Leeway(self.leeway));
        }
        if self.max_bytes == 0 {
            return Err(BearerConfigError::MaxTokenBytes);
        }
        if self.profile == Profile::Rfc9068 && self.without_client {
            return Err(BearerConfigError::NoClientId);
        }
        let dotted = match &self.roles[..] {
            [name] if self.roles_are_one_claim => Dotted::new(name),
            _ => None,
        };
        let mut names = self.roles.into_iter();
        let roles = match (names.next(), names.collect::<Vec<_>>()) {
            (Some(claim), below)
                if !has_meaning(&claim)
                    && !std::iter::once(&claim).chain(&below).any(String::is_empty) =>
            {
                Roles { claim, below, names: self.roles_from_members }
            }
            (Some(claim), below) if below.is_empty() => {
                return Err(BearerConfigError::RolesClaim(claim));
            }
            (claim, below) => {
                return Err(BearerConfigError::RolesPath(claim.into_iter().chain(below).collect()));
            }
        };
        if let Some(setter) = self.demands.nameless() {
            return Err(BearerConfigError::ClaimName(setter));
        }
        let challenges =
            Challenges::new(self.settings.realm_or(self.realm)).ok_or(BearerConfigError::Realm)?;
        let mut entries = Vec::with_capacity(self.keys.len());
        for (at, key) in self.keys.into_iter().enumerate() {
            let entry = key
                .prepare(&self.algorithms, self.backend)
                .map_err(|fault| BearerConfigError::Key { position: at + 1, fault })?;
            entries.push(entry);
        }
        let mut skipped: Vec<Skipped> = Vec::new();
        let mut first_empty = None;
        for (at, set) in self.sets.iter().enumerate() {
            let position = at + 1;
            let set = key::read_set(set, &self.algorithms, self.backend)
                .map_err(|fault| BearerConfigError::JwkSet { position, fault })?;
            if set.keys.is_empty() && set.skipped.is_empty() {
                first_empty.get_or_insert(position);
            }
            entries.extend(set.keys);
            skipped.extend(set.skipped);
        }
        let keys = Keys::new(entries).map_err(BearerConfigError::DuplicateKid)?;
        if let (true, true, Some(position)) = (keys.is_empty(), skipped.is_empty(), first_empty) {
            let fault = "has no keys: fetch it again once the issuer publishes one, or add \
                         keys with .key";
            return Err(BearerConfigError::JwkSet { position, fault: fault.into() });
        }
        let why = key::describe(&skipped);
        let skipped = skipped.len();
        if keys.is_empty() {
            return Err(BearerConfigError::NoKeys { skipped, why });
        }
        if skipped > 0 {
            let event = Event::new(EventKind::BearerKeysSkipped, "BearerJwtLayer");
            self.settings.events.emit(event.detail(&why));
        }
        Ok(Arc::new(Config {
            rules: Rules {
                issuer: self.issuer,
                audiences: self.audiences,
                algorithms: self.algorithms,
                keys,
                profile: self.profile,
                leeway: self.leeway,
                roles,
                demands: self.demands,
                max_bytes: self.max_bytes,
            },
            challenges,
            clock: self.settings.clock,
            allow_caching: self.allow_caching,
            events: self.settings.events,
            skipped,
            dotted,
        }))
    }
}
