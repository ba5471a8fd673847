//! Values that are never printed.

use zeroize::Zeroize;

/// A value that must not appear in a log, an error or a panic message.
///
/// `Secret` implements neither `Debug`, `Display` nor serde's traits. A type that holds one cannot
/// derive them by accident: the leak is a compile error. The value is overwritten on drop. The only
/// access is [`expose`](Self::expose), which is easy to find in a review.
///
/// ```
/// # use tower_auth_core as tower_auth;
/// use tower_auth::Secret;
///
/// let password = Secret::new(String::from("wonderland"));
/// assert_eq!(password.expose().len(), 10);
/// ```
///
/// ```compile_fail
/// # use tower_auth_core::Secret;
/// println!("{:?}", Secret::new(String::from("wonderland")));
/// ```
#[derive(Clone)]
#[allow(missing_debug_implementations, reason = "the type that holds it decides what to show")]
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Wraps `value`.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// Returns the value. Keep it out of all output.
    #[must_use]
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}
