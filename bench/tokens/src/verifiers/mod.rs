//! The verifiers, each as a Tower service around the same inner service.

mod bare;
mod huskarl;
mod jsonwebtoken;
mod jwt_authorizer;
mod oauth_resource_server;
mod ours;
mod tower_oauth2;

use std::error::Error;

use serde::Deserialize;

use crate::Issued;
use crate::call::Served;

/// A verifier, or the reason why it cannot verify these tokens.
type Prepared = Result<Served, Box<dyn Error>>;

/// One way to verify tokens.
#[derive(Clone, Copy)]
pub struct Verifier {
    /// The name on the command line.
    pub id: &'static str,
    /// The name in the table.
    pub name: &'static str,
    /// Prepares the verifier for these keys.
    pub(crate) prepare: fn(&Issued) -> Prepared,
}

/// The inner service alone. Its cost is subtracted.
pub const BARE: Verifier =
    Verifier { id: "bare", name: "the bare service", prepare: bare::prepare };

/// The reference of one ratio.
pub const REMEMBERED: Verifier =
    Verifier { id: "remembered", name: "tower-auth, remembered", prepare: ours::remembered };

/// The reference of the other ratio.
pub const FIRST_SIGHT: Verifier =
    Verifier { id: "first-sight", name: "tower-auth, first sight", prepare: ours::first_sight };

/// All verifiers, in the order of the table.
pub const VERIFIERS: &[Verifier] = &[
    REMEMBERED,
    FIRST_SIGHT,
    Verifier {
        id: "jsonwebtoken",
        name: "jsonwebtoken 12, `decode` by hand",
        prepare: jsonwebtoken::prepare,
    },
    Verifier {
        id: "oauth-resource-server",
        name: "oauth-resource-server 0.4",
        prepare: oauth_resource_server::prepare,
    },
    Verifier {
        id: "tower-oauth2-resource-server",
        name: "tower-oauth2-resource-server 0.12",
        prepare: tower_oauth2::prepare,
    },
    Verifier {
        id: "jwt-authorizer",
        name: "jwt-authorizer 0.15",
        prepare: jwt_authorizer::prepare,
    },
    Verifier {
        id: "huskarl-resource-server",
        name: "huskarl-resource-server 0.11",
        prepare: huskarl::prepare,
    },
];

/// The claims that an application reads, for verifiers that take a type of claims.
#[derive(Clone, Debug, Deserialize)]
#[allow(dead_code, reason = "reading them is the work")]
struct Claims {
    sub: String,
    scope: Option<String>,
    #[serde(default)]
    roles: Vec<String>,
}
