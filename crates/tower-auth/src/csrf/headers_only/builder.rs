//! The last step of the builder for a layer without tokens.

use std::sync::Arc;

use super::CsrfHeadersLayer;
use crate::csrf::{CsrfConfigError, CsrfLayerBuilder};
use crate::jar::names;

/// The type of a [`CsrfLayerBuilder`] for a [`CsrfHeadersLayer`]. The layer has no tokens, so token settings
/// do not compile.
///
/// ```compile_fail
/// tower_auth::CsrfHeadersLayer::builder().require_token();
/// ```
#[derive(Clone, Copy, Debug)]
pub struct HeadersOnly {
    /// A token setting that was called earlier.
    pub(in crate::csrf) contradicted: Option<&'static str>,
}

impl<R> CsrfLayerBuilder<R, HeadersOnly> {
    /// Builds the layer. Parses the origins once, here.
    ///
    /// # Errors
    /// A setting is invalid, or two settings contradict each other. The message names the setter,
    /// its value, and the fix.
    pub fn build(self) -> Result<CsrfHeadersLayer<R>, CsrfConfigError> {
        self.build_beside(None, None)
    }

    /// Builds the layer for a session and a refresh token in cookies of these names. `None` stands
    /// for the default name.
    pub(crate) fn build_beside(
        self,
        session: Option<&str>,
        refresh: Option<&str>,
    ) -> Result<CsrfHeadersLayer<R>, CsrfConfigError> {
        if let Some(setter) = self.tokens.contradicted {
            return Err(CsrfConfigError::HeadersOnly { setter });
        }
        let mut policy = self.policy.check()?;
        let default = if policy.plain_http { names::SESSION_INSECURE } else { names::SESSION };
        policy.add_ambient([session.unwrap_or(default), refresh.unwrap_or(names::REFRESH)]);
        Ok(CsrfHeadersLayer::from_parts(Arc::new(policy), self.refuse))
    }
}
