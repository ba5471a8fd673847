//! Narrows what an access token may do.

use serde_json::value::RawValue;
use tower_auth_core::Identity;

/// The identity with only these scopes, parted by spaces; `None` where one of them was not granted,
/// or where there is none. Roles are not scopes: they stay.
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
    // Claims were JSON when they were given, so they are still.
    if let Some(claims) = identity.claims::<Box<RawValue>>().ok()? {
        narrowed = narrowed.claims(&claims).ok()?;
    }
    Some(narrowed.build().with_proof(identity.proof()))
}
