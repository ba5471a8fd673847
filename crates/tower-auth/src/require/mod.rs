//! Stub.
/// Stub.
pub struct RequireLayer;
