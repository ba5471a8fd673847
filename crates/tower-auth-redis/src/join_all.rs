//! Concurrent futures.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

/// Runs the futures concurrently until all are done. Returns the outputs in the order of the
/// futures.
pub(crate) async fn join_all<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    enum Slot<F: Future> {
        Open(Pin<Box<F>>),
        Done(Option<F::Output>),
    }

    let mut slots: Vec<_> = futures.into_iter().map(|it| Slot::Open(Box::pin(it))).collect();
    poll_fn(|cx| {
        let mut all = true;
        for slot in &mut slots {
            if let Slot::Open(future) = slot {
                match future.as_mut().poll(cx) {
                    Poll::Ready(answer) => *slot = Slot::Done(Some(answer)),
                    Poll::Pending => all = false,
                }
            }
        }
        if all { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    let done = slots.into_iter().filter_map(|slot| match slot {
        Slot::Done(answer) => answer,
        Slot::Open(_) => None,
    });
    done.collect()
}
