//! The owner of records: sessions and refresh families of one principal have one owner.

use tower_auth_core::store::Owner;
use tower_auth_core::{Identity, Principal};

/// Sets the issuer of a local identity to this application's name, so that a session and a token of
/// one user are one principal.
pub(crate) fn localise(identity: Identity, issuer: &str) -> Identity {
    if identity.issuer() != Principal::LOCAL_ISSUER || issuer == Principal::LOCAL_ISSUER {
        return identity;
    }
    let authentication = identity.authentication();
    identity.to_builder().issuer(issuer).build().with_authentication(authentication)
}

/// Returns the owner of the records of a localised identity.
pub(crate) fn owner(identity: &Identity) -> Owner {
    hash(identity.issuer(), identity.subject(), identity.is_client())
}

/// Returns the owner of the principal's records. `issuer` replaces the issuer of a local principal,
/// as in [`localise`].
pub(crate) fn owner_of(principal: &Principal, issuer: &str) -> Owner {
    let issuer = match principal.issuer.as_str() {
        Principal::LOCAL_ISSUER => issuer,
        foreign => foreign,
    };
    hash(issuer, &principal.subject, principal.is_client)
}

/// Returns a hash for the store's index, so that the index names no user.
fn hash(issuer: &str, subject: &str, is_client: bool) -> Owner {
    let mut hasher = blake3::Hasher::new_derive_key("tower-auth 2026 owner of a record");
    hasher.update(&[is_client.into()]);
    hasher.update(&(issuer.len() as u64).to_le_bytes());
    hasher.update(issuer.as_bytes());
    hasher.update(subject.as_bytes());
    Owner::new(*hasher.finalize().as_bytes())
}
