//! How the parts behave together.

mod cancellation;
mod interleavings;
mod readiness;
mod site;
mod stack;
mod world;
