//! The keys, and the values that they sign and encrypt.

#[cfg(feature = "cookie")]
pub(crate) mod aead;
#[cfg(any(feature = "csrf", feature = "session"))]
pub(crate) mod credential;
#[cfg(any(feature = "csrf", feature = "session"))]
pub(crate) mod frame;
pub mod keys;
