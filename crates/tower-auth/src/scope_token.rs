//! The characters of a scope.

/// Returns `true` if `scope` is a single scope token (RFC 6749, 3.3).
pub(crate) fn is_scope_token(scope: &str) -> bool {
    !scope.is_empty()
        && scope.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\')
}
