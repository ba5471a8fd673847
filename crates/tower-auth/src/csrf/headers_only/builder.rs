//! The last step of the builder for a layer without tokens.

use std::sync::Arc;

use super::CsrfHeadersLayer;
use crate::csrf::{CsrfConfigError, CsrfLayerBuilder};

/// The type of a [`CsrfLayerBuilder`] for a [`CsrfHeadersLayer`]. The layer has no tokens and knows
/// no cookies, so settings of tokens and cookies do not compile.
///
/// ```compile_fail
/// tower_auth::CsrfHeadersLayer::builder().require_token();
/// ```
///
/// ```compile_fail
/// tower_auth::CsrfHeadersLayer::builder().ambient_cookies(["theme"]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct HeadersOnly {
    /// A setting of tokens or cookies that was called earlier.
    pub(in crate::csrf) contradicted: Option<&'static str>,
}

impl<R> CsrfLayerBuilder<R, HeadersOnly> {
    /// Builds the layer. Parses the origins once, here.
    ///
    /// # Errors
    /// A setting is invalid, or two settings contradict each other. The message names the setter,
    /// its value, and the fix.
    pub fn build(self) -> Result<CsrfHeadersLayer<R>, CsrfConfigError> {
        if let Some(setter) = self.tokens.contradicted {
            return Err(CsrfConfigError::HeadersOnly { setter });
        }
        Ok(CsrfHeadersLayer::from_parts(Arc::new(self.policy.check()?), self.refuse))
    }
}
