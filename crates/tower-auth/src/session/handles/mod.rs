//! The types that applications hold: [`Session`] is the session of one request, [`Sessions`] lists
//! and ends the sessions of all users.

mod listed;
mod login;
mod logout;
mod session;
mod sessions;

pub use listed::Listed;
pub use session::Session;
pub use sessions::Sessions;
