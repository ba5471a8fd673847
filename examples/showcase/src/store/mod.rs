//! The value of `--store`, and the store that it selects.

mod address;
mod error;
mod location;
mod near;

use std::fmt;
use std::str::FromStr;

use tower_auth::{AnyStore, Clock};

use address::split;
pub use error::{OpenError, UnknownStore};
use location::Location;
use near::Near;

#[cfg(test)]
pub(crate) use location::FORMS;

/// The store that `--store` selects.
#[derive(Clone, PartialEq, Eq)]
pub struct Backend {
    location: Location,
    near: Option<Near>,
}

impl Backend {
    /// The memory of this process, which is lost at its end.
    pub const MEMORY: Self = Self { location: Location::Memory, near: None };

    /// Whether sessions survive a restart of the program. Only then do random keys lose them.
    #[must_use]
    pub const fn outlives_the_process(&self) -> bool {
        !matches!(self.location, Location::Memory)
    }

    /// Whether the store lists sessions by owner, so that users can see and end their sessions.
    #[must_use]
    pub const fn lists(&self) -> bool {
        self.location.lists()
    }

    /// Whether the client keeps the sessions. The store of [`open`](Self::open) then contains only
    /// the families of refresh tokens.
    #[must_use]
    pub const fn is_the_client(&self) -> bool {
        matches!(self.location, Location::Cookie)
    }

    /// Opens the store.
    ///
    /// # Errors
    /// The store cannot be reached, or is not the kind that the address names.
    pub async fn open(&self, clock: Clock) -> Result<AnyStore, OpenError> {
        let near = self.near.as_ref();
        match &self.location {
            // Used refresh tokens must be remembered, and not by their client, so they are in
            // memory.
            Location::Memory | Location::Cookie => Ok(location::memory(clock)),
            Location::Redis(address) => location::redis(address, clock, near).await,
            Location::Sentinel { addresses, name } => {
                location::sentinel(addresses, name, clock, near).await
            }
            Location::Cluster(addresses) => location::cluster(addresses, clock, near).await,
            Location::Postgres(address) => location::postgres(address, clock, near).await,
            Location::Sqlite(path) => location::sqlite(path, clock).await,
            Location::Memcached(address) => location::memcached(address, clock).await,
        }
    }
}

/// Parses an address in the form of `--store`; [`UnknownStore`] lists the forms.
impl FromStr for Backend {
    type Err = UnknownStore;

    fn from_str(url: &str) -> Result<Self, UnknownStore> {
        let (address, near) = split(url)?;
        let near = near.map(str::parse).transpose()?;
        let location: Location = address.parse()?;
        if near.is_some() && !location.feeds() {
            return Err(UnknownStore::NoFeed);
        }
        Ok(Self { location, near })
    }
}

/// Shows only the kind, because an address may contain a password.
impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Backend({})", self.location.kind())
    }
}

#[cfg(test)]
mod tests;
