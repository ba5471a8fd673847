//! What is wrong with an address, or with what is there. Neither shows it: it may hold a password.

use std::error::Error;
use std::fmt;

use tower_auth_sqlx::sqlx;

/// What `--store` was given is not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnknownStore {
    /// It is none of those there are.
    Kind,
    /// It begins like one of them, and this is how that one goes on.
    Form(&'static str),
    /// There is such a question mark, and not what may follow it.
    Option,
    /// The near-cache's size.
    Near,
    /// Nothing tells a near-cache of changes there.
    NoFeed,
}

impl fmt::Display for UnknownStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kind => {
                f.write_str("--store takes one of")?;
                super::place::FORMS.iter().try_for_each(|form| write!(f, "\n  {form}"))
            }
            Self::Form(form) => write!(f, "this kind of --store is written {form}"),
            Self::Option => f.write_str(
                "after its ? such a --store takes near_cache=SIZE alone, such as near_cache=64MiB",
            ),
            Self::Near => f.write_str(
                "near_cache is a size in KiB, MiB or GiB, once, such as near_cache=64MiB",
            ),
            Self::NoFeed => f.write_str(
                "near_cache goes with redis and postgres, which tell it of what other nodes change",
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
    /// The error with all of its sources. Those of the stores name neither addresses nor data.
    pub(super) fn because(error: impl Error) -> Self {
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(error) = source {
            let said = error.to_string();
            // Drivers say it again at every step on the way up.
            if !text.contains(&said) {
                text.push_str(": ");
                text.push_str(&said);
            }
            source = error.source();
        }
        Self(text)
    }

    /// Why a database is not there. What it says itself may quote a part of the address.
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
