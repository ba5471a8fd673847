//! The session layer alone: each test drives a layer around a closure.

mod caching;
mod carrier;
mod changes;
mod config;
#[cfg(feature = "csrf")]
mod csrf;
mod duplicates;
mod events;
mod faults;
mod held;
mod identity;
mod in_use;
mod life;
mod login;
mod moved;
mod own_end;
mod renewed;
mod sessions;
mod settled;
mod silent;
mod values;
mod wiring;
mod world;
