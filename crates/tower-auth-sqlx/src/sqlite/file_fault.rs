//! Reasons for which a file cannot be used, with its name and what to do.

use std::fmt;
use std::io::ErrorKind;
use std::path::PathBuf;

use tower_auth_core::store::StoreError;

use crate::table::failure::Failure;

/// A file that could not be opened. Its path comes from the application, and so may be shown.
#[derive(Debug)]
pub(super) struct FileFault {
    path: PathBuf,
    failure: Failure,
}

impl FileFault {
    pub(super) const fn new(path: PathBuf, failure: Failure) -> Self {
        Self { path, failure }
    }

    /// SQLite's code. The low byte is the primary code; the rest is a detail that depends on its build.
    fn code(&self) -> Option<u32> {
        match &self.failure {
            Failure::Refused(code) => code.parse().ok().map(|code: u32| code & 0xff),
            _ => None,
        }
    }

    fn problem(&self) -> Option<&'static str> {
        Some(match self.code()? {
            5 | 6 => "is locked by another process: try again, or give it more `.timeout`",
            8 => "cannot be written: may this user write it, and its directory?",
            11 => "is damaged: move it away, and a new one is made",
            14 if self.path.is_dir() => "cannot be opened: is it a directory?",
            14 => "cannot be opened: may this user read and write it, and its directory?",
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
            // The directory's: a missing file is created.
            Failure::Connection(ErrorKind::NotFound) => f.write_str("its directory does not exist"),
            Failure::Connection(ErrorKind::PermissionDenied) => {
                f.write_str("may this user write its directory? (permission denied)")
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
