//! Random values, numbered by the order of their first appearance.

/// The texts before a random value. The value extends to the first octet that is not one of its
/// own.
const BEFORE: [&str; 9] = [
    "__Host-session=",
    "__Host-session-used=",
    "__Host-session-0=",
    "__Host-refresh=",
    "__Host-csrf=",
    "record=",
    "issued=",
    "\"access_token\":\"",
    "\"refresh_token\":\"",
];

/// The random values that one fixture has sent so far.
#[derive(Default)]
pub(crate) struct Words(Vec<String>);

impl Words {
    /// Returns the text with a number in place of each random value.
    pub(crate) fn replace(&mut self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        let next = |rest: &str| {
            let found = BEFORE.iter().filter_map(|it| Some(rest.find(it)? + it.len()));
            found.min()
        };
        while let Some(at) = next(rest) {
            out += &rest[..at];
            rest = &rest[at..];
            let is_part = |it: char| it.is_ascii_alphanumeric() || "-_.~+/".contains(it);
            let end = rest.find(|it| !is_part(it)).unwrap_or(rest.len());
            let (value, after) = rest.split_at(end);
            if !value.is_empty() {
                let number = self.0.iter().position(|it| it == value).unwrap_or_else(|| {
                    self.0.push(value.to_owned());
                    self.0.len() - 1
                });
                out += &format!("<{number}>");
            }
            rest = after;
        }
        out + rest
    }
}
