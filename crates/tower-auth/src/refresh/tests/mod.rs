mod cancel;
mod client;
mod config;
mod cookie;
mod csrf;
mod endpoint;
mod engine;
#[cfg(feature = "tracing")]
mod events;
mod layer;
mod rotation;
mod tokens;
mod world;
