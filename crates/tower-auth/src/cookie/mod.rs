//! Cookies.

mod check;
mod error;
pub(crate) mod jar;
mod pairs;

pub(crate) use check::{check, check_name};
pub use error::CookieError;

/// What `Cookies` needs of its layer.
pub(crate) struct Config {}

/// The names that the rooms give their cookies, and by which they know each other's.
pub(crate) mod names {
    pub(crate) const SESSION: &str = "__Host-session";
    pub(crate) const CSRF: &str = "__Host-csrf";
}

/// Stub.
pub struct Cookies;
/// Stub.
pub struct CookieLayer;
