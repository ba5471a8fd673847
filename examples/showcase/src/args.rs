//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use lexopt::prelude::*;

use crate::store::Backend;

/// The text of `--help`.
pub const HELP: &str = "\
The showcase of tower-auth: cookies, CSRF, sessions, bearer and refresh tokens,
and the guard on axum.

usage: cargo run -- [options]

  --listen ADDRESS       the address to listen on (127.0.0.1:3000);
                         port 0 selects a free port
  --store URL            the store of the sessions (memory:); one of
                           memory:                  lost with the process
                           cookie:                  the client keeps them, encrypted
                           redis://host:port
                           redis+sentinel://host:port,host:port/name-of-the-primary
                           redis+cluster://host:port,host:port
                           postgres://user:password@host:port/database
                           sqlite://path/of/the.file
                           memcached://host:port    evicts, and cannot list sessions
                         redis and postgres with ?near_cache=64MiB: keeps the
                         records it read until another node changes them
  --keys FILE            the key ring's file, created with mode 0600 on first use;
                         without it, the keys are random and lost with the process;
                         FILE.jwt contains the key that signs access tokens
  --refresh-window SECONDS
                         the time for which a used refresh token still gets the same
                         successor (10); 0 is strict: its second use ends them all
  --tls                  serve https with a certificate created at start
  --public-origin URL    the origin that browsers see, if a proxy is in front
  --help                 this text
";

/// The parsed command line.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Args {
    /// The address to listen on.
    pub listen: String,
    /// The store of the sessions.
    pub store: Backend,
    /// The file of the key ring.
    pub keys: Option<PathBuf>,
    /// The time for which a used refresh token still gets the same successor.
    pub refresh_window: Duration,
    /// Whether to serve https.
    pub tls: bool,
    /// The origin that browsers see.
    pub public_origin: Option<String>,
}

impl Default for Args {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:3000".into(),
            store: Backend::MEMORY,
            keys: None,
            refresh_window: Duration::from_secs(10),
            tls: false,
            public_origin: None,
        }
    }
}

impl Args {
    /// Parses a command line; `None` if it asks for help.
    ///
    /// # Errors
    /// An option is unknown, or lacks its value.
    pub fn parse(mut line: lexopt::Parser) -> Result<Option<Self>, lexopt::Error> {
        let mut args = Self::default();
        while let Some(arg) = line.next()? {
            match arg {
                Long("listen") => args.listen = line.value()?.string()?,
                Long("store") => {
                    // lexopt's own message would quote the value, which may contain a password.
                    let store = line.value()?.string()?.parse::<Backend>();
                    args.store = store.map_err(|error| lexopt::Error::Custom(error.into()))?;
                }
                Long("keys") => args.keys = Some(line.value()?.into()),
                Long("refresh-window") => {
                    args.refresh_window = Duration::from_secs(line.value()?.parse()?);
                }
                Long("tls") => args.tls = true,
                Long("public-origin") => args.public_origin = Some(line.value()?.string()?),
                Long("help") | Short('h') => return Ok(None),
                other => return Err(other.unexpected()),
            }
        }
        Ok(Some(args))
    }

    /// Returns whether browsers use https, either to this program or to a proxy in front.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.tls || self.public_origin.as_ref().is_some_and(|it| it.starts_with("https://"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &[&str]) -> Result<Option<Args>, lexopt::Error> {
        Args::parse(lexopt::Parser::from_args(line))
    }

    #[test]
    fn nothing_said_is_the_default() {
        assert_eq!(parse(&[]).unwrap(), Some(Args::default()));
    }

    #[test]
    fn everything_said_is_kept() {
        let args = parse(&[
            "--listen=[::1]:0",
            "--store",
            "memory:",
            "--keys",
            "keys.txt",
            "--refresh-window=0",
            "--tls",
            "--public-origin",
            "https://app.example",
        ]);
        let expected = Args {
            listen: "[::1]:0".into(),
            store: Backend::MEMORY,
            keys: Some("keys.txt".into()),
            refresh_window: Duration::ZERO,
            tls: true,
            public_origin: Some("https://app.example".into()),
        };
        assert_eq!(args.unwrap(), Some(expected));
    }

    #[test]
    fn what_is_not_known_is_refused() {
        assert!(parse(&["--lisen", "127.0.0.1:1"]).is_err());
        assert!(parse(&["--store", "mysql://127.0.0.1"]).is_err());
        assert!(parse(&["--keys"]).is_err());
        assert!(parse(&["--refresh-window", "-1"]).is_err());
        assert!(parse(&["--refresh-window", "a while"]).is_err());
        assert_eq!(parse(&["--help"]).unwrap(), None);
    }

    #[test]
    fn d08_a_store_that_is_not_understood_is_not_shown() {
        let error = parse(&["--store", "redis://u:hunter2@a?near_cache=lots"]).unwrap_err();
        let error = format!("{error} {error:?}");
        assert!(error.contains("near_cache=64MiB") && !error.contains("hunter2"), "{error}");
    }

    #[test]
    fn the_help_names_each_kind_of_store() {
        for form in crate::store::FORMS {
            let (scheme, _) = form.split_once(':').unwrap();
            assert!(HELP.contains(&format!("{scheme}:")), "{scheme}");
        }
    }

    #[test]
    fn the_help_names_every_option() {
        let options =
            ["--listen", "--store", "--keys", "--refresh-window", "--tls", "--public-origin"];
        for option in options {
            assert!(HELP.contains(option), "{option}");
        }
    }
}
