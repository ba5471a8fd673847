//! The options for the claims of one issuer's tokens, and their check.

use crate::bearer::dotted::Dotted;
use crate::bearer::token::{ClaimRules, Items, ListClaim, has_meaning};
use crate::bearer::token_claims::IdentityFrom;
use crate::bearer::{BearerConfigError, Profile};

#[derive(Default)]
pub(in crate::bearer) struct ClaimOptions {
    pub(in crate::bearer) audience: Option<String>,
    pub(in crate::bearer) without_audience: bool,
    pub(in crate::bearer) subject: Option<String>,
    /// Whether the setter for `email` was called last.
    pub(in crate::bearer) subject_from_email: bool,
    pub(in crate::bearer) allow_missing_subject: bool,
    pub(in crate::bearer) client_id: Option<String>,
    pub(in crate::bearer) roles: ListOptions,
    pub(in crate::bearer) scopes: ListOptions,
    pub(in crate::bearer) accept_nonce: bool,
    pub(in crate::bearer) identity_from: Option<IdentityFrom>,
}

/// The options of a list of roles or scopes.
#[derive(Default)]
pub(in crate::bearer) struct ListOptions {
    location: Location,
    pub(in crate::bearer) items: Items,
}

#[derive(Default)]
enum Location {
    #[default]
    Default,
    Claim(String),
    Path(Vec<String>),
}

impl ListOptions {
    pub(in crate::bearer) fn set_claim(&mut self, name: String) {
        self.location = Location::Claim(name);
    }

    pub(in crate::bearer) fn set_path(&mut self, names: Vec<String>) {
        self.location = Location::Path(names);
    }

    /// Returns the location of the list; `None` for the default. The error is the path.
    fn location(self, may: impl Fn(&str) -> bool) -> Result<Option<ListClaim>, Vec<String>> {
        let path = match self.location {
            Location::Default => return Ok(None),
            Location::Claim(name) => vec![name],
            Location::Path(path) => path,
        };
        match &path[..] {
            [claim, below @ ..] if may(claim) && !path.iter().any(String::is_empty) => {
                let (claim, below) = (claim.clone(), below.to_vec());
                Ok(Some(ListClaim { claim, below, items: self.items }))
            }
            _ => Err(path),
        }
    }

    /// Returns the question whether the roles' name was meant as a path, if it may have been.
    fn dotted(&self) -> Option<Dotted> {
        match &self.location {
            Location::Claim(name) => Dotted::new(name),
            _ => None,
        }
    }
}

impl ClaimOptions {
    /// Checks the options. Returns the rules too for a roles claim that may be meant as a path.
    pub(super) fn check(
        self,
        profile: Profile,
    ) -> Result<(ClaimRules, Option<Dotted>), BearerConfigError> {
        self.check_profile(profile)?;
        self.check_names()?;
        let dotted = self.roles.dotted();
        let scope_items = self.scopes.items.clone();
        let default =
            ListClaim { claim: "roles".into(), below: Vec::new(), items: self.roles.items.clone() };
        let roles = self.roles.location(|claim| !has_meaning(claim)).map_err(|path| {
            <[String; 1]>::try_from(path).map_or_else(BearerConfigError::RolesPath, |[name]| {
                BearerConfigError::RolesClaim(name)
            })
        })?;
        let scopes = self.scopes.location(|claim| is_scopes(claim) || !has_meaning(claim));
        let scopes = scopes.map_err(BearerConfigError::ScopesPath)?;
        // The layer reads `scope` and `scp` itself, and only as a whole.
        let leads_into = |it: &&ListClaim| is_scopes(&it.claim) && !it.below.is_empty();
        if let Some(scopes) = scopes.as_ref().filter(leads_into) {
            let path = std::iter::once(&scopes.claim).chain(&scopes.below);
            return Err(BearerConfigError::ScopesPath(path.cloned().collect()));
        }
        let rules = ClaimRules {
            audience: self.audience.unwrap_or_else(|| "aud".into()),
            without_audience: self.without_audience,
            subject: self.subject.filter(|name| name != "sub"),
            allow_missing_subject: self.allow_missing_subject,
            client_id: self.client_id,
            roles: roles.unwrap_or(default),
            scopes,
            scope_items,
            accept_nonce: self.accept_nonce,
            identity_from: self.identity_from,
        };
        two_uses(&rules)?;
        Ok((rules, dotted))
    }

    /// Refuses settings that accept tokens which the profile refuses.
    fn check_profile(&self, profile: Profile) -> Result<(), BearerConfigError> {
        if self.accept_nonce && profile != Profile::InsecureIdToken {
            return Err(BearerConfigError::AcceptNonce);
        }
        let weakens = [
            ("insecure_without_audience", self.without_audience),
            ("audience_claim", self.audience.as_ref().is_some_and(|name| name != "aud")),
            ("allow_missing_subject", self.allow_missing_subject),
        ];
        match weakens.iter().find(|(_, is_set)| *is_set) {
            Some((setter, _)) if profile != Profile::Jwt => {
                Err(BearerConfigError::ProfileExcludes { profile, setter })
            }
            _ => Ok(()),
        }
    }

    fn check_names(&self) -> Result<(), BearerConfigError> {
        let mut named = [
            ("audience_claim", &self.audience, &["aud", "client_id", "azp"][..]),
            ("subject_claim", &self.subject, &["sub"]),
            ("client_id_claim", &self.client_id, &["client_id", "azp"]),
        ]
        .into_iter()
        .filter_map(|(setter, name, own)| Some((setter, name.as_deref()?, own)));
        let unfit = named
            .find(|(_, name, own)| name.is_empty() || (has_meaning(name) && !own.contains(name)));
        if let Some((setter, name, _)) = unfit {
            return Err(BearerConfigError::UnfitClaim { setter, name: name.into() });
        }
        let from_email = self.subject.as_ref().is_some_and(|it| it.eq_ignore_ascii_case("email"));
        if from_email && !self.subject_from_email {
            return Err(BearerConfigError::SubjectFromEmail);
        }
        let fields = [("roles_field", &self.roles), ("scopes_field", &self.scopes)];
        match fields.into_iter().find(|(_, list)| list.items.field.as_deref() == Some("")) {
            Some((setter, _)) => Err(BearerConfigError::ClaimName(setter)),
            None => Ok(()),
        }
    }
}

fn is_scopes(claim: &str) -> bool {
    claim == "scope" || claim == "scp"
}

/// Refuses a claim with two uses. Roles and scopes may share one, and so may audience and client.
fn two_uses(rules: &ClaimRules) -> Result<(), BearerConfigError> {
    let scopes = rules.scopes.as_ref().map(|scopes| &*scopes.claim);
    let lists = [("roles", Some(&*rules.roles.claim)), ("scopes", scopes)];
    let client_id = rules.client_id.as_deref();
    let single = [
        ("audience_claim", Some(&*rules.audience)),
        ("client_id_claim", client_id),
        ("subject_claim", rules.subject.as_deref()),
    ];
    let subject = &single[2..];
    let pairs = single[..2]
        .iter()
        .flat_map(|one| subject.iter().map(move |other| (one, other)))
        .chain(single.iter().flat_map(|one| lists.iter().map(move |other| (one, other))));
    for ((one, name), (other, same)) in pairs {
        if let (Some(name), true) = (name, name == same) {
            let name = (*name).to_owned();
            return Err(BearerConfigError::TwoUses { name, uses: [one, other] });
        }
    }
    Ok(())
}
