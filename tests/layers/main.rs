//! Tests of several layers together.

#![allow(clippy::disallowed_methods, reason = "runs requests in tasks of their own")]

mod attacks;
mod auth_stack;
mod axum;
mod budget;
mod caching;
mod cancellation;
mod fixture;
mod in_cookie;
mod interleavings;
mod letting_go;
mod near;
mod one_context;
mod races;
mod readiness;
mod refresh;
mod retries;
mod secrets;
mod site;
mod stack;
mod tokens;
