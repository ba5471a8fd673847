//! The application's requirements on single claims. A check takes a second pass over the payload,
//! so only layers with requirements make one.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::bearer::ClaimValue;

use super::Fault;

/// Claims, and the values that they are compared with.
#[derive(Default)]
pub(in crate::bearer) struct Demands {
    /// Each claim must have one of its values.
    pub(in crate::bearer) required: BTreeMap<String, Vec<ClaimValue>>,
    /// No claim may have its value.
    pub(in crate::bearer) refused: Vec<(String, ClaimValue)>,
    /// Each of these marks an access token.
    pub(in crate::bearer) access: Vec<(String, ClaimValue)>,
    /// Each of these marks a client's own token.
    pub(in crate::bearer) client: Vec<(String, ClaimValue)>,
}

/// The marks that a token has by the issuer's settings.
#[derive(Clone, Copy, Default)]
pub(super) struct Marks {
    /// Whether a claim marks an access token.
    pub(super) access: bool,
    /// Whether a claim marks a client's own token.
    pub(super) client: bool,
}

impl Demands {
    fn is_empty(&self) -> bool {
        let lists = [&self.refused, &self.access, &self.client];
        self.required.is_empty() && lists.iter().all(|list| list.is_empty())
    }

    /// Returns the setter that was given an empty claim name.
    pub(in crate::bearer) fn nameless(&self) -> Option<&'static str> {
        let has_none = |list: &[(String, ClaimValue)]| list.iter().any(|it| it.0.is_empty());
        match self {
            Self { required, .. } if required.contains_key("") => Some("require_claim"),
            Self { refused, .. } if has_none(refused) => Some("refuse_claim"),
            Self { access, .. } if has_none(access) => Some("access_token_claim"),
            Self { client, .. } if has_none(client) => Some("client_if_claim"),
            _ => None,
        }
    }

    /// Returns the token's marks, or a fault if a requirement is not met.
    pub(super) fn check(&self, json: &str) -> Result<Marks, Fault> {
        if self.is_empty() {
            return Ok(Marks::default());
        }
        // The strict parser has already read this text, so it has no duplicate members and does not
        // nest too deeply.
        let claims: BTreeMap<String, Value> =
            serde_json::from_str(json).map_err(|_| Fault::Payload)?;
        let has = |name: &str, value: &ClaimValue| claims.get(name).is_some_and(|it| is(it, value));
        if !self.required.iter().all(|(name, values)| values.iter().any(|it| has(name, it))) {
            return Err(Fault::Claim);
        }
        let holds = |name: &str, value: &ClaimValue| {
            claims.get(name).is_some_and(|claim| holds(claim, value))
        };
        if self.refused.iter().any(|(name, value)| holds(name, value)) {
            return Err(Fault::Kind);
        }
        let marked =
            |list: &[(String, ClaimValue)]| list.iter().any(|(name, value)| has(name, value));
        Ok(Marks { access: marked(&self.access), client: marked(&self.client) })
    }
}

/// Returns `true` for exactly this value: a similar value does not satisfy a requirement.
fn is(claim: &Value, value: &ClaimValue) -> bool {
    match value {
        ClaimValue::Any => !claim.is_null(),
        ClaimValue::Text(text) => claim.as_str() == Some(text),
        ClaimValue::Bool(value) => claim.as_bool() == Some(*value),
        ClaimValue::Number(number) => claim.as_i64() == Some(*number),
    }
}

/// Returns `true` for this value, compared without case, alone or in an array: another spelling
/// must not evade a refusal.
fn holds(claim: &Value, value: &ClaimValue) -> bool {
    match (claim, value) {
        (Value::Array(items), value) if *value != ClaimValue::Any => {
            items.iter().any(|item| holds(item, value))
        }
        (Value::String(claim), ClaimValue::Text(text)) => claim.eq_ignore_ascii_case(text),
        (claim, value) => is(claim, value),
    }
}
