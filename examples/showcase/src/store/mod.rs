//! The value of `--store`, and the store that it selects.

mod address;
mod error;
mod near;
mod place;

use std::fmt;
use std::str::FromStr;

use tower_auth::{AnyStore, Clock};

use address::split;
pub use error::{OpenError, UnknownStore};
use near::Near;
use place::Place;

#[cfg(test)]
pub(crate) use place::FORMS;

/// The store that `--store` selects.
#[derive(Clone, PartialEq, Eq)]
pub struct Backend {
    place: Place,
    near: Option<Near>,
}

impl Backend {
    /// The memory of this process, which is lost at its end.
    pub const MEMORY: Self = Self { place: Place::Memory, near: None };

    /// Whether sessions survive a restart of the program. Only then do random keys lose them.
    #[must_use]
    pub const fn outlives_the_process(&self) -> bool {
        !matches!(self.place, Place::Memory)
    }

    /// Whether the store lists sessions by owner, so that users can see and end their sessions.
    #[must_use]
    pub const fn lists(&self) -> bool {
        self.place.lists()
    }

    /// Whether the client keeps the sessions. The store of [`open`](Self::open) then contains only
    /// the families of refresh tokens.
    #[must_use]
    pub const fn is_the_client(&self) -> bool {
        matches!(self.place, Place::Cookie)
    }

    /// Opens the store.
    ///
    /// # Errors
    /// The store cannot be reached, or is not the kind that the address names.
    pub async fn open(&self, clock: Clock) -> Result<AnyStore, OpenError> {
        let near = self.near.as_ref();
        match &self.place {
            // Used refresh tokens must be remembered, and not by their client, so they are in
            // memory.
            Place::Memory | Place::Cookie => Ok(place::memory(clock)),
            Place::Redis(address) => place::redis(address, clock, near).await,
            Place::Sentinel { addresses, name } => {
                place::sentinel(addresses, name, clock, near).await
            }
            Place::Cluster(addresses) => place::cluster(addresses, clock, near).await,
            Place::Postgres(address) => place::postgres(address, clock, near).await,
            Place::Sqlite(path) => place::sqlite(path, clock).await,
            Place::Memcached(address) => place::memcached(address, clock).await,
        }
    }
}

/// Parses an address in the form of `--store`; [`UnknownStore`] lists the forms.
impl FromStr for Backend {
    type Err = UnknownStore;

    fn from_str(url: &str) -> Result<Self, UnknownStore> {
        let (address, near) = split(url)?;
        let near = near.map(str::parse).transpose()?;
        let place: Place = address.parse()?;
        if near.is_some() && !place.feeds() {
            return Err(UnknownStore::NoFeed);
        }
        Ok(Self { place, near })
    }
}

/// Shows only the kind, because an address may contain a password.
impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Backend({})", self.place.kind())
    }
}

#[cfg(test)]
mod tests;
