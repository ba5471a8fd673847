//! [`PendingLayer`]: a layer that a stack builds once all its layers are known.

use super::StackConfigError;
use super::shared_facts::SharedFacts;

/// A layer of this crate that is built once the rest of the stack is known.
pub trait PendingLayer: Sized {
    /// The layer's name.
    const NAME: &'static str;
    /// The built layer.
    type Layer;

    /// Contributes the facts that the other parts need.
    fn contribute(&self, _facts: &mut SharedFacts) {}

    /// Builds the layer.
    fn build(self, facts: &SharedFacts) -> Result<Self::Layer, StackConfigError>;
}

/// A stack without parts.
#[derive(Debug)]
#[non_exhaustive]
pub struct Nothing;

/// The outer parts, and one part inside them.
#[derive(Debug)]
pub struct Stacked<Outer, Inner>(pub(super) Outer, pub(super) Inner);

/// A layer of another crate.
#[derive(Debug)]
pub struct Foreign<L>(pub(super) L);
