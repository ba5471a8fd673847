//! The error of building a store.

use std::fmt;

/// A setting with which no store can be built.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MemcachedConfigError {
    /// The address is invalid. Use `memcached://host:port`, `tcp://host:port` or `unix:///path`.
    /// The default port is 11211.
    Address,
    /// The address contains an IPv6 address without brackets. Use `memcached://[::1]:11211`.
    Brackets,
    /// The port is not a number from 1 to 65535.
    Port,
    /// The prefix is invalid. Use up to 200 printable ASCII characters without spaces.
    Prefix,
    /// The named setter was given zero, which leaves the store no time, connection or space.
    Zero(&'static str),
    /// The connection pool cannot be built.
    Pool,
}

impl fmt::Display for MemcachedConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Address => "invalid address: expected memcached://host:port or unix:///path",
            Self::Brackets => {
                "invalid address: put an IPv6 address in brackets, as in memcached://[::1]:11211"
            }
            Self::Port => "invalid address: the port must be a number from 1 to 65535",
            Self::Prefix => "invalid prefix: expected up to 200 printable ASCII characters",
            Self::Zero(setter) => {
                return write!(
                    f,
                    "`.{setter}` must not be zero: remove the call or set a larger value"
                );
            }
            Self::Pool => "the connection pool cannot be built",
        })
    }
}

impl std::error::Error for MemcachedConfigError {}

tower_auth_core::debug_as_report!(MemcachedConfigError);
