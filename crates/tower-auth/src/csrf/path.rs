//! Paths that a setter names.

use super::ConfigError;

/// Whether the path means the same to everybody: nothing in it that a router or a proxy would
/// decode, merge or resolve.
fn is_plain(path: &str) -> bool {
    let dots = |segment| matches!(segment, "." | "..");
    !path.contains('%') && !path.contains("//") && !path.split('/').any(dots)
}

/// Whether the request's raw path is one of these, whole and in this case.
pub(super) fn is_listed(listed: &[String], path: &str) -> bool {
    // What is listed was found plain when the layer was built. Checked again, so that this does not
    // depend on how the list was built.
    listed.iter().any(|it| it == path) && is_plain(path)
}

pub(super) fn check(setter: &'static str, path: &str) -> Result<(), ConfigError> {
    match fault(path) {
        Some(fix) => Err(ConfigError::Path { setter, path: path.into(), fix }),
        None => Ok(()),
    }
}

/// What to do where a configured path would match no request, or not the one that is meant.
pub(crate) fn fault(path: &str) -> Option<&'static str> {
    let fix = if !path.starts_with('/') {
        "begin with a slash"
    } else if !path.bytes().all(|byte| byte.is_ascii_graphic()) {
        "leave out spaces, controls and letters beyond ASCII: no request's path has them"
    } else if path.contains(['?', '#']) {
        "leave the query out: the path alone is compared"
    } else if path.contains(['*', '{', '}']) {
        "name each path: there are no wildcards"
    } else if !is_plain(path) {
        "leave out %, //, /./ and /../: routers read such paths in more than one way"
    } else {
        return None;
    };
    Some(fix)
}
