//! The end of the builder.

use std::sync::Arc;

use super::CsrfHeadersLayer;
use crate::csrf::{Builder, ConfigError};
use crate::jar::names;

/// The type of a [`Builder`] for a [`CsrfHeadersLayer`]: there are no tokens, so no setting of them
/// compiles.
///
/// ```compile_fail
/// tower_auth::CsrfHeadersLayer::builder().require_token();
/// ```
#[derive(Clone, Copy, Debug)]
pub struct HeadersOnly {
    /// A setting of tokens that came before.
    pub(in crate::csrf) contradicted: Option<&'static str>,
}

impl<R> Builder<R, HeadersOnly> {
    /// Builds the layer. Origins are parsed here, once.
    ///
    /// # Errors
    /// A setting that cannot be meant, or two that contradict each other; the message names the
    /// setter, what it got, and what to do.
    pub fn build(self) -> Result<CsrfHeadersLayer<R>, ConfigError> {
        self.build_beside(None, None)
    }

    /// Builds the layer for a session and a refresh token in cookies of these names; by default
    /// their layers' own.
    pub(crate) fn build_beside(
        self,
        session: Option<&str>,
        refresh: Option<&str>,
    ) -> Result<CsrfHeadersLayer<R>, ConfigError> {
        if let Some(setter) = self.tokens.contradicted {
            return Err(ConfigError::HeadersOnly { setter });
        }
        let mut policy = self.policy.check()?;
        let default = if policy.plain_http { names::SESSION_INSECURE } else { names::SESSION };
        policy.add_ambient([session.unwrap_or(default), refresh.unwrap_or(names::REFRESH)]);
        Ok(CsrfHeadersLayer::from_parts(Arc::new(policy), self.refuse))
    }
}
