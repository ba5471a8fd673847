//! Reduction of an access token's scopes.

use serde_json::value::RawValue;
use tower_auth_core::Identity;

/// Returns the identity with only the scopes in `scope`, separated by spaces. `None` if one of them
/// was not granted, or if `scope` is empty. Roles are not scopes, so they stay.
pub(super) fn narrow(identity: &Identity, scope: &str) -> Option<Identity> {
    let mut asked: Vec<&str> = Vec::new();
    for one in scope.split(' ').filter(|one| !one.is_empty()) {
        if !identity.has_scope(one) {
            return None;
        }
        if !asked.contains(&one) {
            asked.push(one);
        }
    }
    if asked.is_empty() {
        return None;
    }
    let mut narrowed = Identity::builder(identity.principal())
        .roles(identity.roles())
        .scopes(asked)
        .acr(identity.acr().unwrap_or_default());
    for method in identity.amr() {
        narrowed = narrowed.amr(method);
    }
    // The claims were valid JSON when they were set, so they still are.
    if let Some(claims) = identity.claims::<Box<RawValue>>().ok()? {
        narrowed = narrowed.claims(&claims).ok()?;
    }
    Some(narrowed.build().with_authentication(identity.authentication()))
}
