//! Public keys in PEM.

/// Returns the DER of a PEM that can hold a public key.
pub(in crate::bearer) fn public(text: &[u8]) -> Result<Vec<u8>, &'static str> {
    let pem = pem::parse(text).map_err(|_| "is not valid PEM")?;
    match pem.tag() {
        "PUBLIC KEY" | "RSA PUBLIC KEY" => Ok(pem.into_contents()),
        "CERTIFICATE" => Err("is a certificate: pass the public key that it certifies"),
        tag if tag.ends_with("PRIVATE KEY") => {
            Err("is a private key: pass the public key, only the issuer needs the private one")
        }
        _ => Err("is not the PEM of a public key"),
    }
}
