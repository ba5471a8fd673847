//! The errors of the builder.

use std::fmt;

/// A setting that no request can meet, or that redirects users to a foreign site.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequireConfigError {
    /// A scope is empty, or is not a single scope token (RFC 6749, 3.3).
    Scope {
        /// The invalid value.
        value: String,
    },
    /// A role is empty.
    Role {
        /// The setter with the empty role.
        setter: &'static str,
    },
    /// A list of `any_role` is empty.
    NoRole,
    /// The maximum age is zero.
    MaxAge,
    /// The login page is not an address for a redirect.
    LoginPage {
        /// The invalid value.
        value: String,
        /// The fault of the value.
        fault: &'static str,
    },
    /// The prefix is not a valid path prefix of this site, or no setting uses it.
    MountedAt {
        /// The invalid value.
        value: String,
        /// The fault of the value.
        fault: &'static str,
    },
}

impl fmt::Display for RequireConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scope { value } => write!(
                f,
                "RequireLayer: scope({value:?}) is not one scope: use visible ASCII without space, \
                 quote and backslash, and call scope once for each required scope"
            ),
            Self::Role { setter } => {
                write!(
                    f,
                    "RequireLayer: {setter} has an empty role: name the role, or leave it out"
                )
            }
            Self::NoRole => f.write_str(
                "RequireLayer: any_role has an empty list, which no request can meet: name at least \
                 one role, or leave it out",
            ),
            Self::MaxAge => f.write_str(
                "RequireLayer: max_age(0 s) refuses all requests, because every login is some moments \
                 old: set a few minutes",
            ),
            Self::LoginPage { value, fault } => write!(
                f,
                "RequireLayer: login_page({value:?}) {fault}: use a path of this site such as \
                 \"/login\", or an absolute https address"
            ),
            Self::MountedAt { value, fault } => write!(
                f,
                "RequireLayer: mounted_at({value:?}) {fault}: use the removed path, such as \"/app\", \
                 with login_page_with_return, or leave it out"
            ),
        }
    }
}

impl std::error::Error for RequireConfigError {}

tower_auth_core::debug_as_report!(RequireConfigError);
