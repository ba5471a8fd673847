//! The errors of building a cookie layer.

use std::fmt;

/// The reason why a [`CookieLayer`](super::CookieLayer) could not be built.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CookieConfigError {
    /// `keys` was called twice. The second ring would silently replace the first, and every cookie
    /// made with the first would be lost.
    KeysTwice,
}

impl fmt::Display for CookieConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeysTwice => f.write_str(
                "CookieLayer::builder().keys was called twice: put all keys into one KeyRing, \
                 the newest first",
            ),
        }
    }
}

impl std::error::Error for CookieConfigError {}

tower_auth_core::debug_as_report!(CookieConfigError);
