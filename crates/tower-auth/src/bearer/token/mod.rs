//! The checks of a token: the signature first, then the claims.

mod actors;
mod claim_rules;
mod compact;
mod date;
mod demands;
mod fault;
mod header;
mod issuer;
pub(super) mod json;
mod kind;
mod payload;
mod principal;
mod rules;
mod shape;
mod strings;

pub(super) use claim_rules::{ClaimRules, Items, ListClaim};
pub(super) use demands::Demands;
pub(super) use payload::has_meaning;

use std::borrow::Cow;
use std::sync::Arc;

use tower_auth_core::{Actor, AuthMethod, Authentication, Identity, Timestamp};

pub(super) use fault::Fault;
pub(super) use rules::{KeySource, Rules};

use super::key::{Entry, NoKey};
use super::live::LiveKeys;
use super::{Algorithm, Profile};
use compact::Compact;
use header::Header;
use payload::{Payload, Scopes};

/// A token whose header was read, and nothing else.
pub(super) struct Token<'t, 'b> {
    signed: &'t [u8],
    header: Header<'b>,
    payload: &'b [u8],
    signature: &'b [u8],
}

/// A token whose signature is valid.
pub(super) struct Verified<'b> {
    pub(super) payload: &'b str,
    /// Whether the header marks an access token.
    pub(super) access: bool,
    /// The key that verified the signature.
    key: Arc<Entry>,
    /// The number of the key's snapshot.
    generation: u64,
}

/// A token that satisfies all rules.
pub(super) struct Accepted<'b> {
    pub(super) identity: Identity,
    /// The claims, as JSON.
    pub(super) claims: &'b str,
    /// Whether the claim that holds the roles is present.
    pub(super) has_roles: bool,
    /// The key and the times that the decision depended on.
    pub(super) pins: Pins,
}

/// The key and the times that a decision depended on.
pub(super) struct Pins {
    pub(super) key: Arc<Entry>,
    /// The number of the key's snapshot.
    pub(super) generation: u64,
    /// The first time at which the token is accepted, if it names one.
    pub(super) from: Timestamp,
    /// The time from which the token is expired.
    pub(super) until: Timestamp,
    /// The token's `iss`, if it names a tenant of a template. An application may withdraw a tenant.
    pub(super) tenant_iss: Option<Box<str>>,
}

/// The reason why a token is not accepted now.
#[derive(Clone, Copy)]
pub(super) enum Refusal<'r> {
    /// The token is refused.
    Fault(Fault),
    /// The issuer's keys have not arrived, or are too old to be used.
    NoKeys,
    /// The token names a key that is not in this snapshot of the issuer's keys.
    UnknownKey {
        /// The issuer's keys.
        keys: &'r LiveKeys,
        /// The number of the snapshot.
        generation: u64,
    },
}

impl From<Fault> for Refusal<'_> {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl<'t, 'b> Token<'t, 'b> {
    /// Reads the header. `buffer` holds the decoded token.
    pub(super) fn read(
        token: &'t [u8],
        max_bytes: usize,
        buffer: &'b mut Vec<u8>,
    ) -> Result<Self, Fault> {
        if token.len() > max_bytes {
            return Err(Fault::TooLarge);
        }
        let compact = Compact::split(token).ok_or(Fault::Malformed)?;
        let (header, rest) = compact.decode_header(buffer).ok_or(Fault::Malformed)?;
        let header = Header::parse(header)?;
        let (payload, signature) = compact.decode_rest(rest).ok_or(Fault::Malformed)?;
        Ok(Self { signed: compact.signed, header, payload, signature })
    }

    /// Returns `iss`, which nothing has verified yet. `None` if it is absent or not a string.
    pub(super) fn unverified_issuer(&self) -> Option<Cow<'b, str>> {
        issuer::peek(self.payload)
    }
}

