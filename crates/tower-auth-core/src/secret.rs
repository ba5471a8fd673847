//! Values that never print.

use zeroize::Zeroize;

/// A value that must not reach a log, an error or a panic message.
///
/// It has no `Debug`, no `Display` and no serde, so a type that holds one cannot derive them by
/// accident: the leak is a compile error. It is overwritten when dropped. The one way to the
/// value is [`expose`](Self::expose), which is easy to find in a review.
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
#[allow(missing_debug_implementations, reason = "what holds one must say itself what is shown")]
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Wraps the value.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself; keep it off every output.
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
