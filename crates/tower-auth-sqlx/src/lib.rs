//! PostgreSQL and SQLite as stores of `tower-auth`.

#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod table;

#[cfg(feature = "postgres")]
pub use postgres::{PostgresBuilder, PostgresFeed, PostgresStore};
#[cfg(feature = "sqlite")]
pub use sqlite::{SqliteBuilder, SqliteStore};
pub use sqlx;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub use table::names::InvalidName;
