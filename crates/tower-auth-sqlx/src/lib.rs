//! PostgreSQL and SQLite as stores of `tower-auth`.

mod broom;
mod columns;
mod failure;
mod names;
mod number;
mod page;
mod sql;
#[cfg(feature = "sqlite")]
mod sqlite;

pub use names::InvalidName;
#[cfg(feature = "sqlite")]
pub use sqlite::{SqliteBuilder, SqliteStore};
pub use sqlx;
