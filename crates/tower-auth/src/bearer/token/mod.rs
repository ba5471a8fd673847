//! What makes a token acceptable: signature first, claims after it.

mod compact;
mod date;
mod fault;
mod header;
pub(super) mod json;
mod payload;
mod strings;

pub(super) use payload::READ as PAYLOAD_READ;

use jsonwebtoken::Algorithm;
use std::time::Duration;
use tower_auth_core::{Identity, Method, Principal, Proof, Timestamp};

pub(super) use fault::Fault;

use super::Profile;
use super::key::Keys;
use super::verify;
use compact::Compact;
use header::Header;
use payload::Payload;

/// What tokens are held to.
pub(super) struct Rules {
    pub(super) issuer: String,
    pub(super) audiences: Vec<String>,
    pub(super) algorithms: Vec<Algorithm>,
    pub(super) keys: Keys,
    pub(super) profile: Profile,
    pub(super) leeway: Duration,
    pub(super) roles_claim: String,
    pub(super) max_bytes: usize,
}

impl Rules {
    /// Whom the token proves, and its claims as JSON, which stand in `buffer`.
    pub(super) fn check<'b>(
        &self,
        token: &[u8],
        now: Timestamp,
        buffer: &'b mut Vec<u8>,
    ) -> Result<(Identity, &'b str), Fault> {
        let payload = self.verify(token, buffer)?;
        Ok((self.judge(payload, now)?, payload))
    }

    /// Header, key and signature; the payload is not looked at.
    pub(super) fn verify<'b>(
        &self,
        token: &[u8],
        buffer: &'b mut Vec<u8>,
    ) -> Result<&'b str, Fault> {
        if token.len() > self.max_bytes {
            return Err(Fault::TooLarge);
        }
        let compact = Compact::split(token).ok_or(Fault::Malformed)?;
        let decoded = compact.decode(buffer).ok_or(Fault::Malformed)?;
        let header = Header::parse(decoded.header)?;
        let algorithm = verify::algorithm(&header.alg)
            .filter(|it| self.algorithms.contains(it))
            .ok_or(Fault::Algorithm)?;
        self.check_type(header.typ.as_deref())?;
        let key = self.keys.find(algorithm, header.kid.as_deref()).ok_or(Fault::Key)?;
        // The key says again which algorithm it is for: the header's word alone moves nothing.
        if key.algorithm() != algorithm || !key.verify(compact.signed, decoded.signature) {
            return Err(Fault::Signature);
        }
        std::str::from_utf8(decoded.payload).map_err(|_| Fault::Payload)
    }

    fn check_type(&self, typ: Option<&str>) -> Result<(), Fault> {
        let is = |name: &str| typ.is_some_and(|typ| typ.eq_ignore_ascii_case(name));
        let accepted = match self.profile {
            Profile::Rfc9068 => is("at+jwt") || is("application/at+jwt"),
            Profile::Jwt => typ.is_none() || is("JWT") || is("at+jwt") || is("application/at+jwt"),
        };
        if accepted { Ok(()) } else { Err(Fault::Type) }
    }

    fn judge(&self, json: &str, now: Timestamp) -> Result<Identity, Fault> {
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
        if payload.other_kind {
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
        if self.profile == Profile::Rfc9068
            && !(payload.client_id && payload.jti && payload.iat.is_some())
        {
            return Err(Fault::Profile);
        }
        let subject = payload.sub.as_deref().filter(|sub| !sub.is_empty()).ok_or(Fault::Subject)?;
        let mut builder = Identity::builder(Principal::new(&*self.issuer, subject)).proof(Proof {
            authenticated_at: payload.auth_time,
            expires_at: Some(expires),
            ..Proof::by(Method::Bearer)
        });
        if let Some(acr) = &payload.acr {
            builder = builder.acr(&**acr);
        }
        for amr in &payload.amr {
            builder = builder.amr(amr);
        }
        match &payload.scope {
            Some(scope) => {
                builder = builder.scopes(strings::words(scope));
            }
            None => builder = builder.scopes(&payload.scp),
        }
        builder = builder.roles(&payload.roles);
        if payload.others {
            builder = builder.raw_claims(json);
        }
        Ok(builder.build())
    }
}
