//! Public keys in PEM.

/// The DER within; only of what can be a public key.
pub(in crate::bearer) fn public(text: &[u8]) -> Result<Vec<u8>, &'static str> {
    let pem = pem::parse(text).map_err(|_| "is no PEM text")?;
    match pem.tag() {
        "PUBLIC KEY" | "RSA PUBLIC KEY" => Ok(pem.into_contents()),
        "CERTIFICATE" => Err("is a certificate: give the public key that it certifies"),
        tag if tag.ends_with("PRIVATE KEY") => {
            Err("is a private key: give the public key, the issuer alone needs the private one")
        }
        _ => Err("is no PEM of a public key"),
    }
}