impl Rules {
    /// Returns the identity that the token proves.
    pub(super) fn check<'b>(
        &self,
        token: &Token<'_, 'b>,
        now: Timestamp,
    ) -> Result<Accepted<'b>, Refusal<'_>> {
        let verified = self.verify(token, now)?;
        Ok(self.check_claims(verified, now)?)
    }

    /// Returns `true` if the token's `iss`, which is not verified yet, is a name of this issuer.
    pub(super) fn is_named_by(&self, token: &Token<'_, '_>) -> bool {
        let iss = token.unverified_issuer();
        iss.is_some_and(|iss| self.name.principal(&iss).is_some())
    }

    /// Checks key and signature, and does not read the payload.
    pub(super) fn verify<'b>(
        &self,
        token: &Token<'_, 'b>,
        now: Timestamp,
    ) -> Result<Verified<'b>, Refusal<'_>> {
        let header = &token.header;
        let algorithm = Algorithm::named(&header.alg)
            .filter(|it| self.algorithms.contains(it))
            .ok_or(Fault::Algorithm)?;
        let access = self.check_type(header.typ.as_deref())?;
        let current = self.keys.current(now).ok_or(Refusal::NoKeys)?;
        let generation = current.generation();
        let found = current.keys().find(algorithm, header.kid.as_deref());
        let key = found.map_err(|missing| match (missing, &self.keys) {
            (NoKey::Unknown, KeySource::Live(keys)) => Refusal::UnknownKey { keys, generation },
            _ => Fault::Key.into(),
        })?;
        let verifier = &key.verifier;
        // The key must be for the same algorithm, so the header alone cannot change it.
        if verifier.algorithm() != algorithm || !verifier.verify(token.signed, token.signature) {
            return Err(Fault::Signature.into());
        }
        let payload = std::str::from_utf8(token.payload).map_err(|_| Fault::Payload)?;
        Ok(Verified { payload, access, key: key.clone(), generation })
    }

    /// Returns `true` if the type marks an access token, and a fault if it marks another kind.
    fn check_type(&self, typ: Option<&str>) -> Result<bool, Fault> {
        let is = |name: &str| typ.is_some_and(|typ| typ.eq_ignore_ascii_case(name));
        let access = is("at+jwt") || is("application/at+jwt");
        let unmarked = typ.is_none() || is("JWT");
        match self.profile {
            Profile::Jwt | Profile::Rfc9068 if access => Ok(true),
            Profile::Jwt | Profile::InsecureIdToken if unmarked => Ok(false),
            _ => Err(Fault::Type),
        }
    }

    /// Returns `true` if the marks are those of a kind that the profile accepts.
    fn accepts_kind(&self, payload: &Payload<'_>, access: bool) -> bool {
        let is_refused = match self.profile {
            Profile::Jwt | Profile::Rfc9068 => payload.id || (payload.hashes && !access),
            Profile::InsecureIdToken => access || (payload.has_nonce && !self.claims.accept_nonce),
        };
        !(payload.other_kind || is_refused)
    }

    fn check_claims<'b>(&self, token: Verified<'b>, now: Timestamp) -> Result<Accepted<'b>, Fault> {
        let json = token.payload;
        let payload = Payload::parse(json, self)?;
        let iss = payload.issuer.as_deref().ok_or(Fault::Issuer)?;
        let issuer = self.name.principal(iss).ok_or(Fault::Issuer)?;
        if !self.name.accepts_key(token.key.issuer.as_deref(), iss) {
            return Err(Fault::Key);
        }
        if !payload.audience.unwrap_or(self.claims.without_audience) {
            return Err(Fault::Audience);
        }
        if payload.bound {
            return Err(Fault::Bound);
        }
        let marks = self.demands.check(json)?;
        let access = token.access || payload.access || marks.access || payload.has_scopes();
        if !self.accepts_kind(&payload, access) {
            return Err(Fault::Kind);
        }
        let expires = payload.exp.ok_or(Fault::Expired)?;
        let until = expires + self.leeway;
        if now >= until {
            return Err(Fault::Expired);
        }
        let latest = now + self.leeway;
        let from = payload.nbf.max(payload.iat).unwrap_or(Timestamp::from_unix_micros(0));
        if from > latest {
            return Err(Fault::TooEarly);
        }
        let keeps_to_profile = match self.profile {
            Profile::Jwt => true,
            Profile::Rfc9068 => payload.keeps_to_rfc_9068(),
            // OpenID Connect Core, 2.
            Profile::InsecureIdToken => payload.sub.is_some() && payload.iat.is_some(),
        };
        if !keeps_to_profile {
            return Err(Fault::Profile);
        }
        let principal = self.claims.principal(&payload, issuer, marks.client)?;
        let authentication = Authentication {
            // A time in the future proves nothing. One in milliseconds reads as such a time.
            authenticated_at: payload.auth_time.filter(|at| *at <= latest),
            expires_at: Some(expires),
            ..Authentication::by(AuthMethod::Bearer)
        };
        let mut builder = Identity::builder(principal).authentication(authentication);
        if let Some(client) = payload.client() {
            builder = builder.client_id(client);
        }
        for actor in payload.actors.iter().rev() {
            let issuer = actor.issuer.as_deref().unwrap_or_default();
            builder = builder.actor(Actor::new(&actor.subject).issuer(issuer));
        }
        if let Some(acr) = &payload.acr {
            builder = builder.acr(&**acr);
        }
        for amr in &payload.amr {
            builder = builder.amr(amr);
        }
        builder = match payload.scopes(&self.claims) {
            empty if empty.is_empty() => builder,
            Scopes::None => builder,
            Scopes::Spaced(text) => builder.scopes(strings::words(text)),
            Scopes::List(list) => builder.scopes(list),
        };
        builder = builder.roles(&payload.roles).raw_claims(json);
        let identity = match &self.claims.identity_from {
            None => builder.build(),
            Some(from) => {
                let identity = from.map(json, builder).ok_or(Fault::Claims)?.build();
                // The token remains the proof, even if the application returns another builder.
                let authenticated_at = identity.authenticated_at();
                identity.with_authentication(Authentication { authenticated_at, ..authentication })
            }
        };
        let (key, generation) = (token.key, token.generation);
        let tenant_iss = self.name.is_template().then(|| iss.into());
        let pins = Pins { key, generation, from, until, tenant_iss };
        Ok(Accepted { identity, claims: json, has_roles: payload.has_roles, pins })
    }
}
