//! The session layer alone: each test drives a layer around a closure.

mod caching;
mod changes;
mod config;
#[cfg(feature = "csrf")]
mod csrf;
mod duplicates;
mod events;
mod faults;
mod fixture;
mod identity;
mod in_cookie;
mod in_use;
mod life;
mod login;
mod misconfigured;
mod moved;
mod own_end;
mod renewed;
mod sessions;
mod settled;
mod silent;
mod transport;
mod values;
