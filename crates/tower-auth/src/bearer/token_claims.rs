//! The claims of a verified token, for an application's own mapping to an identity.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::Value;
use tower_auth_core::identity::IdentityBuilder;

/// The claims of a token that satisfies all rules, as
/// [`identity_from`](super::BearerJwtLayerBuilder::identity_from) passes them to the application.
pub struct TokenClaims<'t> {
    json: &'t str,
    members: BTreeMap<String, Value>,
}

impl<'t> TokenClaims<'t> {
    /// Reads claims that the strict parser has accepted.
    pub(super) fn read(json: &'t str) -> Option<Self> {
        Some(Self { json, members: serde_json::from_str(json).ok()? })
    }

    /// Returns the claim `name`, or `None` if it is absent or null.
    ///
    /// # Errors
    /// Returns a [`ClaimError`] if the claim does not fit `T`.
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, ClaimError> {
        match self.members.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => T::deserialize(value).map(Some).map_err(|_| ClaimError(name.to_owned())),
        }
    }

    /// Returns all claims as JSON, in the token's own text.
    #[must_use]
    pub fn json(&self) -> &str {
        self.json
    }
}

tower_auth_core::opaque_debug!(TokenClaims<'_>, "TokenClaims");

/// A claim does not fit the requested type. The message names the claim, and not its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimError(String);

impl fmt::Display for ClaimError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the claim {:?} does not fit the requested type", self.0)
    }
}

impl std::error::Error for ClaimError {}

type Map = dyn Fn(&TokenClaims<'_>, IdentityBuilder) -> Option<IdentityBuilder> + Send + Sync;

/// An application's own mapping from claims to an identity.
#[derive(Clone)]
pub(super) struct IdentityFrom(Arc<Map>);

impl IdentityFrom {
    pub(super) fn new<E: fmt::Display>(
        map: impl Fn(&TokenClaims<'_>, IdentityBuilder) -> Result<IdentityBuilder, E>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        Self(Arc::new(move |claims, builder| map(claims, builder).ok()))
    }

    /// Returns `None` if the application refuses the token.
    pub(super) fn map(&self, json: &str, builder: IdentityBuilder) -> Option<IdentityBuilder> {
        (self.0)(&TokenClaims::read(json)?, builder)
    }
}
