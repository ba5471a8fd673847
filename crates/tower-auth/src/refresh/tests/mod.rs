mod bound;
mod cancel;
mod client;
mod client_auth;
mod config;
mod cookie;
mod cookie_room;
mod csrf;
mod endpoint;
mod engine;
#[cfg(feature = "tracing")]
mod events;
mod fixture;
mod layer;
mod rotation;
mod silent;
mod skew;
mod tokens;
