//! Two futures, of which the first to complete counts.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

/// The result of [`race`].
pub(crate) enum First<A, B> {
    Left(A),
    Right(B),
}

/// Returns the result of the future that completes first, the left one if both are complete. Drops
/// the other.
pub(crate) async fn race<A: Future, B: Future>(left: A, right: B) -> First<A::Output, B::Output> {
    let (mut left, mut right) = (pin!(left), pin!(right));
    poll_fn(|task| match left.as_mut().poll(task) {
        Poll::Ready(result) => Poll::Ready(First::Left(result)),
        Poll::Pending => right.as_mut().poll(task).map(First::Right),
    })
    .await
}
