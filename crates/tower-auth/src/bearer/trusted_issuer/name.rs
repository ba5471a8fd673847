//! The names of an issuer: exact texts, or a template with one placeholder for a tenant.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use crate::bearer::BearerConfigError;

/// The texts that `iss` may have.
pub(in crate::bearer) enum IssuerName {
    /// One issuer under several spellings. Principals have the first one.
    Exact(Vec<String>),
    /// Many tenants that share one key set.
    Template(Template),
}

/// `https://login.example/{tenant}/v2.0`
pub(in crate::bearer) struct Template {
    text: String,
    /// The place of the placeholder, with its braces.
    placeholder: std::ops::Range<usize>,
    allowed: Allowed,
    /// Whether another spelling was added, which a template cannot have.
    respelled: bool,
}

type Predicate = Arc<dyn Fn(&str) -> bool + Send + Sync>;

#[derive(Default)]
struct Allowed {
    listed: HashSet<String>,
    predicate: Option<Predicate>,
}

/// The maximum length of a tenant.
const MAX_TENANT: usize = 64;

impl IssuerName {
    pub(super) fn template(text: String) -> Self {
        let placeholder = placeholder(&text).unwrap_or(0..0);
        Self::Template(Template {
            text,
            placeholder,
            allowed: Allowed::default(),
            respelled: false,
        })
    }

    pub(super) fn check(&self) -> Result<(), BearerConfigError> {
        match self {
            Self::Exact(spellings) if spellings.iter().any(String::is_empty) => {
                Err(BearerConfigError::Issuer)
            }
            Self::Exact(_) => Ok(()),
            Self::Template(template) => template.check(),
        }
    }

    /// Returns the issuer that principals get, if `iss` is a text of this issuer.
    pub(in crate::bearer) fn principal<'n>(&'n self, iss: &'n str) -> Option<&'n str> {
        match self {
            Self::Exact(spellings) => {
                spellings.iter().any(|it| it == iss).then(|| spellings[0].as_str())
            }
            Self::Template(template) => template.accepts(iss).then_some(iss),
        }
    }

    /// Returns `true` if a key with this `issuer` member may sign tokens with this `iss`.
    pub(in crate::bearer) fn accepts_key(&self, key: Option<&str>, iss: &str) -> bool {
        match (self, key) {
            (Self::Exact(_), _) | (_, None) => true,
            (Self::Template(template), Some(key)) => template.fills(key, iss),
        }
    }

    pub(in crate::bearer) const fn is_template(&self) -> bool {
        matches!(self, Self::Template(_))
    }

    pub(in crate::bearer) fn spellings(&self) -> &[String] {
        match self {
            Self::Exact(spellings) => spellings,
            Self::Template(template) => std::slice::from_ref(&template.text),
        }
    }

    pub(super) fn add_spelling(&mut self, spelling: String) {
        match self {
            Self::Exact(spellings) => spellings.push(spelling),
            Self::Template(template) => template.respelled = true,
        }
    }

    pub(super) fn allow(&mut self, tenants: impl IntoIterator<Item = String>) {
        if let Self::Template(template) = self {
            template.allowed.listed.extend(tenants);
        }
    }

    pub(super) fn allow_if(&mut self, predicate: Predicate) {
        if let Self::Template(template) = self {
            template.allowed.predicate = Some(predicate);
        }
    }
}

impl Template {
    fn check(&self) -> Result<(), BearerConfigError> {
        let fault = if self.placeholder.is_empty() {
            "needs exactly one placeholder in braces, as one whole segment of the path, such as \
             https://login.example/{tenant}/v2.0"
        } else if self.allowed.listed.is_empty() && self.allowed.predicate.is_none() {
            "allows no tenant: add them with .tenants or .tenant_filter"
        } else if !self.allowed.listed.iter().all(|it| is_tenant(it)) {
            "has a tenant that no token can have: 1 to 64 of A-Z, a-z, 0-9, `.` and `-`"
        } else if self.respelled {
            "has no other spelling: add a second TrustedIssuer instead of .or_spelled"
        } else {
            return Ok(());
        };
        Err(BearerConfigError::Template { template: self.text.clone(), fault })
    }

    fn accepts(&self, iss: &str) -> bool {
        self.tenant(iss).is_some_and(|tenant| self.allowed.contains(tenant))
    }

    /// Returns the text in the placeholder's place.
    fn tenant<'i>(&self, iss: &'i str) -> Option<&'i str> {
        let (before, after) =
            (&self.text[..self.placeholder.start], &self.text[self.placeholder.end..]);
        let tenant = iss.strip_prefix(before)?.strip_suffix(after)?;
        is_tenant(tenant).then_some(tenant)
    }

    /// Returns `true` if `key`, with the token's tenant in the place of the placeholder, is `iss`.
    fn fills(&self, key: &str, iss: &str) -> bool {
        let Some(tenant) = self.tenant(iss) else { return false };
        match key.split_once(&self.text[self.placeholder.clone()]) {
            None => key == iss,
            Some((before, after)) => iss
                .strip_prefix(before)
                .and_then(|rest| rest.strip_suffix(after))
                .is_some_and(|filled| filled == tenant),
        }
    }
}

impl Allowed {
    fn contains(&self, tenant: &str) -> bool {
        self.listed.contains(tenant) || self.predicate.as_ref().is_some_and(|it| it(tenant))
    }
}

/// Returns the place of the only placeholder, if it is a whole segment of a path.
fn placeholder(text: &str) -> Option<std::ops::Range<usize>> {
    let start = text.find('{')?;
    let end = start + text[start..].find('}')? + 1;
    let is_only = !text[end..].contains(['{', '}']) && !text[..start].contains('}');
    let is_named = end - start > 2;
    let authority = text.find("://")? + 3;
    let path = authority + text[authority..].find('/')?;
    let is_segment = start > path
        && text[..start].ends_with('/')
        && (text[end..].is_empty() || text[end..].starts_with('/'));
    (is_only && is_named && is_segment).then_some(start..end)
}

fn is_tenant(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-';
    (1..=MAX_TENANT).contains(&text.len()) && text.bytes().all(fits)
}

impl fmt::Debug for IssuerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.spellings()).finish()
    }
}
