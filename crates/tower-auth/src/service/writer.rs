//! The writer of a refusal that is written after the inner service was called.

use http::request::Parts;
use tower_auth_core::Refuse;

/// [`Kept`] or [`NotKept`]: whether a layer may refuse after it has called the inner service.
pub trait KeepWriter<R>: Sized {
    /// Keeps the parts of the request's head that the writer needs.
    fn keep<B>(writer: &R, head: &Parts) -> Self
    where
        R: Refuse<B>;

    /// Returns the writer for the request, given the layer's own.
    fn get<'w>(&'w self, writer: &'w R) -> &'w R;
}

/// The layer refuses before it calls the inner service, or never.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct NotKept;

/// The layer may refuse later. Only writers that see the request keep anything.
#[derive(Debug)]
pub struct Kept<R>(Option<R>);

impl<R> KeepWriter<R> for NotKept {
    #[inline(always)]
    fn keep<B>(_: &R, _: &Parts) -> Self
    where
        R: Refuse<B>,
    {
        Self
    }

    #[inline(always)]
    fn get<'w>(&'w self, writer: &'w R) -> &'w R {
        writer
    }
}

impl<R> KeepWriter<R> for Kept<R> {
    #[inline(always)]
    fn keep<B>(writer: &R, head: &Parts) -> Self
    where
        R: Refuse<B>,
    {
        Self(for_request(writer, head))
    }

    #[inline(always)]
    fn get<'w>(&'w self, writer: &'w R) -> &'w R {
        self.0.as_ref().unwrap_or(writer)
    }
}

/// Returns the writer for this request, if it differs from the layer's.
#[inline(always)]
pub(super) fn for_request<B, R: Refuse<B>>(writer: &R, head: &Parts) -> Option<R> {
    writer.for_request(&head.method, &head.uri, &head.headers)
}
