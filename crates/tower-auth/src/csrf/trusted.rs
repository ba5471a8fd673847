//! Origins that are trusted beside the application's own.

use http::request::Parts;

use super::ConfigError;
use super::origin::{self, Authority, Origin};

/// Decides about an origin that no list names.
pub(super) type OriginPredicate = Box<dyn Fn(&str, &Parts) -> bool + Send + Sync>;

/// The origins that the application's builder was given.
#[derive(Default)]
pub(super) struct Trusted {
    web: Vec<Origin>,
    /// Of applications and browser extensions, byte for byte.
    apps: Vec<String>,
    when: Vec<OriginPredicate>,
}

impl Trusted {
    pub(super) fn new(values: &[String], when: Vec<OriginPredicate>) -> Result<Self, ConfigError> {
        let mut trusted = Self { when, ..Self::default() };
        for value in values {
            if let Some(app) = app(value) {
                trusted.apps.push(app);
            } else if app_scheme(value).is_some() {
                let (value, fix) = (value.clone(), origin::fix(value));
                return Err(ConfigError::Origin { setter: "trusted_origin", value, fix });
            } else {
                trusted.web.push(Origin::configured("trusted_origin", value)?);
            }
        }
        Ok(trusted)
    }

    /// Whether that origin, as sent, is trusted. Each closure is asked only about what is an origin:
    /// never about `null`, a list or a path, so that it may compare the end of the text.
    pub(super) fn has(&self, text: &str, web: Option<&Origin<&str>>, parts: &Parts) -> bool {
        let is_listed = match web {
            Some(origin) => self.web.iter().any(|it| it.same(origin)),
            None => self.apps.iter().any(|it| it == text),
        };
        is_listed
            || (!self.when.is_empty()
                && (web.is_some() || app(text).is_some())
                && self.when.iter().any(|when| when(text, parts)))
    }
}

/// Schemes that never are an application's own: of the URL standard's special ones those for which
/// browsers send an origin of another scheme, or `null`.
const NOT_APPS: [&str; 10] = [
    "about",
    "blob",
    "data",
    "file",
    "filesystem",
    "ftp",
    "javascript",
    "view-source",
    "ws",
    "wss",
];

/// The origin of an application or an extension, such as `tauri://localhost`, as browsers send it:
/// the scheme in small letters, the rest kept.
fn app(text: &str) -> Option<String> {
    let (scheme, rest) = app_scheme(text)?;
    Authority::parse(rest).map(|_| format!("{scheme}://{rest}"))
}

/// The scheme in small letters, and what follows; `None` if it cannot be an application's own.
fn app_scheme(text: &str) -> Option<(String, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    let begins = scheme.starts_with(|first: char| first.is_ascii_alphabetic());
    if !begins || !scheme.bytes().all(fits) {
        return None;
    }
    let scheme = scheme.to_ascii_lowercase();
    // The web's own schemes, and what they are misspelt as, consist of these letters.
    let is_web = scheme.bytes().all(|byte| b"htps".contains(&byte));
    (!is_web && !NOT_APPS.contains(&&*scheme)).then_some((scheme, rest))
}
