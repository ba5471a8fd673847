//! The issuers of a layer, and the selection of the one that a token names.

use std::collections::HashMap;

use tower_auth_core::Timestamp;

use super::BearerConfigError;
use super::token::{Accepted, Fault, Refusal, Rules, Token};
use super::trusted_issuer::IssuerName;

pub(super) struct Issuers {
    all: Vec<Rules>,
    /// The positions of exact names. Empty for a single issuer, which needs no selection.
    exact: HashMap<String, usize>,
    templates: Vec<usize>,
}

impl Issuers {
    pub(super) fn new(all: Vec<Rules>) -> Result<Self, BearerConfigError> {
        if all.is_empty() {
            return Err(BearerConfigError::NoIssuers);
        }
        let mut exact = HashMap::new();
        let mut templates: Vec<usize> = Vec::new();
        for (at, rules) in all.iter().enumerate() {
            let twice = |name: &String| BearerConfigError::DuplicateIssuer(name.clone());
            for name in rules.name.spellings() {
                let is_known = match rules.name {
                    IssuerName::Exact(_) => exact.insert(name.clone(), at).is_some(),
                    IssuerName::Template(_) => {
                        let is_known =
                            templates.iter().any(|it| all[*it].name.spellings()[0] == *name);
                        templates.push(at);
                        is_known
                    }
                };
                if is_known {
                    return Err(twice(name));
                }
            }
        }
        Ok(Self { all, exact, templates })
    }

    /// Returns the issuer of a token that was accepted before.
    pub(super) fn get(&self, at: usize) -> &Rules {
        &self.all[at]
    }

    /// Returns the names of all issuers, in all spellings.
    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        self.all.iter().flat_map(|rules| rules.name.spellings())
    }

    /// Returns the identity that the token proves, and the position of its issuer.
    pub(super) fn check<'b>(
        &self,
        token: &Token<'_, 'b>,
        now: Timestamp,
    ) -> Result<(usize, Accepted<'b>), Refusal<'_>> {
        let at = self.select(token)?;
        let rules = &self.all[at];
        match rules.check(token, now) {
            Ok(accepted) => Ok((at, accepted)),
            // A single issuer was not selected by the token's `iss`. Nothing waits, and nothing is
            // fetched, for a token of another issuer.
            Err(Refusal::NoKeys | Refusal::UnknownKey { .. }) if !rules.is_named_by(token) => {
                Err(Fault::Issuer.into())
            }
            Err(refusal) => Err(refusal),
        }
    }

    /// Selects the issuer. The token's own `iss` is not verified yet, and only chooses between
    /// issuers of the configuration. The rules compare it again after the signature.
    fn select(&self, token: &Token<'_, '_>) -> Result<usize, Fault> {
        if self.all.len() == 1 {
            return Ok(0);
        }
        let iss = token.unverified_issuer().ok_or(Fault::Issuer)?;
        let exact = self.exact.get(&*iss).copied();
        let templates = || {
            let accepts = |at: &&usize| self.all[**at].name.principal(&iss).is_some();
            self.templates.iter().find(accepts).copied()
        };
        exact.or_else(templates).ok_or(Fault::Issuer)
    }
}

#[cfg(test)]
impl Issuers {
    /// Checks a token by the fixed keys of a layer that reads so many bytes at most.
    pub(super) fn check_fixed<'b>(
        &self,
        token: &[u8],
        now: Timestamp,
        max_bytes: usize,
        buffer: &'b mut Vec<u8>,
    ) -> Result<Accepted<'b>, Fault> {
        let token = Token::read(token, max_bytes, buffer)?;
        let checked = self.check(&token, now);
        checked.map(|(_, accepted)| accepted).map_err(|refusal| match refusal {
            Refusal::Fault(fault) => fault,
            Refusal::NoKeys | Refusal::UnknownKey { .. } => panic!("the keys are fixed"),
        })
    }

    /// Verifies only the signature, by the fixed keys of the first issuer.
    pub(super) fn verify_fixed<'b>(
        &self,
        token: &[u8],
        now: Timestamp,
        buffer: &'b mut Vec<u8>,
    ) -> Option<&'b str> {
        let token = Token::read(token, usize::MAX, buffer).ok()?;
        Some(self.all[0].verify(&token, now).ok()?.payload)
    }

    /// Returns a fixed key of the first issuer.
    pub(super) fn fixed_key(
        &self,
        algorithm: super::Algorithm,
        kid: &str,
    ) -> Option<&dyn super::backend::Verify> {
        let super::token::KeySource::Fixed(keys) = &self.all[0].keys else { return None };
        Some(&*keys.find(algorithm, Some(kid)).ok()?.verifier)
    }
}
