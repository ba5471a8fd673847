//! Providers that run as programs of their own, and many different tokens.
//!
//! `scripts/soak` runs some of these tests with larger numbers.

#![allow(clippy::disallowed_methods, reason = "runs real servers, and measures real time")]

mod accepted;
mod client;
mod fake;
mod many_tokens;
mod numbers;
mod outages;
mod rotated;
mod unknown_keys;
