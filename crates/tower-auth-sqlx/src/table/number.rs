//! Unsigned 64-bit numbers in signed columns.
//!
//! All times, idle timeouts and versions are unsigned and use the full range; the largest value
//! means "never". A `bigint` is signed. The column holds the number minus 2⁶³: no value is lost and
//! the order is preserved, so SQL can compare the columns directly.

/// Converts a number to its column value.
pub(crate) const fn to_column(number: u64) -> i64 {
    (number ^ (1 << 63)).cast_signed()
}

/// Converts a column value to its number.
pub(crate) const fn from_column(column: i64) -> u64 {
    column.cast_unsigned() ^ (1 << 63)
}

#[cfg(test)]
mod tests {
    use super::{from_column, to_column};

    #[test]
    fn nothing_is_lost_and_the_order_stays() {
        let half = 1 << 63;
        let numbers =
            [0, 1, 1_767_225_600_000_000, half - 1, half, half + 1, u64::MAX - 1, u64::MAX];
        for pair in numbers.windows(2) {
            assert!(to_column(pair[0]) < to_column(pair[1]), "{pair:?}");
        }
        for number in numbers {
            assert_eq!(from_column(to_column(number)), number);
        }
        assert_eq!((to_column(0), to_column(u64::MAX)), (i64::MIN, i64::MAX));
    }
}
