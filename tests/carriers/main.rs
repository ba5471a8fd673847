//! One scenario on every way in which a session travels, and on several stores: a session in a
//! store, one that the client keeps, and one that the client keeps under a replay guard, each on
//! memory, SQLite and Redis.

mod binding;
mod budget;
mod caching;
mod duplicates;
mod ends;
mod private;
mod settled;
mod uses;
mod world;
