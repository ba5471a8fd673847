//! The application's demands on single claims. Reading them takes a second pass over the payload, which
//! only layers with demands make.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::bearer::ClaimValue;

use super::Fault;

/// Claims and the values that are looked for.
#[derive(Default)]
pub(in crate::bearer) struct Demands {
    /// Each name must have one of its values.
    pub(in crate::bearer) required: BTreeMap<String, Vec<ClaimValue>>,
    /// No name may have its value.
    pub(in crate::bearer) refused: Vec<(String, ClaimValue)>,
    /// Any of them marks an access token.
    pub(in crate::bearer) access: Vec<(String, ClaimValue)>,
}

impl Demands {
    fn is_empty(&self) -> bool {
        self.required.is_empty() && self.refused.is_empty() && self.access.is_empty()
    }

    /// The setter of a claim without a name.
    pub(in crate::bearer) fn nameless(&self) -> Option<&'static str> {
        let has_none = |list: &[(String, ClaimValue)]| list.iter().any(|it| it.0.is_empty());
        match self {
            Self { required, .. } if required.contains_key("") => Some("require_claim"),
            Self { refused, .. } if has_none(refused) => Some("refuse_claim"),
            Self { access, .. } if has_none(access) => Some("access_token_claim"),
            _ => None,
        }
    }

    /// Whether something marks an access token, if nothing demanded is missing.
    pub(super) fn check(&self, json: &str) -> Result<bool, Fault> {
        if self.is_empty() {
            return Ok(false);
        }
        // It was read before, strictly: what stands twice or nests too deep is not here.
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
        Ok(self.access.iter().any(|(name, value)| has(name, value)))
    }
}

/// Exactly this value: a demand is not met by something like it.
fn is(claim: &Value, value: &ClaimValue) -> bool {
    match value {
        ClaimValue::Any => !claim.is_null(),
        ClaimValue::Text(text) => claim.as_str() == Some(text),
        ClaimValue::Bool(value) => claim.as_bool() == Some(*value),
        ClaimValue::Number(number) => claim.as_i64() == Some(*number),
    }
}

/// This value, in any case, alone or among others: a refusal is not escaped by its spelling.
fn holds(claim: &Value, value: &ClaimValue) -> bool {
    match (claim, value) {
        (Value::Array(items), value) if *value != ClaimValue::Any => {
            items.iter().any(|item| holds(item, value))
        }
        (Value::String(claim), ClaimValue::Text(text)) => claim.eq_ignore_ascii_case(text),
        (claim, value) => is(claim, value),
    }
}
