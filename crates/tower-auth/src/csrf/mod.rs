//! Stub.
/// Stub.
pub(crate) struct Config {}
/// Stub.
pub struct CsrfLayer;
/// Stub.
pub struct CsrfToken;

impl Config {
    pub(crate) fn bound_to(&self) -> &str {
        crate::cookie::names::SESSION
    }
}
pub(crate) fn forget_pre_session(_: &crate::context::Context) {}
