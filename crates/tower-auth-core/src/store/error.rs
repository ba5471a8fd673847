//! The system failed.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// A store could not do what it was asked.
///
/// Never an answer about a record: those are [`Load`](super::Load) and [`Write`](super::Write).
/// `Display` names the kind. `Debug` adds what the driver said, which is the
/// [`source`](Error::source): it may name hosts and keys, and belongs into a log at most.
#[derive(Clone)]
pub struct StoreError {
    kind: ErrorKind,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

/// What sort of failure it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The system cannot be reached, or did not answer in time. Whether the step was done is not
    /// known.
    Unavailable,
    /// The record is larger than [`Limits::max_value`](super::Limits::max_value). Not done.
    TooLarge,
    /// The store cannot do this at all, such as listing by owner. Not done.
    Unsupported,
    /// It was done, but the replicas that were asked for have not confirmed it in time: it may be lost
    /// with the server. Only of a store that was built to ask for it; asking again may confirm it.
    Unconfirmed,
}

impl ErrorKind {
    /// A stable word for machines.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unavailable => "unavailable",
            Self::TooLarge => "too_large",
            Self::Unsupported => "unsupported",
            Self::Unconfirmed => "unconfirmed",
        }
    }
}

impl StoreError {
    /// The system cannot be reached.
    pub fn unavailable(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind: ErrorKind::Unavailable, source: Some(source.into().into()) }
    }

    /// The record is larger than the store can hold.
    #[must_use]
    pub const fn too_large() -> Self {
        Self { kind: ErrorKind::TooLarge, source: None }
    }

    /// The store cannot do this at all.
    #[must_use]
    pub const fn unsupported() -> Self {
        Self { kind: ErrorKind::Unsupported, source: None }
    }

    /// No replica has confirmed it.
    #[must_use]
    pub const fn unconfirmed() -> Self {
        Self { kind: ErrorKind::Unconfirmed, source: None }
    }

    /// What sort of failure it was.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            ErrorKind::Unavailable => "the store is unavailable",
            ErrorKind::TooLarge => "the record is larger than the store can hold",
            ErrorKind::Unsupported => "the store cannot do this",
            ErrorKind::Unconfirmed => "no replica has confirmed it",
        })
    }
}

crate::debug_as_report!(StoreError);

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| source.as_ref() as _)
    }
}
