//! The points of Ed25519 with small order. Under such a "public key" anyone can sign: some
//! signatures are valid for every message, or for one in eight.

/// The y coordinates of these points, little-endian, and the values equal to them modulo p.
const SMALL: [[u8; 32]; 7] = [
    // 0, of order 4.
    [0; 32],
    // 1, of order 1.
    with_ends(1, 0, 0),
    // The two of order 8.
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
    // p - 1, of order 2.
    with_ends(0xec, 0xff, 0x7f),
    // p, which is 0.
    with_ends(0xed, 0xff, 0x7f),
    // p + 1, which is 1.
    with_ends(0xee, 0xff, 0x7f),
];

const fn with_ends(first: u8, middle: u8, last: u8) -> [u8; 32] {
    let mut bytes = [middle; 32];
    bytes[0] = first;
    bytes[31] = last;
    bytes
}

/// Returns `true` if the 32 bytes are a point of small order. The sign of x, the highest bit, does
/// not matter.
pub(super) fn is_small(point: &[u8]) -> bool {
    let Ok(mut y) = <[u8; 32]>::try_from(point) else { return false };
    y[31] &= 0x7f;
    SMALL.contains(&y)
}

#[cfg(all(test, feature = "bearer-rust-crypto"))]
mod tests {
    use ed25519_dalek::VerifyingKey;

    use super::*;

    #[test]
    fn the_list_is_of_such_points_alone() {
        let mut points = 0;
        for mut point in SMALL {
            for sign in [0, 0x80] {
                point[31] |= sign;
                assert!(is_small(&point));
                // Some points have no x of that sign.
                if let Ok(key) = VerifyingKey::from_bytes(&point) {
                    assert!(key.is_weak(), "{point:02x?}");
                    points += 1;
                }
            }
        }
        assert!(points >= 8, "expected at least eight points, found {points}");
    }
}
