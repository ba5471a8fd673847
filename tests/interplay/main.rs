//! Beside other people's layers, routers and servers.

mod bodies;
mod connections;
mod hyper_bare;
mod stage;
mod wire;
