//! Name resolution that only returns allowed addresses.
//!
//! The client connects to an address that this resolver returned, and asks again for each
//! connection. So a name that resolves to another address later is judged again.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::address::Allowed;
use crate::shown::shown;

/// The IP addresses of a name, as the system or a test resolves it.
pub(crate) trait Lookup: Send + Sync + 'static {
    fn lookup(&self, name: &str) -> Found;
}

/// The answer of a [`Lookup`].
pub(crate) type Found = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// The system's resolver.
pub(crate) struct System;

impl Lookup for System {
    fn lookup(&self, name: &str) -> Found {
        let name = name.to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// A resolver that removes the addresses that are not allowed.
pub(super) struct Resolver {
    pub(super) lookup: Arc<dyn Lookup>,
    pub(super) allowed: Allowed,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let found = self.lookup.lookup(name.as_str());
        let allowed = self.allowed;
        Box::pin(async move {
            let found = found.await?;
            let first = found.first().copied();
            let kept: Vec<_> = found.into_iter().filter(|ip| allowed.allows(*ip)).collect();
            if let (true, Some(ip)) = (kept.is_empty(), first) {
                return Err(Refused { name: shown(name.as_str()), ip, allowed }.into());
            }
            // The port of the address replaces this one.
            let kept = kept.into_iter().map(|ip| SocketAddr::new(ip, 0));
            Ok(Box::new(kept) as Addrs)
        })
    }
}

/// A name resolves only to addresses that are not allowed.
#[derive(Debug)]
pub(super) struct Refused {
    name: String,
    ip: IpAddr,
    allowed: Allowed,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, ip, allowed } = self;
        write!(f, "{name} resolves to {ip}, but this address must lead to {}", allowed.text())
    }
}

impl std::error::Error for Refused {}
