//! How the parts behave together.

mod interleavings;
