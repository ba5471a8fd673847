//! Beside other people's layers, routers and servers.

mod bodies;
mod compression;
mod connections;
mod cors;
mod hyper_bare;
mod panics;
mod routes;
mod stage;
mod timeouts;
mod trace;
mod wire;
