//! Scenarios for every way in which a session travels, on several stores: a session in a store, one
//! that the client keeps, and one that the client keeps under a replay guard. Each runs on memory,
//! SQLite and Redis.

mod binding;
mod budget;
mod caching;
mod duplicates;
mod ends;
mod fixture;
mod private;
mod settled;
mod uses;
