//! Decides whether the service that was polled ready must be kept while a layer waits.

use super::Never;

/// [`NeverWaits`] or [`MayWait`].
pub trait WaitMode {
    /// The mode of a pair.
    type Or<W: WaitMode>: WaitMode;
    /// The storage of a waiting request. For [`NeverWaits`] this type has no value, so the future
    /// holds neither the service nor the request's body, and its `Send` does not depend on them.
    type Slot<T>;

    /// The waiting request, if there is one.
    fn get<T>(slot: &mut Self::Slot<T>) -> Option<&mut T>;

    /// Takes the waiting request out.
    fn take<T>(slot: &mut Self::Slot<T>) -> Option<Box<T>>;
}

/// Keeps the service that was polled ready, so that it can be called after a wait.
#[diagnostic::on_unimplemented(
    message = "`{S}` must be `Clone`: a layer may wait for its store before it calls the service",
    label = "cannot be kept while the layer waits"
)]
pub trait KeepReady<S>: WaitMode {
    /// Leaves a clone in the service's place, and keeps the result of `hold`.
    fn keep<T>(inner: &mut S, hold: impl FnOnce(S) -> T) -> Self::Slot<T>;
}

/// The inner service is called at once. It need not be `Clone`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct NeverWaits;

/// The inner service may be called later. It must be `Clone`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct MayWait;

impl WaitMode for NeverWaits {
    type Or<W: WaitMode> = W;
    type Slot<T> = Never;

    fn get<T>(slot: &mut Never) -> Option<&mut T> {
        match *slot {}
    }

    fn take<T>(slot: &mut Never) -> Option<Box<T>> {
        match *slot {}
    }
}

impl WaitMode for MayWait {
    type Or<W: WaitMode> = Self;
    type Slot<T> = Option<Box<T>>;

    fn get<T>(slot: &mut Option<Box<T>>) -> Option<&mut T> {
        slot.as_deref_mut()
    }

    fn take<T>(slot: &mut Option<Box<T>>) -> Option<Box<T>> {
        slot.take()
    }
}

impl<S> KeepReady<S> for NeverWaits {
    fn keep<T>(_: &mut S, _: impl FnOnce(S) -> T) -> Never {
        unreachable!("a layer with `NeverWaits` has no `Loading` to return")
    }
}

impl<S: Clone> KeepReady<S> for MayWait {
    fn keep<T>(inner: &mut S, hold: impl FnOnce(S) -> T) -> Option<Box<T>> {
        let clone = inner.clone();
        Some(Box::new(hold(std::mem::replace(inner, clone))))
    }
}
