//! The options of one issuer, and the check of all of them.

use std::time::Duration;

use super::audiences::Audiences;
use super::claim_options::ClaimOptions;
use super::name::IssuerName;
use crate::bearer::key::{self, Key, Keys, Skipped};
use crate::bearer::live::LiveKeys;
use crate::bearer::token::{Demands, KeySource, Rules};
use crate::bearer::{Algorithm, Backend, BearerConfigError, Profile};

pub(in crate::bearer) struct IssuerOptions {
    /// The settings of the issuer, if it is a `JwtIssuer` of this application.
    #[cfg(feature = "stack")]
    pub(in crate::bearer) own: Option<crate::Settings>,
    /// Set if the issuer names no client, so its tokens do not satisfy RFC 9068.
    pub(in crate::bearer) without_client: bool,
    pub(in crate::bearer) name: IssuerName,
    pub(in crate::bearer) audiences: Audiences,
    pub(in crate::bearer) algorithms: Vec<Algorithm>,
    pub(in crate::bearer) backend: Backend,
    pub(in crate::bearer) keys: Vec<Key>,
    pub(in crate::bearer) sets: Vec<String>,
    pub(in crate::bearer) live: Option<LiveKeys>,
    pub(in crate::bearer) profile: Profile,
    pub(in crate::bearer) leeway: Duration,
    pub(in crate::bearer) claims: ClaimOptions,
    pub(in crate::bearer) demands: Demands,
}

/// The maximum leeway: "no more than a few minutes" (RFC 7519, 4.1.4).
const MAX_LEEWAY: Duration = Duration::from_secs(5 * 60);

impl IssuerOptions {
    pub(super) fn new(name: IssuerName, audiences: Audiences) -> Self {
        Self {
            #[cfg(feature = "stack")]
            own: None,
            without_client: false,
            name,
            audiences,
            algorithms: Vec::new(),
            backend: Backend::default(),
            keys: Vec::new(),
            sets: Vec::new(),
            live: None,
            profile: Profile::Jwt,
            leeway: Duration::from_secs(60),
            claims: ClaimOptions::default(),
            demands: Demands::default(),
        }
    }

    pub(in crate::bearer) fn or_spelled(&mut self, spelling: String) {
        self.name.add_spelling(spelling);
    }

    /// Checks the options. Keys that are not used are added to `skipped`.
    pub(super) fn check(mut self, skipped: &mut Vec<Skipped>) -> Result<Rules, BearerConfigError> {
        self.name.check()?;
        let audiences = self.audiences.into_list();
        if audiences.iter().any(String::is_empty) {
            return Err(BearerConfigError::Audience);
        }
        if let (true, Some(live)) = (self.algorithms.is_empty(), &self.live) {
            self.algorithms = live.algorithms().to_vec();
        }
        if self.algorithms.is_empty() {
            return Err(BearerConfigError::NoAlgorithms);
        }
        if self.leeway > MAX_LEEWAY {
            return Err(BearerConfigError::Leeway(self.leeway));
        }
        if self.profile == Profile::Rfc9068 && self.without_client {
            return Err(BearerConfigError::NoClientId);
        }
        let (claims, dotted) = self.claims.check(self.profile)?;
        if let Some(setter) = self.demands.nameless() {
            return Err(BearerConfigError::ClaimName(setter));
        }
        let keys = match self.live {
            None => {
                let fixed = fixed(self.keys, &self.sets, &self.algorithms, self.backend, skipped)?;
                KeySource::Fixed(fixed)
            }
            Some(_) if !(self.keys.is_empty() && self.sets.is_empty()) => {
                return Err(BearerConfigError::MixedKeys);
            }
            Some(live) if !live.algorithms().iter().any(|it| self.algorithms.contains(it)) => {
                return Err(BearerConfigError::LiveAlgorithms);
            }
            Some(live) => KeySource::Live(live),
        };
        Ok(Rules {
            name: self.name,
            audiences,
            algorithms: self.algorithms,
            keys,
            profile: self.profile,
            leeway: self.leeway,
            claims,
            demands: self.demands,
            dotted,
        })
    }
}

/// Reads the keys that were given as text.
fn fixed(
    keys: Vec<Key>,
    sets: &[String],
    algorithms: &[Algorithm],
    backend: Backend,
    skipped: &mut Vec<Skipped>,
) -> Result<Keys, BearerConfigError> {
    let before = skipped.len();
    let mut entries = Vec::with_capacity(keys.len());
    for (at, key) in keys.into_iter().enumerate() {
        let entry = key
            .prepare(algorithms, backend)
            .map_err(|fault| BearerConfigError::Key { position: at + 1, fault })?;
        entries.push(entry);
    }
    let mut first_empty = None;
    for (at, set) in sets.iter().enumerate() {
        let position = at + 1;
        let set = key::read_set(set, algorithms, backend)
            .map_err(|fault| BearerConfigError::JwkSet { position, fault })?;
        if set.keys.is_empty() && set.skipped.is_empty() {
            first_empty.get_or_insert(position);
        }
        entries.extend(set.keys);
        skipped.extend(set.skipped);
    }
    let keys = Keys::new(entries).map_err(BearerConfigError::DuplicateKid)?;
    let own = &skipped[before..];
    if let (true, true, Some(position)) = (keys.is_empty(), own.is_empty(), first_empty) {
        let fault = "has no keys: fetch it again once the issuer publishes one, or add \
                     keys with .key";
        return Err(BearerConfigError::JwkSet { position, fault: fault.into() });
    }
    if keys.is_empty() {
        let (skipped, why) = (own.len(), key::describe(own));
        return Err(BearerConfigError::NoKeys { skipped, why });
    }
    Ok(keys)
}
