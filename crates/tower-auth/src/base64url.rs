//! Decodes base64url in the parts of every request: credentials and tokens, which are long enough
//! for vector instructions. Strict with any instruction set: no padding, no trailing bits.

/// Detects the processor's instructions once.
#[cfg(any(target_arch = "x86_64", all(target_arch = "aarch64", target_feature = "neon")))]
pub(crate) static BASE64URL: std::sync::LazyLock<base64::engine::Simd> =
    std::sync::LazyLock::new(|| {
        base64::engine::Simd::url_safe(base64::engine::general_purpose::NO_PAD)
    });
#[cfg(not(any(
    target_arch = "x86_64",
    all(target_arch = "aarch64", target_feature = "neon")
)))]
pub(crate) use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
