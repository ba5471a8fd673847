//! Pairs of works that differ in a number.

use crate::work::Work;

/// The same work on a small and on a large number.
#[derive(Clone, Copy)]
pub struct Growth {
    /// The unit of the number.
    pub what: &'static str,
    /// The small number, and its work.
    pub few: (u32, Work),
    /// The large number, and its work.
    pub many: (u32, Work),
}
