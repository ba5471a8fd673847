//! The errors of building a protected resource.

use std::fmt;

/// A setting with which clients would refuse the metadata document, or could not use it.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResourceConfigError {
    /// The identifier is not an address under which clients know an API.
    Identifier {
        /// The identifier.
        value: String,
        /// The problem and its solution.
        fault: &'static str,
    },
    /// An authorization server is not named by an address.
    AuthorizationServer {
        /// The name of the server.
        value: String,
        /// The problem and its solution.
        fault: &'static str,
    },
    /// A setter got something that is not one scope.
    Scope {
        /// The setter.
        setter: &'static str,
        /// The value.
        value: String,
    },
    /// A setter got something that is not the address of a page.
    Page {
        /// The setter.
        setter: &'static str,
        /// The value.
        value: String,
        /// The problem and its solution.
        fault: &'static str,
    },
    /// The name is blank.
    Name,
}

impl fmt::Display for ResourceConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProtectedResource: ")?;
        match self {
            Self::Identifier { value, fault } => write!(f, "the identifier {value:?} {fault}"),
            Self::AuthorizationServer { value, fault } => {
                write!(f, "the authorization server {value:?} {fault}")
            }
            Self::Scope { setter, value } => write!(
                f,
                "{setter} got {value:?}, which is not one scope: pass each scope separately, in \
                 printable ASCII without space, quote and backslash"
            ),
            Self::Page { setter, value, fault } => write!(f, "{setter}({value:?}) {fault}"),
            Self::Name => f.write_str("the name is blank: name the API, or do not call name"),
        }
    }
}

impl std::error::Error for ResourceConfigError {}

tower_auth_core::debug_as_report!(ResourceConfigError);
