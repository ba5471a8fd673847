//! `Debug` for types that programs print: errors appear as sentences, even if `main` returns one,
//! and secrets do not appear.

use std::error::Error;
use std::fmt;

#[cfg(test)]
mod tests;

/// Writes an error's text and those of its causes, separated by colons.
///
/// Drivers often repeat the text of their own cause. A cause is skipped if the output already
/// contains its text.
///
/// # Errors
/// Fails if the formatter fails.
pub fn write(f: &mut fmt::Formatter<'_>, error: &(dyn Error + 'static)) -> fmt::Result {
    let mut said = error.to_string();
    f.write_str(&said)?;
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !said.contains(&text) {
            write!(f, ": {text}")?;
            said += &text;
        }
        cause = error.source();
    }
    Ok(())
}

/// Implements `Debug` for an error: its text and those of its causes, see
/// [`report::write`](crate::report::write).
///
/// A program whose `main` returns a `Result` prints the error's `Debug` output. A derived one shows
/// names of variants and fields, and hides the advice.
///
/// ```
/// use std::fmt;
///
/// enum ConfigError {
///     NoAddress,
/// }
///
/// impl fmt::Display for ConfigError {
///     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
///         f.write_str("no address was given: name one with .address")
///     }
/// }
///
/// impl std::error::Error for ConfigError {}
///
/// tower_auth_core::debug_as_report!(ConfigError);
///
/// let error = ConfigError::NoAddress;
/// assert_eq!(format!("{error:?}"), "no address was given: name one with .address");
/// ```
#[macro_export]
macro_rules! debug_as_report {
    ($error:ty) => {
        impl ::std::fmt::Debug for $error {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                $crate::report::write(f, self)
            }
        }
    };
}

/// Implements `Debug` for a type without fields to show: its name and `..`.
///
/// ```
/// struct Keys<S> {
///     secret: S,
/// }
///
/// tower_auth_core::opaque_debug!([S] Keys<S>, "Keys");
///
/// assert_eq!(format!("{:?}", Keys { secret: "wonderland" }), "Keys { .. }");
/// ```
#[macro_export]
macro_rules! opaque_debug {
    ([$($parameters:tt)*] $type:ty, $name:literal) => {
        impl<$($parameters)*> ::std::fmt::Debug for $type {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_struct($name).finish_non_exhaustive()
            }
        }
    };
    ($type:ty, $name:literal) => {
        $crate::opaque_debug!([] $type, $name);
    };
}
