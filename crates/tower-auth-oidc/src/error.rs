//! The error of a provider.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// A provider could not be built, or its keys could not be fetched.
///
/// The text names the address, the problem and a fix. `Debug` shows the same text, so a `main` that
/// returns this error prints it. A clone is cheap.
///
/// The text may contain parts of a provider's answer, shortened and escaped. It contains no secret.
#[derive(Clone)]
pub struct ProviderError(Arc<Inner>);

struct Inner {
    kind: ProviderErrorKind,
    text: String,
}

/// The kind of a [`ProviderError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProviderErrorKind {
    /// A setting is invalid. Only a change of the program fixes this.
    Config,
    /// An address is not allowed: it leads to a network that the document of a provider must not
    /// name.
    Address,
    /// No connection: the name cannot be resolved, the server refuses the connection, or its
    /// certificate is not trusted.
    Unreachable,
    /// The answer was not complete within the time limit.
    TimedOut,
    /// The answer is an error, a redirect, too large, incomplete, or not text.
    Answer,
    /// The discovery document is invalid, or that of another issuer.
    Document,
    /// The keys are invalid: no key can be used, or the set contains what must not be in it.
    Keys,
}

impl ProviderErrorKind {
    /// Returns the stable code for machines.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Address => "address",
            Self::Unreachable => "unreachable",
            Self::TimedOut => "timed_out",
            Self::Answer => "answer",
            Self::Document => "document",
            Self::Keys => "keys",
        }
    }
}

impl ProviderError {
    pub(crate) fn new(kind: ProviderErrorKind, text: String) -> Self {
        Self(Arc::new(Inner { kind, text }))
    }

    /// Returns the kind of the error.
    #[must_use]
    pub fn kind(&self) -> ProviderErrorKind {
        self.0.kind
    }
}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text)
    }
}

impl Error for ProviderError {}

tower_auth_core::debug_as_report!(ProviderError);
