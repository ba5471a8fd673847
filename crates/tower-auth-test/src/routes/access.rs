//! [`Access`]: the users of a route.

use std::fmt;

use tower_auth_core::Identity;

/// The users of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Access {
    /// Everyone, without a credential.
    Public,
    /// Every user who is logged in.
    Authenticated,
    /// Users with this role.
    Role(&'static str),
    /// Users with at least one of these roles.
    AnyRole(&'static [&'static str]),
    /// Users who were granted this scope.
    Scope(&'static str),
    /// Users who meet each of these.
    All(&'static [Self]),
}

/// One role or scope.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Right {
    Role(&'static str),
    Scope(&'static str),
}

/// The user of a request.
#[derive(Clone)]
pub(super) struct User {
    identity: Identity,
    rights: Vec<Right>,
}

impl User {
    fn new(rights: Vec<Right>) -> Self {
        let identity = Identity::local("user");
        let identity = rights.iter().fold(identity, |identity, right| match right {
            Right::Role(role) => identity.role(role),
            Right::Scope(scope) => identity.scope(scope),
        });
        Self { identity: identity.build(), rights }
    }

    pub(super) const fn identity(&self) -> &Identity {
        &self.identity
    }
}

impl fmt::Display for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a user")?;
        if self.rights.is_empty() {
            return f.write_str(" without roles and scopes");
        }
        for (index, right) in self.rights.iter().enumerate() {
            f.write_str(if index == 0 { " with " } else { " and " })?;
            match right {
                Right::Role(role) => write!(f, "role {role}")?,
                Right::Scope(scope) => write!(f, "scope {scope}")?,
            }
        }
        Ok(())
    }
}

impl Access {
    /// The rights that a user needs: one of each list.
    fn demands(self) -> Vec<Vec<Right>> {
        match self {
            Self::Public | Self::Authenticated => Vec::new(),
            Self::Role(role) => vec![vec![Right::Role(role)]],
            Self::AnyRole(roles) => vec![roles.iter().copied().map(Right::Role).collect()],
            Self::Scope(scope) => vec![vec![Right::Scope(scope)]],
            Self::All(list) => list.iter().flat_map(|access| access.demands()).collect(),
        }
    }

    /// Users who miss one demand each, and meet all the others.
    pub(super) fn denied(self) -> Vec<User> {
        let demands = self.demands();
        let without = |index: usize| {
            let others = demands.iter().enumerate().filter(|(other, _)| *other != index);
            User::new(others.filter_map(|(_, demand)| demand.first().copied()).collect())
        };
        (0..demands.len()).map(without).collect()
    }

    /// Users who meet all demands, one for each alternative of a demand.
    pub(super) fn granted(self) -> Vec<User> {
        let demands = self.demands();
        let first: Vec<_> = demands.iter().filter_map(|demand| demand.first().copied()).collect();
        let others = demands.iter().enumerate().flat_map(|(index, demand)| {
            let first = &first;
            demand.iter().skip(1).map(move |right| {
                let mut rights = first.clone();
                rights[index] = *right;
                rights
            })
        });
        std::iter::once(first.clone()).chain(others).map(User::new).collect()
    }
}
