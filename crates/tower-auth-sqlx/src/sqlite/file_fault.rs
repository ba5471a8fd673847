//! Reasons why a file cannot be used, with its name and a fix.

use std::fmt;
use std::io::ErrorKind;
use std::path::PathBuf;

use tower_auth_core::store::StoreError;

use crate::table::failure::Failure;

/// A file that could not be opened. The error shows the path, because it comes from the
/// application.
#[derive(Debug)]
pub(super) struct FileFault {
    path: PathBuf,
    failure: Failure,
}

impl FileFault {
    pub(super) const fn new(path: PathBuf, failure: Failure) -> Self {
        Self { path, failure }
    }

    /// Returns SQLite's primary code, the low byte. The rest is a detail that depends on SQLite's
    /// build.
    fn code(&self) -> Option<u32> {
        match &self.failure {
            Failure::Refused(code) => code.parse().ok().map(|code: u32| code & 0xff),
            _ => None,
        }
    }

    fn problem(&self) -> Option<&'static str> {
        Some(match self.code()? {
            5 | 6 => "is locked by another process: try again, or set a longer `.timeout`",
            8 => "cannot be written: check this user's rights to it and its directory",
            11 => "is damaged: move it away to start with a new file",
            14 if self.path.is_dir() => "cannot be opened: it is a directory",
            14 => "cannot be opened: check this user's rights to it and its directory",
            26 => "is not a SQLite database",
            _ => return None,
        })
    }
}

impl fmt::Display for FileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the session file {:?} ", self.path)?;
        if let (Some(problem), Some(code)) = (self.problem(), self.code()) {
            return write!(f, "{problem} (code {code})");
        }
        f.write_str("cannot be used: ")?;
        match &self.failure {
            // The directory is missing. A missing file would be created.
            Failure::Connection(ErrorKind::NotFound) => f.write_str("its directory does not exist"),
            Failure::Connection(ErrorKind::PermissionDenied) => {
                f.write_str("check this user's rights to its directory (permission denied)")
            }
            Failure::Connection(kind) => write!(f, "{kind}"),
            failure => write!(f, "{failure}"),
        }
    }
}

impl std::error::Error for FileFault {}

impl From<FileFault> for StoreError {
    fn from(fault: FileFault) -> Self {
        Self::unavailable(fault)
    }
}
