//! Stub.
/// Stub.
pub(crate) struct Config {}
/// Stub.
pub struct CsrfLayer;
/// Stub.
pub struct CsrfToken;
