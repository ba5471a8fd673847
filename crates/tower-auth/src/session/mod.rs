//! Stub.
/// Stub.
#[derive(Clone)]
pub struct Session;
/// Stub.
pub struct SessionLayer;
