//! The bearer layer.

use std::fmt;
use std::sync::Arc;

use tower_auth_core::{Clock, Events, refuse};
use tower_layer::Layer;

use super::carriers::Carriers;
use super::challenge::Challenges;
use super::claims::NoClaims;
use super::issuers::Issuers;
use super::remembered::Remembered;
use crate::service::AuthService;

/// Authenticates requests by signed access tokens, and adds each token's
/// [`Identity`](crate::Identity) to its request.
///
/// See the [module docs](crate::bearer) for examples.
#[derive(Clone)]
#[must_use]
pub struct BearerJwtLayer<C = NoClaims, R = refuse::Empty> {
    pub(super) config: Arc<Config>,
    pub(super) claims: C,
    pub(super) remembered: Arc<Remembered>,
    pub(super) refuse: R,
}

/// The checked settings, shared by all requests.
pub(super) struct Config {
    pub(super) issuers: Issuers,
    /// The maximum length of a token.
    pub(super) max_bytes: usize,
    /// The carriers beside the `Authorization` header, if there are any.
    pub(super) carriers: Option<Box<Carriers>>,
    pub(super) challenges: Challenges,
    pub(super) clock: Clock,
    pub(super) events: Events,
    pub(super) allow_caching: bool,
    pub(super) skipped: usize,
}

#[cfg(test)]
impl Config {
    /// Checks a token by fixed keys.
    pub(super) fn check_fixed<'b>(
        &self,
        token: &[u8],
        now: tower_auth_core::Timestamp,
        buffer: &'b mut Vec<u8>,
    ) -> Result<super::token::Accepted<'b>, super::token::Fault> {
        self.issuers.check_fixed(token, now, self.max_bytes, buffer)
    }
}

/// The middleware of [`BearerJwtLayer`].
pub type BearerService<S, C = NoClaims, R = refuse::Empty> = AuthService<S, BearerJwtLayer<C, R>>;

impl<C, R> BearerJwtLayer<C, R> {
    pub(super) fn from_config(
        config: Arc<Config>,
        claims: C,
        remembered: Remembered,
        refuse: R,
    ) -> Self {
        Self { config, claims, remembered: Arc::new(remembered), refuse }
    }

    /// Returns the number of keys in the fixed JWK sets that the layer does not use.
    #[must_use]
    pub fn skipped_keys(&self) -> usize {
        self.config.skipped
    }
}

impl<S, C: Clone, R: Clone> Layer<S> for BearerJwtLayer<C, R> {
    type Service = BearerService<S, C, R>;

    fn layer(&self, inner: S) -> Self::Service {
        BearerService::new(inner, Arc::new(self.clone()))
    }
}

impl<C, R> fmt::Debug for BearerJwtLayer<C, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BearerJwtLayer")
            .field("issuers", &self.config.issuers.names().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
