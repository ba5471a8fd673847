//! The types that applications hold: [`Session`] is the session of one request, [`Sessions`] lists
//! and ends the sessions of all users.

mod info;
mod login;
mod logout;
mod session;
mod sessions;

pub use info::SessionInfo;
pub use session::Session;
pub use sessions::Sessions;

/// The id of a session, by which it is listed and ended. It proves nothing.
pub type SessionId = tower_auth_core::store::RecordId;
