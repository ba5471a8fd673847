//! The layers beside the layers, routers and servers of other crates.

#![allow(clippy::disallowed_methods, reason = "runs real servers")]

mod bodies;
mod compression;
mod connections;
mod cors;
mod events;
mod fixture;
mod hyper_bare;
mod middleware;
mod pages;
mod panics;
mod requirements;
mod routers;
mod routes;
mod timeouts;
mod trace;
mod websocket;
mod wire;
