//! The progress of a stack, and the setters that may follow.
//!
//! The states are few. Each setter requires a trait with its own error message, so that a wrong
//! order is a compile error that names the fix. Every state implements [`State`] completely, so
//! that the compiler reports a mistake once, and not again for the types that follow from it.

/// No layer yet, only shared settings.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Start;

/// State after `.cookies()`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Cookies;

/// State after `.csrf()`: credentials in cookies are allowed.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Guarded;

/// State after `.refresh()`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Refreshing<Guard>(std::marker::PhantomData<Guard>);

/// State after `.session()` or `.bearer()`: the stack proves an identity, which `.require` can
/// check.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Identified<Guard, By>(std::marker::PhantomData<(Guard, By)>);

/// State after `.require()`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Required;

/// No protection for the credentials that browsers attach on their own.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Open;

/// The session proves the identity.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct BySession;

/// The bearer token proves the identity.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ByBearer;

/// The session or the bearer token proves the identity.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ByBoth;

/// The state after each setter, even if the setter is not allowed.
pub trait State {
    /// State after `.refresh()`.
    type Refreshed;
    /// State after `.session()`.
    type WithSession;
    /// State after `.bearer()`.
    type WithBearer;
}

impl State for Start {
    type Refreshed = Refreshing<Open>;
    type WithSession = Identified<Open, BySession>;
    type WithBearer = Identified<Open, ByBearer>;
}

impl State for Cookies {
    type Refreshed = Refreshing<Open>;
    type WithSession = Identified<Open, BySession>;
    type WithBearer = Identified<Open, ByBearer>;
}

impl State for Guarded {
    type Refreshed = Refreshing<Self>;
    type WithSession = Identified<Self, BySession>;
    type WithBearer = Identified<Self, ByBearer>;
}

impl<G> State for Refreshing<G> {
    type Refreshed = Self;
    type WithSession = Identified<G, BySession>;
    type WithBearer = Identified<G, ByBearer>;
}

impl<G> State for Identified<G, BySession> {
    type Refreshed = Self;
    type WithSession = Self;
    type WithBearer = Identified<G, ByBoth>;
}

impl<G> State for Identified<G, ByBearer> {
    type Refreshed = Self;
    type WithSession = Identified<G, ByBoth>;
    type WithBearer = Self;
}

impl<G> State for Identified<G, ByBoth> {
    type Refreshed = Self;
    type WithSession = Self;
    type WithBearer = Self;
}

impl State for Required {
    type Refreshed = Self;
    type WithSession = Self;
    type WithBearer = Self;
}
