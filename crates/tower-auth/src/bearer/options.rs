//! The options of a layer, and the check of all of them together.

use std::sync::Arc;

use tower_auth_core::event::{Event, EventKind};

use super::BearerConfigError;
use super::carriers::CarrierOptions;
use super::challenge::Challenges;
use super::issuers::Issuers;
use super::key::{self, Skipped};
use super::layer::Config;
use super::trusted_issuer::TrustedIssuer;
use crate::{ProtectedResource, Settings};

pub(super) struct Options {
    pub(super) max_bytes: usize,
    /// The memory for verified tokens, in bytes.
    pub(super) remember: usize,
    pub(super) realm: Option<String>,
    pub(super) resource: Option<ProtectedResource>,
    pub(super) settings: Settings,
    pub(super) allow_caching: bool,
    pub(super) carriers: CarrierOptions,
}

impl Options {
    pub(super) fn new() -> Self {
        Self {
            max_bytes: 16 * 1024,
            remember: 8 * 1024 * 1024,
            realm: None,
            resource: None,
            settings: Settings::new(),
            allow_caching: false,
            carriers: CarrierOptions::default(),
        }
    }

    pub(super) fn check(
        self,
        issuers: Vec<TrustedIssuer>,
    ) -> Result<Arc<Config>, BearerConfigError> {
        let mut skipped: Vec<Skipped> = Vec::new();
        let mut rules = Vec::with_capacity(issuers.len());
        let is_one = issuers.len() == 1;
        for issuer in issuers {
            let name = issuer.name().to_owned();
            let checked = issuer.check(&mut skipped);
            rules.push(checked.map_err(|error| match is_one {
                true => error,
                false => BearerConfigError::OfIssuer { issuer: name, error: error.into() },
            })?);
        }
        if self.max_bytes == 0 {
            return Err(BearerConfigError::MaxTokenBytes);
        }
        if let Some(resource) = &self.resource {
            self.carriers.check_methods(resource.bearer_methods())?;
        }
        let carriers = self.carriers.check(self.settings.plain_http)?;
        let challenges = Challenges::new(self.settings.realm_or(self.realm), self.resource)
            .ok_or(BearerConfigError::Realm)?;
        let issuers = Issuers::new(rules)?;
        if !skipped.is_empty() {
            let event = Event::new(EventKind::BearerKeysSkipped, "BearerJwtLayer");
            self.settings.events.emit(event.detail(&key::describe(&skipped)));
        }
        Ok(Arc::new(Config {
            issuers,
            max_bytes: self.max_bytes,
            carriers,
            challenges,
            clock: self.settings.clock,
            allow_caching: self.allow_caching,
            events: self.settings.events,
            skipped: skipped.len(),
        }))
    }
}
