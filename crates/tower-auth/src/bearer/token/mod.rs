//! The checks of a token: the signature first, then the claims.

mod compact;
mod date;
mod demands;
mod fault;
mod header;
pub(super) mod json;
mod kind;
mod payload;
mod rules;
mod shape;
mod strings;

pub(super) use demands::Demands;
pub(super) use payload::has_meaning;

use tower_auth_core::{AuthMethod, Authentication, Identity, Principal, Timestamp};

pub(super) use fault::Fault;
pub(super) use rules::{Roles, Rules};

use super::{Algorithm, Profile};
use compact::Compact;
use header::Header;
use payload::{Payload, Scopes};

/// A token whose signature is valid.
pub(super) struct Verified<'b> {
    pub(super) payload: &'b str,
    /// Whether the header marks an access token.
    pub(super) access: bool,
}

/// A token that satisfies all rules.
pub(super) struct Accepted<'b> {
    pub(super) identity: Identity,
    /// The claims, as JSON.
    pub(super) claims: &'b str,
    /// Whether the claim that holds the roles is present.
    pub(super) has_roles: bool,
}

impl Rules {
    /// Returns the identity that the token proves. `buffer` holds its claims.
    pub(super) fn check<'b>(
        &self,
        token: &[u8],
        now: Timestamp,
        buffer: &'b mut Vec<u8>,
    ) -> Result<Accepted<'b>, Fault> {
        self.check_claims(self.verify(token, buffer)?, now)
    }

    /// Checks header, key and signature, and does not read the payload.
    pub(super) fn verify<'b>(
        &self,
        token: &[u8],
        buffer: &'b mut Vec<u8>,
    ) -> Result<Verified<'b>, Fault> {
        if token.len() > self.max_bytes {
            return Err(Fault::TooLarge);
        }
        let compact = Compact::split(token).ok_or(Fault::Malformed)?;
        let decoded = compact.decode(buffer).ok_or(Fault::Malformed)?;
        let header = Header::parse(decoded.header)?;
        let algorithm = Algorithm::named(&header.alg)
            .filter(|it| self.algorithms.contains(it))
            .ok_or(Fault::Algorithm)?;
        let access = self.check_type(header.typ.as_deref())?;
        let key = self.keys.find(algorithm, header.kid.as_deref()).ok_or(Fault::Key)?;
        // The key must be for the same algorithm, so the header alone cannot change it.
        if key.algorithm() != algorithm || !key.verify(compact.signed, decoded.signature) {
            return Err(Fault::Signature);
        }
        let payload = std::str::from_utf8(decoded.payload).map_err(|_| Fault::Payload)?;
        Ok(Verified { payload, access })
    }

    /// Returns `true` if the type marks an access token, and a fault if it marks another kind.
    fn check_type(&self, typ: Option<&str>) -> Result<bool, Fault> {
        let is = |name: &str| typ.is_some_and(|typ| typ.eq_ignore_ascii_case(name));
        let access = is("at+jwt") || is("application/at+jwt");
        let unmarked = typ.is_none() || is("JWT");
        match self.profile {
            _ if access => Ok(true),
            Profile::Jwt if unmarked => Ok(false),
            _ => Err(Fault::Type),
        }
    }

    fn check_claims<'b>(&self, token: Verified<'b>, now: Timestamp) -> Result<Accepted<'b>, Fault> {
        let json = token.payload;
        let payload = Payload::parse(json, self)?;
        if payload.issuer != Some(true) {
            return Err(Fault::Issuer);
        }
        if payload.audience != Some(true) {
            return Err(Fault::Audience);
        }
        if payload.bound {
            return Err(Fault::Bound);
        }
        let demanded = self.demands.check(json)?;
        let access = token.access || payload.access || demanded || payload.has_scopes();
        if payload.other_kind || (payload.hashes && !access) {
            return Err(Fault::Kind);
        }
        let expires = payload.exp.ok_or(Fault::Expired)?;
        if now >= expires + self.leeway {
            return Err(Fault::Expired);
        }
        let latest = now + self.leeway;
        if payload.nbf.is_some_and(|nbf| nbf > latest)
            || payload.iat.is_some_and(|iat| iat > latest)
        {
            return Err(Fault::TooEarly);
        }
        if self.profile == Profile::Rfc9068 && !payload.keeps_to_rfc_9068() {
            return Err(Fault::Profile);
        }
        let subject = payload.sub.as_deref().filter(|sub| !sub.is_empty()).ok_or(Fault::Subject)?;
        let mut builder = Identity::builder(Principal::new(&*self.issuer, subject)).authentication(
            Authentication {
                // A time in the future proves nothing. One in milliseconds reads as such a time.
                authenticated_at: payload.auth_time.filter(|at| *at <= latest),
                expires_at: Some(expires),
                ..Authentication::by(AuthMethod::Bearer)
            },
        );
        if let Some(acr) = &payload.acr {
            builder = builder.acr(&**acr);
        }
        for amr in &payload.amr {
            builder = builder.amr(amr);
        }
        // Some issuers write both, one of them empty.
        let scopes = if payload.scope.is_empty() { &payload.scp } else { &payload.scope };
        builder = match scopes {
            empty if empty.is_empty() => builder,
            Scopes::None => builder,
            Scopes::Spaced(text) => builder.scopes(strings::words(text)),
            Scopes::List(list) => builder.scopes(list),
        };
        let identity = builder.roles(&payload.roles).raw_claims(json).build();
        Ok(Accepted { identity, claims: json, has_roles: payload.has_roles })
    }
}
