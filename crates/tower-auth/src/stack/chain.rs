//! Adjacent layers of this crate become one service; a foreign layer splits them.

use std::sync::Arc;

use tower_layer::{Identity, Layer, Stack};

use super::StackConfigError;
use super::pending_layer::{Foreign, Nothing, PendingLayer, Stacked};
use super::shared_facts::SharedFacts;
use crate::service::{AuthService, Pair};

/// Layers of this crate, combined into one layer. All services that it creates share their
/// settings.
#[derive(Debug)]
pub struct Combined<L>(Arc<L>);

impl<L> Clone for Combined<L> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S, L> Layer<S> for Combined<L> {
    type Service = AuthService<S, L>;

    fn layer(&self, inner: S) -> AuthService<S, L> {
        AuthService::new(inner, self.0.clone())
    }
}

/// Built layers whose innermost is foreign, or no layers.
#[derive(Debug)]
pub struct Closed<Outside>(Outside);

/// Built layers whose innermost, `L`, accepts further layers of this crate into its service.
#[derive(Debug)]
pub struct Open<Outside, L>(Outside, L);

/// Built layers, to which another is added or which are complete.
pub trait Built: Sized {
    /// The tower layer.
    type Layer;
    /// The chain with one more layer of this crate inside.
    type With<L>: Built;

    /// Adds a layer of this crate inside.
    fn with<L>(self, layer: L) -> Self::With<L>;

    /// Ends the chain.
    fn end(self) -> Self::Layer;
}

impl<O> Built for Closed<O> {
    type Layer = O;
    type With<L> = Open<O, L>;

    fn with<L>(self, layer: L) -> Open<O, L> {
        Open(self.0, layer)
    }

    fn end(self) -> O {
        self.0
    }
}

impl<O, L> Built for Open<O, L> {
    type Layer = Stack<Combined<L>, O>;
    type With<P> = Open<O, Pair<L, P>>;

    fn with<P>(self, layer: P) -> Self::With<P> {
        Open(self.0, Pair::new(self.1, layer))
    }

    fn end(self) -> Self::Layer {
        Stack::new(Combined(Arc::new(self.1)), self.0)
    }
}

/// The parts of a stack before they are built.
pub trait Chain: Sized {
    /// The type of the built layers.
    type Built: Built;

    /// Adds the layers' names, the outermost first.
    fn names(&self, names: &mut Vec<&'static str>);

    /// Lets each part contribute the facts that the others need.
    fn contribute(&self, facts: &mut SharedFacts);

    /// Builds the layers. The outermost is first, so that its error is reported first.
    fn build(self, facts: &SharedFacts) -> Result<Self::Built, StackConfigError>;
}

impl Chain for Nothing {
    type Built = Closed<Identity>;

    fn names(&self, _: &mut Vec<&'static str>) {}

    fn contribute(&self, _: &mut SharedFacts) {}

    fn build(self, _: &SharedFacts) -> Result<Self::Built, StackConfigError> {
        Ok(Closed(Identity::new()))
    }
}

impl<Outer: Chain, P: PendingLayer> Chain for Stacked<Outer, P> {
    type Built = <Outer::Built as Built>::With<P::Layer>;

    fn names(&self, names: &mut Vec<&'static str>) {
        self.0.names(names);
        names.push(P::NAME);
    }

    fn contribute(&self, facts: &mut SharedFacts) {
        self.0.contribute(facts);
        self.1.contribute(facts);
    }

    fn build(self, facts: &SharedFacts) -> Result<Self::Built, StackConfigError> {
        Ok(self.0.build(facts)?.with(self.1.build(facts)?))
    }
}

impl<Outer: Chain, L> Chain for Stacked<Outer, Foreign<L>> {
    type Built = Closed<Stack<L, <Outer::Built as Built>::Layer>>;

    fn names(&self, names: &mut Vec<&'static str>) {
        self.0.names(names);
        names.push("foreign layer");
    }

    fn contribute(&self, facts: &mut SharedFacts) {
        self.0.contribute(facts);
        facts.foreign = true;
    }

    fn build(self, facts: &SharedFacts) -> Result<Self::Built, StackConfigError> {
        Ok(Closed(Stack::new(self.1.0, self.0.build(facts)?.end())))
    }
}
