//! The principal of a token: a user, or the client to which the token was issued.

use tower_auth_core::Principal;

use super::claim_rules::ClaimRules;
use super::fault::Fault;
use super::payload::Payload;

impl ClaimRules {
    /// Returns the token's principal. `marked` tells whether a claim marks a client's own token.
    ///
    /// Only `sub` is compared with the client: another claim, such as a user name, may be text that
    /// its user chose.
    pub(super) fn principal(
        &self,
        payload: &Payload<'_>,
        issuer: &str,
        marked: bool,
    ) -> Result<Principal, Fault> {
        let is_client = marked || payload.is_about_its_client();
        let subject = match &self.subject {
            None => payload.sub.as_deref(),
            Some(_) => payload.other_subject.as_deref(),
        };
        match subject {
            Some("") => Err(Fault::Subject),
            Some(subject) if is_client => Ok(Principal::client(issuer, subject)),
            Some(subject) => Ok(Principal::new(issuer, subject)),
            // A token with `sub` that is not the client's own is a user's, without the claim that
            // names the user here.
            None if self.allow_missing_subject && (payload.sub.is_none() || is_client) => {
                let client = payload.client().ok_or(Fault::Subject)?;
                Ok(Principal::client(issuer, client))
            }
            None => Err(Fault::Subject),
        }
    }
}
