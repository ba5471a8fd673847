//! Unsigned 64-bit numbers in columns that are signed.
//!
//! All moments, idle times and versions are unsigned, up to the very last ("never ends"); a
//! `bigint` is signed. The column holds the number less 2⁶³: nothing is lost, and the order stays,
//! so that SQL compares them as they are.

/// What the column holds.
pub(crate) const fn to_column(number: u64) -> i64 {
    (number ^ (1 << 63)).cast_signed()
}

/// What a column's value means.
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
