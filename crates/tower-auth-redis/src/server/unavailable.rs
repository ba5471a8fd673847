//! The reason for a missing connection.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// The reason for a missing connection, shared by all steps that need the connection.
#[derive(Clone)]
pub(crate) struct Unavailable(Arc<dyn Error + Send + Sync>);

/// The server answers, but takes no writes.
#[derive(Debug)]
pub(super) struct NoPrimary;

impl Unavailable {
    pub(crate) fn new(why: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(why.into().into())
    }

    pub(crate) fn is<E: Error + 'static>(&self) -> bool {
        self.0.is::<E>()
    }
}

impl fmt::Display for NoPrimary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the server is not a primary")
    }
}

impl Error for NoPrimary {}

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for Unavailable {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}
