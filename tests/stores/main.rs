//! The whole stack over real servers: what it says while they break, and how much it asks of them.
//!
//! The clocks are the system's, since nothing here waits for a deadline. Whatever is waited for is
//! asked for again until it is there.

#![allow(clippy::disallowed_methods, reason = "runs real servers")]

mod counts;
mod faults;
mod faults_groups;
mod faults_postgres;
mod faults_sqlite;
mod node;
mod two_nodes;
mod two_nodes_postgres;
mod until;
mod writers;

/// The service of the gRPC tests.
#[path = "../grpc/echo.rs"]
mod echo;

/// `test.v1.Echo`, as `tonic` makes it of `proto/echo.proto`.
#[allow(unreachable_pub, dead_code, clippy::all, reason = "generated")]
mod proto {
    tonic::include_proto!("test.v1");
}
