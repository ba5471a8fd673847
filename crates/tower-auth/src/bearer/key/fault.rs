//! The description of a key's fault.

use crate::bearer::backend::KeyFault;

pub(in crate::bearer) fn in_words(fault: KeyFault) -> &'static str {
    match fault {
        KeyFault::Unfit => "is not a key for that algorithm: name the key's own algorithm",
        KeyFault::TooShort => {
            "is too short: secrets need at least the length of the hash (32, 48, 64 bytes), RSA \
             keys at least 2048 bits"
        }
        KeyFault::PublicAsSecret => {
            "is a public key used as a secret: anyone could sign with it; use Key::from_pem or \
             Key::from_jwk"
        }
    }
}
