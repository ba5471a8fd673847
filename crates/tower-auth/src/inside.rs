//! The future of a layer that only calls on: nothing awaited before the inner service, nothing
//! after. Each room's `ResponseFuture` wraps it or has it as its common case.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context as Task, Poll};

use http::Response;
use pin_project_lite::pin_project;

/// A layer's stay in one request: it ends with the response, or is dropped without one.
pub(crate) trait Stay<B> {
    /// The response goes out.
    fn finish(self, response: &mut Response<B>);
}

/// For a layer that leaves nothing behind.
impl<B> Stay<B> for () {
    fn finish(self, _response: &mut Response<B>) {}
}

pin_project! {
    /// The inner service's future within a stay, or a refusal in its place.
    #[project = InsideProjection]
    pub(crate) enum Inside<F, B, S> {
        Running {
            // Dropped before the stay: what the handler's destructors still do is within it.
            #[pin]
            future: F,
            stay: Option<S>,
        },
        Refused {
            response: Option<Response<B>>,
        },
    }
}

impl<F, B, S> Inside<F, B, S> {
    pub(crate) const fn running(future: F, stay: S) -> Self {
        Self::Running { future, stay: Some(stay) }
    }

    pub(crate) const fn refused(response: Response<B>) -> Self {
        Self::Refused { response: Some(response) }
    }
}

impl<F, B, E, S> Future for Inside<F, B, S>
where
    F: Future<Output = Result<Response<B>, E>>,
    S: Stay<B>,
{
    type Output = Result<Response<B>, E>;

    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Self::Output> {
        match self.project() {
            InsideProjection::Running { future, stay } => {
                // Worked on where it lies: to take it apart would move it once for each layer.
                let mut polled = future.poll(task);
                if let Poll::Ready(result) = &mut polled {
                    match (stay.take(), result) {
                        (Some(stay), Ok(response)) => stay.finish(response),
                        // An error ends the stay here, not with the future: a retry may come first.
                        (stay, _) => drop(stay),
                    }
                }
                polled
            }
            InsideProjection::Refused { response } => {
                // Polled again after it was ready: as every future, it may then do anything but
                // harm, and waiting for ever does none.
                response.take().map_or(Poll::Pending, |response| Poll::Ready(Ok(response)))
            }
        }
    }
}
