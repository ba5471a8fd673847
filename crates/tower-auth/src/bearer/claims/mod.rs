//! The claims of a verified token, in an application-defined type.

mod misfit;

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use http::Extensions;
use serde::de::DeserializeOwned;

/// The claims of the request's token, deserialized into an application-defined type.
///
/// The value is a proof: only a layer built with [`BearerJwtLayerBuilder::claims`](super::BearerJwtLayerBuilder::claims)
/// creates one, after the signature and every other check. `T` can read all claims, including
/// registered ones. Clones share the same claims, and `Debug` does not show them.
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

/// The use that a layer makes of the claims: none ([`NoClaims`]), or [`Typed`].
pub trait ReadClaims: sealed::Read + Clone {}

/// Does not read the claims. This is the default.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoClaims;

/// Deserializes the claims into a `T` and inserts [`Claims<T>`].
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

/// Claims that were read, for this request and for later ones with the same token.
pub(super) type Kept = Option<Arc<dyn Any + Send + Sync>>;

mod sealed {
    use http::Extensions;

    use super::Kept;

    pub trait Read {
        /// Reads the claims. The error names the field that does not fit.
        fn read(&self, json: &str) -> Result<Kept, String>;

        /// Inserts what `read` returned.
        fn insert(&self, claims: &Kept, extensions: &mut Extensions);
    }
}

impl sealed::Read for NoClaims {
    fn read(&self, _: &str) -> Result<Kept, String> {
        Ok(None)
    }

    fn insert(&self, _: &Kept, _: &mut Extensions) {}
}

impl<T: DeserializeOwned + Send + Sync + 'static> sealed::Read for Typed<T> {
    fn read(&self, json: &str) -> Result<Kept, String> {
        let claims: T =
            serde_json::from_str(json).map_err(|error| misfit::describe::<T>(json, &error))?;
        Ok(Some(Arc::new(claims)))
    }

    fn insert(&self, claims: &Kept, extensions: &mut Extensions) {
        // `read` of the same layer made the value, so it is a `T`.
        if let Some(Ok(claims)) = claims.clone().map(Arc::downcast::<T>) {
            extensions.insert(Claims(claims));
        }
    }
}
