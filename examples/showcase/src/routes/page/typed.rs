//! The name that was entered with a wrong password, for the next attempt. An encrypted cookie keeps
//! it, so the page shows it after a reload too, and no session is created for it.

use tower_auth::Cookies;

const COOKIE: &str = "typed-name";
/// Longer than any user's name. A cookie could not hold much more.
const LONGEST: usize = 200;

/// Keeps the name, unless it is too long.
pub(crate) fn keep(cookies: &Cookies, name: &str) {
    if let (true, Ok(encrypted)) = (name.len() <= LONGEST, cookies.encrypted()) {
        let _ = encrypted.set((COOKIE, name.to_owned()));
    }
}

/// The name that was last entered with a wrong password.
pub(crate) fn kept(cookies: &Cookies) -> Option<String> {
    cookies.get(COOKIE)?;
    let typed = cookies.encrypted().ok()?.get(COOKIE)?;
    Some(typed.value().to_owned())
}

/// Removes the name, if there is one.
pub(crate) fn forget(cookies: &Cookies) {
    if cookies.get(COOKIE).is_some() {
        let _ = cookies.remove(COOKIE);
    }
}
