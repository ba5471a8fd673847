//! The claims in which an issuer's tokens hold what the layer reads.

use crate::bearer::token_claims::IdentityFrom;

pub(in crate::bearer) struct ClaimRules {
    /// The claim that holds the audience.
    pub(in crate::bearer) audience: String,
    /// Whether a token without that claim is accepted.
    pub(in crate::bearer) without_audience: bool,
    /// The claim that holds the subject, if it is not `sub`.
    pub(in crate::bearer) subject: Option<String>,
    /// Whether the client is the subject of a token that names none.
    pub(in crate::bearer) allow_missing_subject: bool,
    /// The claim that names the client, if it is not `client_id`, otherwise `azp`.
    pub(in crate::bearer) client_id: Option<String>,
    pub(in crate::bearer) roles: ListClaim,
    /// The location of the scopes, if it is not `scope`, otherwise `scp`.
    pub(in crate::bearer) scopes: Option<ListClaim>,
    /// The shape of `scope` and `scp`.
    pub(in crate::bearer) scope_items: Items,
    /// Whether ID tokens may have a nonce.
    pub(in crate::bearer) accept_nonce: bool,
    /// The application's own mapping to an identity.
    pub(in crate::bearer) identity_from: Option<IdentityFrom>,
}

/// The location of a list of texts in the claims.
pub(in crate::bearer) struct ListClaim {
    pub(in crate::bearer) claim: String,
    /// The path from that claim's value to the list. Usually empty.
    pub(in crate::bearer) below: Vec<String>,
    pub(in crate::bearer) items: Items,
}

/// The shapes of a list, besides a string and an array of strings.
#[derive(Clone, Default)]
pub(in crate::bearer) struct Items {
    /// Whether the names of an object's members count as items.
    pub(in crate::bearer) members: bool,
    /// The member of an object in an array that holds the item.
    pub(in crate::bearer) field: Option<String>,
}

impl ClaimRules {
    /// Returns `true` if this claim names the client.
    pub(super) fn names_client(&self, claim: &str) -> bool {
        match &self.client_id {
            Some(name) => name == claim,
            None => claim == "client_id" || claim == "azp",
        }
    }

    /// Returns `true` if roles are below this claim.
    pub(super) fn holds_roles(&self, claim: &str) -> bool {
        self.roles.claim == claim
    }

    /// Returns `true` if scopes are below this claim, which is neither `scope` nor `scp`.
    pub(super) fn holds_scopes(&self, claim: &str) -> bool {
        self.scopes.as_ref().is_some_and(|scopes| scopes.claim == claim)
    }
}
