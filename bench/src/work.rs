//! One measured work.

use crate::call::Call;

/// One operation of a layer or a stack.
#[derive(Clone, Copy)]
pub struct Work {
    /// The name in the table.
    pub name: &'static str,
    /// The base that is subtracted: the same request without the layers. `None` if nothing is
    /// subtracted.
    pub over: Option<fn() -> Call>,
    /// Prepares the work.
    pub make: fn() -> Call,
    /// The number of runs; small for a long work.
    pub times: u32,
    /// The target: the most instructions.
    pub instructions: Option<u64>,
    /// The target: the most allocations.
    pub allocations: Option<u64>,
}

impl Work {
    /// Creates a work without a target, for comparison.
    pub(crate) const fn new(name: &'static str, over: fn() -> Call, make: fn() -> Call) -> Self {
        Self { name, over: Some(over), make, times: 500, instructions: None, allocations: None }
    }

    /// Creates a work without a base.
    pub(crate) const fn alone(name: &'static str, make: fn() -> Call) -> Self {
        Self { name, over: None, make, times: 500, instructions: None, allocations: None }
    }

    pub(crate) const fn aims(self, instructions: u64) -> Self {
        Self { instructions: Some(instructions), ..self }
    }

    pub(crate) const fn allocates(self, allocations: u64) -> Self {
        Self { allocations: Some(allocations), ..self }
    }

    pub(crate) const fn times(self, times: u32) -> Self {
        Self { times, ..self }
    }
}
