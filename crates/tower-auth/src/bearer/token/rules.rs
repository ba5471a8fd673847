//! The rules of a layer.

use std::time::Duration;

use super::demands::Demands;
use crate::bearer::algorithm::Algorithm;
use crate::bearer::key::Keys;
use crate::bearer::profile::Profile;

/// The rules that tokens must satisfy.
pub(in crate::bearer) struct Rules {
    pub(in crate::bearer) issuer: String,
    pub(in crate::bearer) audiences: Vec<String>,
    pub(in crate::bearer) algorithms: Vec<Algorithm>,
    pub(in crate::bearer) keys: Keys,
    pub(in crate::bearer) profile: Profile,
    pub(in crate::bearer) leeway: Duration,
    pub(in crate::bearer) roles: Roles,
    pub(in crate::bearer) demands: Demands,
    pub(in crate::bearer) max_bytes: usize,
}

/// The location of the roles in the claims.
pub(in crate::bearer) struct Roles {
    pub(in crate::bearer) claim: String,
    /// The path from that claim's value to the roles. Usually empty.
    pub(in crate::bearer) below: Vec<String>,
    /// Whether the names of an object's members count as roles.
    pub(in crate::bearer) names: bool,
}
