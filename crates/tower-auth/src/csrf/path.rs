//! The checks of paths that a setter names.

use super::CsrfConfigError;

/// Returns whether every router and proxy reads the path in the same way: it contains nothing to
/// decode, merge or resolve.
fn is_plain(path: &str) -> bool {
    let dots = |segment| matches!(segment, "." | "..");
    !path.contains('%') && !path.contains("//") && !path.split('/').any(dots)
}

/// Returns whether the request's raw path equals an entry of `listed`, compared whole and
/// case-sensitively.
pub(super) fn is_listed(listed: &[String], path: &str) -> bool {
    // `check` accepted only plain paths when the layer was built. Check again, so that this
    // function does not depend on how the list was built.
    listed.iter().any(|it| it == path) && is_plain(path)
}

pub(super) fn check(setter: &'static str, path: &str) -> Result<(), CsrfConfigError> {
    match fault(path) {
        Some(fix) => Err(CsrfConfigError::Path { setter, path: path.into(), fix }),
        None => Ok(()),
    }
}

/// The fix for a configured path that would match no request, or another one than intended.
pub(crate) fn fault(path: &str) -> Option<&'static str> {
    let fix = if !path.starts_with('/') {
        "begin with a slash"
    } else if !path.bytes().all(|byte| byte.is_ascii_graphic()) {
        "leave out spaces, control characters and non-ASCII letters: no request's path has them"
    } else if path.contains(['?', '#']) {
        "leave out the query: only the path is compared"
    } else if path.contains(['*', '{', '}']) {
        "name each path: there are no wildcards"
    } else if !is_plain(path) {
        "leave out %, //, /./ and /../: routers read such paths in more than one way"
    } else {
        return None;
    };
    Some(fix)
}
