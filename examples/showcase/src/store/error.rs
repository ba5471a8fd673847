//! The errors of an address and of opening a store. They never show the address, which may contain
//! a password.

use std::error::Error;
use std::fmt;

use tower_auth_sqlx::sqlx;

/// The value of `--store` is invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnknownStore {
    /// There is no such kind of store.
    Kind,
    /// The value begins like this form, but does not match it.
    Form(&'static str),
    /// The query contains an unknown option.
    Option,
    /// The size of the near-cache is invalid.
    Near,
    /// The store has no feed that reports changes to a near-cache.
    NoFeed,
}

impl fmt::Display for UnknownStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kind => {
                f.write_str("--store takes one of")?;
                super::location::FORMS.iter().try_for_each(|form| write!(f, "\n  {form}"))
            }
            Self::Form(form) => write!(f, "the format of this kind of --store is {form}"),
            Self::Option => f.write_str(
                "the only option of this kind of --store is near_cache=SIZE, such as near_cache=64MiB",
            ),
            Self::Near => f.write_str(
                "near_cache is a single size in KiB, MiB or GiB, such as near_cache=64MiB",
            ),
            Self::NoFeed => f.write_str(
                "near_cache needs redis or postgres, which report the changes of other nodes",
            ),
        }
    }
}

impl Error for UnknownStore {}

/// The store cannot be opened.
#[derive(Debug)]
#[non_exhaustive]
pub struct OpenError(String);

impl OpenError {
    /// The error with all of its sources. The stores' errors contain neither addresses nor data.
    pub(super) fn because(error: impl Error) -> Self {
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(error) = source {
            let said = error.to_string();
            // Drivers repeat the message of a source at every level.
            if !text.contains(&said) {
                text.push_str(": ");
                text.push_str(&said);
            }
            source = error.source();
        }
        Self(text)
    }

    /// The reason why a database cannot be reached. The driver's own message may quote a part of
    /// the address.
    pub(super) fn database(error: &sqlx::Error) -> Self {
        let why = match error {
            sqlx::Error::Io(error) => error.kind().to_string(),
            sqlx::Error::Database(refusal) => {
                format!("it refused with code {}", refusal.code().unwrap_or_default())
            }
            _ => "the driver cannot connect".into(),
        };
        Self(format!("the database cannot be reached: {why}"))
    }

    pub(super) fn form(form: &'static str) -> Self {
        Self(UnknownStore::Form(form).to_string())
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the store: {}", self.0)
    }
}

impl Error for OpenError {}
