//! Failures of a store's system.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// A store could not carry out an operation.
///
/// It is never a result about a record: those are [`Load`](super::Load) and
/// [`Write`](super::Write). `Display` names the kind. `Debug` adds the driver's text, the
/// [`source`](Error::source). That text may name hosts and keys, so write it to a log at most.
#[derive(Clone)]
pub struct StoreError {
    kind: StoreErrorKind,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

/// The kind of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// The system cannot be reached, or did not answer in time. It is unknown whether the step was
    /// done.
    Unavailable,
    /// The record exceeds [`Limits::max_value`](super::Limits::max_value). The step was not done.
    TooLarge,
    /// The store does not support the step, such as listing by owner. The step was not done.
    Unsupported,
    /// The step was done, but the requested replicas did not confirm it in time. It may be lost if
    /// the server fails. Returned only by stores that are configured to wait for replicas. A retry
    /// may confirm it.
    Unconfirmed,
}

impl StoreErrorKind {
    /// Returns the stable code for machines.
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
    /// Creates an error for a system that cannot be reached.
    pub fn unavailable(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind: StoreErrorKind::Unavailable, source: Some(source.into().into()) }
    }

    /// Creates an error for a record that exceeds the store's maximum size.
    #[must_use]
    pub const fn too_large() -> Self {
        Self { kind: StoreErrorKind::TooLarge, source: None }
    }

    /// Creates an error for a step that the store does not support.
    #[must_use]
    pub const fn unsupported() -> Self {
        Self { kind: StoreErrorKind::Unsupported, source: None }
    }

    /// Creates an error for a step that no replica has confirmed.
    #[must_use]
    pub const fn unconfirmed() -> Self {
        Self { kind: StoreErrorKind::Unconfirmed, source: None }
    }

    /// Returns the kind of the failure.
    #[must_use]
    pub const fn kind(&self) -> StoreErrorKind {
        self.kind
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            StoreErrorKind::Unavailable => "the store is unavailable",
            StoreErrorKind::TooLarge => "the record exceeds the store's maximum size",
            StoreErrorKind::Unsupported => "the store does not support this operation",
            StoreErrorKind::Unconfirmed => "no replica has confirmed the operation",
        })
    }
}

crate::debug_as_report!(StoreError);

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| source.as_ref() as _)
    }
}
