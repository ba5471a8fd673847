//! The default names of the layers' cookies, by which the layers know each other's.

pub(crate) const SESSION: &str = "__Host-session";
/// Without `Secure` a browser would drop the prefix; so it is with the next one.
pub(crate) const SESSION_INSECURE: &str = "session";
pub(crate) const CSRF: &str = "__Host-csrf";
pub(crate) const CSRF_INSECURE: &str = "csrf";
pub(crate) const REFRESH: &str = "__Host-refresh";
