//! The handles of handlers and of the application: the session of a request, and the sessions of all users.

mod listed;
mod login;
mod logout;
mod session;
mod sessions;

pub use listed::Listed;
pub use session::Session;
pub use sessions::Sessions;
