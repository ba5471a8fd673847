//! The claims of a verified token, in a type of the application's.

mod misfit;

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use http::Extensions;
use serde::de::DeserializeOwned;

/// The claims of this request's token, read into a type of yours.
///
/// A proof: only a layer built with [`Builder::claims`](super::Builder::claims) makes one, after
/// the signature and every other check. All claims can be read, registered ones too. A clone is
/// the same claims; `Debug` shows none of them.
///
/// ```
/// use tower_auth::bearer::Claims;
///
/// #[derive(serde::Deserialize)]
/// struct Mine { tenant: u32 }
///
/// fn tenant(extensions: &http::Extensions) -> Option<u32> {
///     extensions.get::<Claims<Mine>>().map(|claims| claims.tenant)
/// }
/// # assert_eq!(tenant(&http::Extensions::new()), None);
/// ```
pub struct Claims<T>(Arc<T>);

impl<T> Clone for Claims<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Deref for Claims<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Claims<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Claims(..)")
    }
}

/// What a layer does with the claims: nothing ([`NoClaims`]) or [`Typed`].
pub trait ReadClaims: sealed::Read + Clone {}

/// The layer leaves the claims as they are; the default.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoClaims;

/// The layer reads them into a `T` and inserts [`Claims<T>`].
pub struct Typed<T>(PhantomData<fn() -> T>);

impl<T> Typed<T> {
    pub(super) const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T> Clone for Typed<T> {
    fn clone(&self) -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for Typed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Typed")
    }
}

impl ReadClaims for NoClaims {}
impl<T: DeserializeOwned + Send + Sync + 'static> ReadClaims for Typed<T> {}

mod sealed {
    use http::Extensions;

    pub trait Read {
        /// The field that the claims do not fit.
        fn read(&self, json: &str, extensions: &mut Extensions) -> Result<(), String>;
    }
}

impl sealed::Read for NoClaims {
    fn read(&self, _: &str, _: &mut Extensions) -> Result<(), String> {
        Ok(())
    }
}

impl<T: DeserializeOwned + Send + Sync + 'static> sealed::Read for Typed<T> {
    fn read(&self, json: &str, extensions: &mut Extensions) -> Result<(), String> {
        let claims: T =
            serde_json::from_str(json).map_err(|error| misfit::describe::<T>(json, &error))?;
        extensions.insert(Claims::<T>(Arc::new(claims)));
        Ok(())
    }
}
