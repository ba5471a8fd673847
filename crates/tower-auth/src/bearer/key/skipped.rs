//! The keys of JWK sets that are not used, with the reasons.

use std::fmt::Write as _;

/// A key that is not used.
pub(in crate::bearer) struct Skipped {
    pub(in crate::bearer) kid: Option<String>,
    /// Its position in the set, starting with 1.
    pub(in crate::bearer) position: usize,
    pub(in crate::bearer) why: &'static str,
}

/// The maximum number of keys that are named for each reason.
const NAMED: usize = 8;

/// Lists the keys by reason: `"a", "b" …: is for another use`. A key without a name is given by its
/// position.
pub(in crate::bearer) fn describe(skipped: &[Skipped]) -> String {
    let mut reasons: Vec<(&str, usize, String)> = Vec::new();
    for key in skipped {
        let at = match reasons.iter().position(|(why, ..)| *why == key.why) {
            Some(at) => at,
            None => {
                reasons.push((key.why, 0, String::new()));
                reasons.len() - 1
            }
        };
        let (_, count, names) = &mut reasons[at];
        *count += 1;
        if *count <= NAMED {
            let separator = if names.is_empty() { "" } else { ", " };
            // Writing to a string does not fail.
            let _ = match &key.kid {
                Some(kid) => write!(names, "{separator}{kid:?}"),
                None => write!(names, "{separator}#{}", key.position),
            };
        }
    }
    let texts = reasons.into_iter().map(|(why, count, names)| match count.checked_sub(NAMED) {
        None | Some(0) => format!("{names}: {why}"),
        Some(more) => format!("{names} and {more} more: {why}"),
    });
    texts.collect::<Vec<_>>().join("; ")
}
