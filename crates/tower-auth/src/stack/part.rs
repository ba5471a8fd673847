//! The parts of a stack: the rooms' builders, not built before all of them are known.

use super::ConfigError;
use super::facts::Facts;

/// One layer of ours, which is built once it is known what else is in the stack.
pub trait Part: Sized {
    /// The layer's name.
    const NAME: &'static str;
    /// The built layer.
    type Layer;

    /// Reports what the other parts need to know.
    fn tell(&self, _facts: &mut Facts) {}

    /// Builds the layer.
    fn build(self, facts: &Facts) -> Result<Self::Layer, ConfigError>;
}

/// No part yet.
#[derive(Debug)]
#[non_exhaustive]
pub struct Nothing;

/// Parts, and one more inside of them.
#[derive(Debug)]
pub struct And<Outer, Inner>(pub(super) Outer, pub(super) Inner);

/// Somebody else's layer.
#[derive(Debug)]
pub struct Foreign<L>(pub(super) L);
