//! Trusted origins other than the application's own.

use http::request::Parts;

use super::CsrfConfigError;
use super::origin::{self, Authority, Origin};

/// Decides whether to trust an origin that no list contains.
pub(super) type OriginPredicate = Box<dyn Fn(&str, &Parts) -> bool + Send + Sync>;

/// The origins that the builder got.
#[derive(Default)]
pub(super) struct Trusted {
    web: Vec<Origin>,
    /// The origins of applications and browser extensions, byte for byte.
    apps: Vec<String>,
    when: Vec<OriginPredicate>,
}

impl Trusted {
    pub(super) fn new(
        values: &[String],
        when: Vec<OriginPredicate>,
    ) -> Result<Self, CsrfConfigError> {
        let mut trusted = Self { when, ..Self::default() };
        for value in values {
            if let Some(app) = app(value) {
                trusted.apps.push(app);
            } else if app_scheme(value).is_some() {
                let (value, fix) = (value.clone(), origin::fix(value));
                return Err(CsrfConfigError::Origin { setter: "trusted_origin", value, fix });
            } else {
                trusted.web.push(Origin::configured("trusted_origin", value)?);
            }
        }
        Ok(trusted)
    }

    /// Returns whether the origin is trusted, in the form in which the client sent it. The closures
    /// only get well-formed origins, never `null`, a list or a path, so that they may compare the
    /// end of the text.
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

/// The schemes that never belong to an application: the URL standard's special schemes for which
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

/// Returns the origin of an application or an extension, such as `tauri://localhost`, as browsers
/// send it: the scheme in lowercase, the rest unchanged.
fn app(text: &str) -> Option<String> {
    let (scheme, rest) = app_scheme(text)?;
    Authority::parse(rest).map(|_| format!("{scheme}://{rest}"))
}

/// Returns the scheme in lowercase and the rest; `None` if the scheme cannot belong to an
/// application.
fn app_scheme(text: &str) -> Option<(String, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    let begins = scheme.starts_with(|first: char| first.is_ascii_alphabetic());
    if !begins || !scheme.bytes().all(fits) {
        return None;
    }
    let scheme = scheme.to_ascii_lowercase();
    // The web's own schemes, and their usual misspellings, consist of these letters.
    let is_web = scheme.bytes().all(|byte| b"htps".contains(&byte));
    (!is_web && !NOT_APPS.contains(&&*scheme)).then_some((scheme, rest))
}
