//! One file for each route.

pub(crate) mod admin;
pub(crate) mod csrf;
pub(crate) mod data;
pub(crate) mod login;
pub(crate) mod me;
pub(crate) mod page;
pub(crate) mod reports;
pub(crate) mod sessions;
pub(crate) mod token;
pub(crate) mod transfer;
pub(crate) mod whoami;
