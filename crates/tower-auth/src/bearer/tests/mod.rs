//! Every test runs once for each library that is compiled in. Tokens are forged by aws-lc, so that the
//! other library's tests need both.

#[cfg(feature = "bearer")]
#[path = "."]
mod aws_lc {
    const BACKEND: crate::bearer::Backend = crate::bearer::Backend::AwsLc;
    mod suite;
}

#[cfg(all(feature = "bearer", feature = "bearer-rust-crypto"))]
#[path = "."]
#[allow(clippy::duplicate_mod, reason = "the same tests, by the other library")]
mod rust_crypto {
    const BACKEND: crate::bearer::Backend = crate::bearer::Backend::RustCrypto;
    mod suite;
}

#[cfg(all(feature = "bearer", feature = "bearer-rust-crypto"))]
mod alike;
