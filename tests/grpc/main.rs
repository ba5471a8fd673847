//! The layers around tonic's services, over loopback and in frames of HTTP/2.
//!
//! A test for a requirement of gRPC carries its number: `gr_01_…` to `gr_12_…`.

#![allow(clippy::disallowed_methods, reason = "runs real servers")]

mod codes;
mod csrf;
mod early;
mod echo;
mod fixture;
mod kinds;
mod metadata;
mod mounts;
mod raw;
mod refusals;
mod transparent;
mod web;

/// `test.v1.Echo`, as `tonic` generates it from `proto/echo.proto`.
#[allow(unreachable_pub, clippy::all, reason = "generated")]
mod proto {
    tonic::include_proto!("test.v1");
}
