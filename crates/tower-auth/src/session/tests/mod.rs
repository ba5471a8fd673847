//! The session room alone: each test drives a layer around a closure.

mod carrier;
mod config;
mod faults;
mod life;
mod login;
mod values;
mod wiring;
mod world;
