//! The check whether 32 bytes are a point of Ed25519. aws-lc accepts any bytes, and then refuses
//! every signature.
//!
//! Numbers are modulo p = 2²⁵⁵ − 19, as four digits of 64 bits that may exceed p. Public keys are
//! not secret, so the running time may depend on them. The check runs once for each key.

type Number = [u64; 4];

const ZERO: Number = [0; 4];
const ONE: Number = [1, 0, 0, 0];
/// The prime p.
const P: Number = [u64::MAX - 18, u64::MAX, u64::MAX, u64::MAX >> 1];
/// −1 modulo p.
const MINUS_ONE: Number = [u64::MAX - 19, u64::MAX, u64::MAX, u64::MAX >> 1];
/// The curve's constant d, −121665/121666.
const D: Number =
    [0x75eb_4dca_1359_78a3, 0x0070_0a4d_4141_d8ab, 0x8cc7_4079_7779_e898, 0x5203_6cee_2b6f_fe73];

/// Returns `true` if the bytes are a point (RFC 8032, 5.1.3): y is below p, and there is an x with
/// x² = (y² − 1) / (dy² + 1).
///
/// The sign of x is not checked. It only matters for x = 0, which has a single sign, and such
/// points have small order.
pub(super) fn is_point(bytes: &[u8]) -> bool {
    let Ok(bytes) = <[u8; 32]>::try_from(bytes) else { return false };
    let mut y = ZERO;
    for (digit, bytes) in y.iter_mut().zip(bytes.chunks_exact(8)) {
        *digit = bytes.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
    }
    y[3] &= u64::MAX >> 1;
    if !is_below_p(y) {
        return false;
    }
    let square = multiply(y, y);
    // A quotient is a square if and only if the product is one.
    is_square(multiply(add(square, MINUS_ONE), add(multiply(D, square), ONE)))
}

/// Applies Euler's criterion: the number to the power of (p − 1) / 2 = 2²⁵⁴ − 10 is 1, or the
/// number is zero.
fn is_square(number: Number) -> bool {
    let mut power = ONE;
    for bit in (0..254).rev() {
        power = multiply(power, power);
        // 2²⁵⁴ − 1 without 9.
        if bit != 0 && bit != 3 {
            power = multiply(power, number);
        }
    }
    matches!(reduced(power), ZERO | ONE)
}

fn is_below_p(number: Number) -> bool {
    number.iter().rev().lt(P.iter().rev())
}

fn reduced(mut number: Number) -> Number {
    while !is_below_p(number) {
        let mut borrow = false;
        for (digit, p) in number.iter_mut().zip(P) {
            let (difference, one) = digit.overflowing_sub(p);
            let (difference, two) = difference.overflowing_sub(borrow.into());
            (*digit, borrow) = (difference, one || two);
        }
    }
    number
}

fn add(one: Number, other: Number) -> Number {
    let mut sum = ZERO;
    let mut carry = 0;
    for ((sum, one), other) in sum.iter_mut().zip(one).zip(other) {
        (*sum, carry) = split(u128::from(one) + u128::from(other) + u128::from(carry));
    }
    fold(sum, carry)
}

fn multiply(one: Number, other: Number) -> Number {
    let mut wide = [0; 8];
    for (at, digit) in one.into_iter().enumerate() {
        let mut carry = 0;
        for (wide, other) in wide[at..].iter_mut().zip(other) {
            let product = u128::from(digit) * u128::from(other);
            (*wide, carry) = split(product + u128::from(*wide) + u128::from(carry));
        }
        wide[at + 4] = carry;
    }
    let mut sum = ZERO;
    let mut carry = 0;
    for ((sum, low), high) in sum.iter_mut().zip(&wide[..4]).zip(&wide[4..]) {
        (*sum, carry) = split(u128::from(*high) * 38 + u128::from(*low) + u128::from(carry));
    }
    fold(sum, carry)
}

/// Adds the digits above 2²⁵⁶, which is 38 modulo p.
fn fold(mut number: Number, mut above: u64) -> Number {
    while above != 0 {
        // `above` is small: the carry of a sum, or of a product, which is below 38.
        let mut carry = above * 38;
        for digit in &mut number {
            (*digit, carry) = split(u128::from(*digit) + u128::from(carry));
        }
        above = carry;
    }
    number
}

/// Splits a number into its lower and upper half.
#[allow(clippy::cast_possible_truncation, reason = "the upper half is kept separately")]
const fn split(number: u128) -> (u64, u64) {
    (number as u64, (number >> 64) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_above_p_are_reduced() {
        let most = [u64::MAX; 4];
        // 2²⁵⁶ − 1 is 37, and its square 1369.
        assert_eq!(reduced(most), [37, 0, 0, 0]);
        assert_eq!(reduced(multiply(most, most)), [1369, 0, 0, 0]);
        assert_eq!(reduced(add(most, most)), [74, 0, 0, 0]);
        assert_eq!(reduced(P), ZERO);
        assert_eq!(reduced(add(MINUS_ONE, ONE)), ZERO);
        assert_eq!(reduced(multiply(MINUS_ONE, MINUS_ONE)), ONE);
    }

    #[test]
    fn squares_are_told_from_others() {
        for number in 1..50 {
            assert!(is_square(multiply([number, 0, 0, 0], [number, 0, 0, 0])));
            // 2 is not a square modulo p, so twice a square is not one either.
            let double = multiply([2, 0, 0, 0], [number, 0, 0, 0]);
            assert!(!is_square(multiply(double, [number, 0, 0, 0])));
        }
        assert!(is_square(ZERO) && is_square(MINUS_ONE) && !is_square(D));
    }

    /// The first test vector of RFC 8032, 7.1, and the base point.
    #[test]
    fn known_keys_are_points() {
        let mut base = [0x66; 32];
        base[0] = 0x58;
        let key = [
            0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64,
            0x07, 0x3a, 0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68,
            0xf7, 0x07, 0x51, 0x1a,
        ];
        assert!(is_point(&base) && is_point(&key));
        assert!(!is_point(&key[1..]) && !is_point(&[0xff; 32]));
    }
}
