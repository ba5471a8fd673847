//! Tests of the guarantees beyond the store contract, on real servers that fail.

#![allow(clippy::disallowed_methods, reason = "runs a real server")]

mod cancelled;
mod commands;
mod confirmed;
mod entries;
mod faults;
mod feed;
mod fixture;
mod format;
mod lost_answers;
mod lost_entries;
mod missed;
mod moves;
mod numbers;
mod retired;
mod secured;
mod sentinels;
mod unusual;
