//! The whole stack over real servers: its answers while they fail, and the number of its commands.
//!
//! The clocks are the system's, because no test waits for a deadline. A test repeats a request
//! until it gets the expected answer.

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

/// `test.v1.Echo`, as `tonic` generates it from `proto/echo.proto`.
#[allow(unreachable_pub, dead_code, clippy::all, reason = "generated")]
mod proto {
    tonic::include_proto!("test.v1");
}
