//! Every test runs once for each enabled library. aws-lc forges the tokens, so the tests of the
//! other library need both.

#[cfg(feature = "bearer")]
#[path = "."]
mod aws_lc {
    const BACKEND: crate::bearer::Backend = crate::bearer::Backend::AwsLc;
    mod suite;
}

#[cfg(all(feature = "bearer", feature = "bearer-rust-crypto"))]
#[path = "."]
#[allow(clippy::duplicate_mod, reason = "the same tests, with the other library")]
mod rust_crypto {
    const BACKEND: crate::bearer::Backend = crate::bearer::Backend::RustCrypto;
    mod suite;
}

#[cfg(all(feature = "bearer", feature = "bearer-rust-crypto"))]
mod alike;
