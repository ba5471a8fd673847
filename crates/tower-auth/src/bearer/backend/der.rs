//! The outer structures of DER.

pub(super) const SEQUENCE: u8 = 0x30;

/// Returns `true` if the bytes are one sequence with nothing after it.
pub(super) fn is_sequence(der: &[u8]) -> bool {
    matches!(element(der), Some((SEQUENCE, _, [])))
}

/// Returns the private number of a key for ECDSA in PKCS#8 (RFC 5208), which holds it as RFC 5915
/// says.
pub(super) fn private_number(pkcs8: &[u8]) -> Option<&[u8]> {
    let inside = |bytes| element(bytes).map(|(_, inside, _)| inside);
    let after = |bytes| element(bytes).map(|(_, _, after)| after);
    // The version, the algorithm, then the key: its version, then the number.
    let key = inside(after(after(inside(pkcs8)?)?)?)?;
    inside(after(inside(key)?)?)
}

/// Returns the first element's tag and content, and the bytes after the element.
pub(super) fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = der.split_first()?;
    let (length, rest) = rest.split_first()?;
    let (length, rest) = match *length {
        short @ ..0x80 => (usize::from(short), rest),
        long => {
            let (digits, rest) = rest.split_at_checked(usize::from(long & 0x7f))?;
            let fold = |sum: usize, digit: &u8| sum.checked_mul(256)?.checked_add((*digit).into());
            (digits.iter().try_fold(0, fold)?, rest)
        }
    };
    let (inside, after) = rest.split_at_checked(length)?;
    Some((*tag, inside, after))
}
