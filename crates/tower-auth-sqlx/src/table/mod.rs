//! The parts that both databases share.

pub(crate) mod cleanup;
pub(crate) mod columns;
pub(crate) mod failure;
pub(crate) mod json;
pub(crate) mod names;
pub(crate) mod number;
pub(crate) mod page;
pub(crate) mod sql;
