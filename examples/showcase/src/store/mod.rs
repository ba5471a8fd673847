//! Where sessions live: what `--store` says, and the store that it comes to.

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

/// What `--store` chooses.
#[derive(Clone, PartialEq, Eq)]
pub struct Backend {
    place: Place,
    near: Option<Near>,
}

impl Backend {
    /// In this process, gone with it.
    pub const MEMORY: Self = Self { place: Place::Memory, near: None };

    /// Whether sessions are still there when the program starts again: only then do random keys
    /// lose them.
    #[must_use]
    pub const fn outlives_the_process(&self) -> bool {
        !matches!(self.place, Place::Memory)
    }

    /// Whether it keeps a list of whose a session is, by which one sees one's sessions and ends them.
    #[must_use]
    pub const fn lists(&self) -> bool {
        self.place.lists()
    }

    /// Whether the client keeps the sessions, so that what [`open`](Self::open) gives holds the
    /// families of refresh tokens alone.
    #[must_use]
    pub const fn is_the_client(&self) -> bool {
        matches!(self.place, Place::Cookie)
    }

    /// Opens it.
    ///
    /// # Errors
    /// It cannot be reached, or is not what the address says.
    pub async fn open(&self, clock: Clock) -> Result<AnyStore, OpenError> {
        let near = self.near.as_ref();
        match &self.place {
            // Refresh tokens that are used up must be remembered by somebody: not by their holder.
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

/// An address as `--store` takes it; [`UnknownStore`] says which there are.
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

/// The kind alone: an address may hold a password.
impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Backend({})", self.place.kind())
    }
}

#[cfg(test)]
mod tests;
