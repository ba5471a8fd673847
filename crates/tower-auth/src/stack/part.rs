//! The parts of a stack: the rooms' builders, not built before all of them are known.

use tower_layer::{Identity, Stack};

use super::ConfigError;
use super::facts::Facts;

/// What can be built into a layer once it is known what else is in the stack.
pub trait Part: Sized {
    /// What it becomes.
    type Layer;

    /// The names of its layers, the outermost first.
    fn names(&self, names: &mut Vec<&'static str>);

    /// Tells the other parts what they need to know.
    fn tell(&self, _facts: &mut Facts) {}

    /// The layer.
    fn build(self, facts: &Facts) -> Result<Self::Layer, ConfigError>;
}

/// No part yet.
#[derive(Debug)]
#[non_exhaustive]
pub struct Nothing;

impl Part for Nothing {
    type Layer = Identity;

    fn names(&self, _: &mut Vec<&'static str>) {}

    fn build(self, _: &Facts) -> Result<Identity, ConfigError> {
        Ok(Identity::new())
    }
}

/// Parts, and one more inside of them.
#[derive(Debug)]
pub struct And<Outer, Inner>(pub(super) Outer, pub(super) Inner);

impl<Outer: Part, Inner: Part> Part for And<Outer, Inner> {
    type Layer = Stack<Inner::Layer, Outer::Layer>;

    fn names(&self, names: &mut Vec<&'static str>) {
        self.0.names(names);
        self.1.names(names);
    }

    fn tell(&self, facts: &mut Facts) {
        self.0.tell(facts);
        self.1.tell(facts);
    }

    fn build(self, facts: &Facts) -> Result<Self::Layer, ConfigError> {
        // The outermost first, so that it is the first to report.
        let outer = self.0.build(facts)?;
        Ok(Stack::new(self.1.build(facts)?, outer))
    }
}

/// Somebody else's layer.
#[derive(Debug)]
pub struct Foreign<L>(pub(super) L);

impl<L> Part for Foreign<L> {
    type Layer = L;

    fn names(&self, names: &mut Vec<&'static str>) {
        names.push("another's");
    }

    fn tell(&self, facts: &mut Facts) {
        facts.foreign = true;
    }

    fn build(self, _: &Facts) -> Result<L, ConfigError> {
        Ok(self.0)
    }
}
