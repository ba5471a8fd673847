//! How far a stack has come, and what may come next.
//!
//! The states are few; what each setter asks for is a trait with one sentence, so that a wrong
//! order is a compile error which says what to do. Every state has every `Then…`, so that one
//! mistake is reported once and not again for the types that follow from it.

/// Nothing but shared settings so far.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Start;

/// After `.cookies()`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Cookies;

/// After `.csrf()`: what authenticates by cookie may come.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Guarded;

/// After `.refresh()`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Refreshing<Guard>(std::marker::PhantomData<Guard>);

/// After `.session()` or `.bearer()`: there is an identity that a handler may require.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Identified<Guard, By>(std::marker::PhantomData<(Guard, By)>);

/// After `.require()`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Required;

/// Nothing guards what a browser attaches by itself.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Open;

/// By session.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct BySession;

/// By bearer token.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ByBearer;

/// By session or bearer token.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ByBoth;

/// What comes after a state, whether it may or not.
pub trait State {
    /// After `.refresh()`.
    type Refreshed;
    /// After `.session()`.
    type WithSession;
    /// After `.bearer()`.
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
