mod config;
mod engine;
mod rotation;
mod tokens;
mod world;
