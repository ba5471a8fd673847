//! How the parts behave together.

mod interleavings;
mod refresh;
