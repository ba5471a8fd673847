//! How the parts behave together.

mod cancellation;
mod interleavings;
mod world;
