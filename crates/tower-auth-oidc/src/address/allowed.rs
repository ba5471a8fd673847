//! The parts of the network that a connection may lead to.

use std::net::IpAddr;

use super::reach::{Reach, reach};

/// The parts of the network that a connection may lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Allowed {
    loopback: bool,
    private: bool,
    public: bool,
}

impl Allowed {
    pub(crate) const ANY: Self = Self { loopback: true, private: true, public: true };
    pub(crate) const LOOPBACK: Self = Self { loopback: true, private: false, public: false };
    pub(crate) const PUBLIC: Self = Self { loopback: false, private: false, public: true };
    pub(crate) const PUBLIC_OR_LOOPBACK: Self =
        Self { loopback: true, private: false, public: true };

    /// Returns `true` if a connection may lead to `ip`.
    pub(crate) fn allows(self, ip: IpAddr) -> bool {
        match reach(ip) {
            Reach::Loopback => self.loopback,
            Reach::Private => self.private,
            Reach::Public => self.public,
        }
    }

    /// Describes the addresses that are allowed, for error messages.
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self { private: true, .. } => "any address",
            Self { loopback: true, public: true, .. } => "a public or loopback address",
            Self { public: true, .. } => "a public address",
            _ => "a loopback address",
        }
    }
}
