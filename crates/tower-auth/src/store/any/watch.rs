//! The wrapper of every step of a store: the span, the time limit, and the event of a failure.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;
use tower_auth_core::event::{Event, EventKind, in_store_span};
use tower_auth_core::store::{StoreError, StoreErrorKind};
use tower_auth_core::timer::{Sleep, Timer as _};
use tower_auth_core::{AnyTimer, Events};

/// The settings of one [`AnyStore`](super::AnyStore).
#[derive(Clone)]
pub(super) struct Watch {
    /// The layer that uses the store, and its sink. Without a layer, no events are emitted.
    pub(super) layer: Option<(&'static str, Events)>,
    /// The timer. Without it there is no limit.
    pub(super) timer: Option<AnyTimer>,
    /// The time limit of a step.
    pub(super) limit: Duration,
    /// The time limit of a step on all records of an owner.
    pub(super) limit_for_all: Duration,
}

impl Watch {
    /// Runs a step on one record.
    pub(super) async fn over<T>(
        &self,
        command: &'static str,
        step: Pin<&mut impl Future<Output = Result<T, StoreError>>>,
    ) -> Result<T, StoreError> {
        self.watch(command, self.limit, step).await
    }

    /// Runs a step on an owner's records, which may be many.
    pub(super) async fn over_all<T>(
        &self,
        command: &'static str,
        step: Pin<&mut impl Future<Output = Result<T, StoreError>>>,
    ) -> Result<T, StoreError> {
        self.watch(command, self.limit_for_all, step).await
    }

    /// Takes the step by reference, pinned in the boxed future. By value, each future that it
    /// passes through would contain it, and the box would be several times as large.
    async fn watch<T>(
        &self,
        command: &'static str,
        limit: Duration,
        step: Pin<&mut impl Future<Output = Result<T, StoreError>>>,
    ) -> Result<T, StoreError> {
        let step = Limited { step, timer: self.timer.as_ref(), limit, sleep: None };
        let result = in_store_span(command, step).await;
        // A record that is too large is the writer's mistake, not a failure of the store.
        if let (Err(error), Some((layer, events))) = (&result, &self.layer)
            && error.kind() != StoreErrorKind::TooLarge
        {
            events.emit(Event::new(EventKind::StoreFailed, layer).because(error.kind().code()));
        }
        result
    }
}

pin_project! {
    /// A step that is cancelled when its time is over. The delay is created only if the first poll
    /// does not return the answer, so a step that is answered at once costs no timer.
    struct Limited<'a, F> {
        #[pin]
        step: F,
        timer: Option<&'a AnyTimer>,
        limit: Duration,
        sleep: Option<Sleep>,
    }
}

impl<T, F: Future<Output = Result<T, StoreError>>> Future for Limited<'_, F> {
    type Output = Result<T, StoreError>;

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        // Polled first, so that an answer that arrived in time counts, even if it is polled late.
        if let Poll::Ready(answer) = this.step.poll(task) {
            return Poll::Ready(answer);
        }
        let Some(timer) = this.timer else { return Poll::Pending };
        let sleep = this.sleep.get_or_insert_with(|| timer.sleep(*this.limit));
        sleep.as_mut().poll(task).map(|()| Err(StoreError::unavailable(TimedOut(*this.limit))))
    }
}

/// The step took too long. The store may have done it, and may still do it.
#[derive(Debug)]
struct TimedOut(Duration);

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the store did not answer within {:?}, its step_timeout", self.0)
    }
}

impl std::error::Error for TimedOut {}
