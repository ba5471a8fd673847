//! A browser's cookies, and the headers that it makes of them.

use http::HeaderMap;
use http::header::SET_COOKIE;

use crate::cases::Cookies;

#[derive(Default)]
pub(crate) struct Browser {
    jar: Vec<(String, String)>,
    /// Every value that was ever set.
    earlier: Vec<(String, String)>,
}

impl Browser {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.jar.iter().find(|(it, _)| it == name).map(|(_, value)| &**value)
    }

    pub(crate) fn store(&mut self, headers: &HeaderMap) {
        for line in headers.get_all(SET_COOKIE) {
            let line = line.to_str().unwrap();
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            self.jar.retain(|(it, _)| it != name);
            if !line.contains("Max-Age=0") {
                self.jar.push((name.to_owned(), value.to_owned()));
                self.earlier.push((name.to_owned(), value.to_owned()));
            }
        }
    }

    pub(crate) fn header(&self, cookies: Cookies) -> Option<String> {
        let mut pairs = self.jar.clone();
        match cookies {
            Cookies::Jar => {}
            Cookies::None => pairs.clear(),
            Cookies::WithJunk => {
                pairs.insert(0, ("theme".into(), "dark".into()));
                pairs.push(("__Host-session".into(), "junk".into()));
                pairs.push(("".into(), "\"".into()));
            }
            Cookies::Twice => pairs.extend(self.jar.clone()),
            // The first values that were set have changed since, or are the same.
            Cookies::InConflict => pairs.extend(self.earlier.iter().take(2).cloned()),
            Cookies::Forged => {
                for (_, value) in &mut pairs {
                    let last = value.pop();
                    value.push(if last == Some('A') { 'Q' } else { 'A' });
                }
            }
        }
        let pairs: Vec<_> =
            pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}
