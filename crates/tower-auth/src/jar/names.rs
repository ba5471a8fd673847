//! The default names of the layers' cookies, by which the layers know each other's cookies.

pub(crate) const SESSION: &str = "__Host-session";
/// The name without `Secure`, which the prefix requires. The same holds for the other insecure
/// name.
pub(crate) const SESSION_INSECURE: &str = "session";
pub(crate) const CSRF: &str = "__Host-csrf";
pub(crate) const CSRF_INSECURE: &str = "csrf";
pub(crate) const REFRESH: &str = "__Host-refresh";
