//! How the parts behave together.

mod attacks;
mod axum;
mod cancellation;
mod interleavings;
mod readiness;
mod site;
mod stack;
mod world;
