//! What is counted, by room.

pub(crate) mod bearer;
pub(crate) mod cookies;
pub(crate) mod csrf;
pub(crate) mod growth;
pub(crate) mod requests;
pub(crate) mod session;
pub(crate) mod signed;
pub(crate) mod stack;
