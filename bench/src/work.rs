//! One thing that is counted.

use crate::call::Call;

/// One thing that a layer or a stack does.
#[derive(Clone, Copy)]
pub struct Work {
    /// What the table calls it.
    pub name: &'static str,
    /// What it is counted on top of: the same request without the layers. `None` for what is
    /// counted as it stands.
    pub over: Option<fn() -> Call>,
    /// Makes it.
    pub make: fn() -> Call,
    /// How often it is run; few times where each is long.
    pub times: u32,
    /// The most instructions that we aim for.
    pub instructions: Option<u64>,
    /// The most allocations that we aim for.
    pub allocations: Option<u64>,
}

impl Work {
    /// Without an aim: for what is there to be compared with.
    pub(crate) const fn new(name: &'static str, over: fn() -> Call, make: fn() -> Call) -> Self {
        Self { name, over: Some(over), make, times: 500, instructions: None, allocations: None }
    }

    /// Counted as it stands.
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
