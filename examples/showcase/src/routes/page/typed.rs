//! The name that was typed with a wrong password, for the next attempt. It is kept in an encrypted
//! cookie: the page has it after a reload too, and no session has to be created for it.

use tower_auth::Cookies;

const COOKIE: &str = "typed-name";
/// Longer than any user's name; a cookie would have no room for much more.
const LONGEST: usize = 200;

/// Keeps the name. One that cannot be kept is typed again.
pub(crate) fn keep(cookies: &Cookies, name: &str) {
    if let (true, Ok(encrypted)) = (name.len() <= LONGEST, cookies.encrypted()) {
        let _ = encrypted.set((COOKIE, name.to_owned()));
    }
}

/// The name that was typed last, if it was wrong.
pub(crate) fn kept(cookies: &Cookies) -> Option<String> {
    cookies.get(COOKIE)?;
    let typed = cookies.encrypted().ok()?.get(COOKIE)?;
    Some(typed.value().to_owned())
}

/// Forgets the name, if there is one.
pub(crate) fn forget(cookies: &Cookies) {
    if cookies.get(COOKIE).is_some() {
        let _ = cookies.remove(COOKIE);
    }
}
