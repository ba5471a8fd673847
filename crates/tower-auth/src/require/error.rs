//! Why the layer could not be built.

use std::fmt;

/// A setting that would let nobody pass, or send people away to a stranger.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// A scope is empty, or is no single scope token (RFC 6749, 3.3).
    Scope {
        /// What was given.
        value: String,
    },
    /// A role is empty.
    Role {
        /// The setter that was given it.
        setter: &'static str,
    },
    /// `any_role` was given no role at all.
    NoRole,
    /// The greatest age is zero.
    MaxAge,
    /// The login page is no address to send people to.
    LoginPage {
        /// What was given.
        value: String,
        /// What is wrong with it.
        fault: &'static str,
    },
    /// The prefix is no path that a page of this site can begin with, or nothing uses it.
    MountedAt {
        /// What was given.
        value: String,
        /// What is wrong with it.
        fault: &'static str,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scope { value } => write!(
                f,
                "RequireLayer: scope({value:?}) is not one scope: give one name of visible ASCII \
                 without space, quote and backslash, and call scope once for each that is needed"
            ),
            Self::Role { setter } => {
                write!(
                    f,
                    "RequireLayer: {setter} was given an empty role: name the role, or leave it out"
                )
            }
            Self::NoRole => f.write_str(
                "RequireLayer: any_role was given an empty list, which nobody can meet: name at \
                 least one role, or leave it out",
            ),
            Self::MaxAge => f.write_str(
                "RequireLayer: max_age(0 s) lets nobody pass, since every login is some moments \
                 ago: give it a few minutes",
            ),
            Self::LoginPage { value, fault } => write!(
                f,
                "RequireLayer: login_page({value:?}) {fault}: give a path of this site such as \
                 \"/login\", or an absolute https address"
            ),
            Self::MountedAt { value, fault } => write!(
                f,
                "RequireLayer: mounted_at({value:?}) {fault}: give the path that was taken off, such as \
                 \"/app\", beside login_page_with_return, or leave it out"
            ),
        }
    }
}

impl std::error::Error for ConfigError {}

tower_auth_core::debug_as_report!(ConfigError);
