//! How the parts behave together.

mod attacks;
mod axum;
mod cancellation;
mod interleavings;
mod races;
mod readiness;
mod site;
mod stack;
mod world;
