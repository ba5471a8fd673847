//! The reason why a store was not built.

use std::fmt;

/// A setting that no store can be made with.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// The address is none: `memcached://host:port`, `tcp://host:port` or `unix:///path`. Without a
    /// port it is 11211.
    Address,
    /// The address is an IPv6 address without brackets: write `memcached://[::1]:11211`.
    Brackets,
    /// The port is none that a server can listen at: 1 to 65535.
    Port,
    /// The prefix is none: up to 200 printable ASCII characters, no space.
    Prefix,
    /// The setter of that name was given nothing: a store with no time, no connection or no room.
    Zero(&'static str),
    /// The pool cannot be made.
    Pool,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Address => "not an address: memcached://host:port or unix:///path is expected",
            Self::Brackets => {
                "not an address: an IPv6 address stands in brackets, as in memcached://[::1]:11211"
            }
            Self::Port => "not an address: the port is a number from 1 to 65535",
            Self::Prefix => "not a prefix: up to 200 printable ASCII characters are expected",
            Self::Zero(setter) => {
                return write!(f, "`.{setter}` was given zero: take it away, or say more");
            }
            Self::Pool => "the pool cannot be made",
        })
    }
}

impl std::error::Error for ConfigError {}

tower_auth_core::debug_as_report!(ConfigError);
