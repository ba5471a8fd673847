//! How the parts behave together.

mod cancellation;
mod interleavings;
mod readiness;
mod world;
