//! The fault of a key in words.

use crate::bearer::backend::KeyFault;

pub(in crate::bearer) fn in_words(fault: KeyFault) -> &'static str {
    match fault {
        KeyFault::Unfit => "is no key for that algorithm: name the algorithm that the key is for",
        KeyFault::TooShort => {
            "is too short: secrets are at least as long as the hash (32, 48, 64 bytes), RSA keys \
             have 2048 bits or more"
        }
        KeyFault::PublicAsSecret => {
            "is a public key given as a secret: everyone could sign with it; use Key::from_pem or \
             Key::from_jwk"
        }
    }
}
