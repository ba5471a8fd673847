//! The layer's work: it answers the requests for its two paths.

use std::task::{Context as Task, Poll, ready};

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use http_body::Body;
use tower_auth_core::Events;

use super::answer;
use super::layer::RefreshLayer;
use super::serve::{Does, serve};
use crate::request::{LayerFlag, RequestScope};
use crate::service::{AuthLayer, Beside, Enter, InnerBody, NeverWaits, OuterBody, Polled};
use crate::store::BoxFuture;

impl<Q> InnerBody<Q> for RefreshLayer {
    type Body = Q;
}

impl<B> OuterBody<B> for RefreshLayer {
    type Body = B;

    #[inline(always)]
    fn wrap<E>(&self, polled: Polled<B, E>, _: &RequestScope) -> Polled<B, E> {
        polled
    }
}

impl RefreshLayer {
    fn endpoint(&self, path: &str) -> Option<Does> {
        if path == self.paths.refresh {
            Some(Does::Refresh)
        } else if path == self.paths.revoke {
            Some(Does::Revoke)
        } else {
            None
        }
    }
}

impl<Q, B> AuthLayer<Q, B> for RefreshLayer
where
    Q: Body + Send + 'static,
    B: From<Bytes>,
{
    const SHARES: bool = true;
    type State = ();
    type Waits = NeverWaits;
    type Entering = ();
    type Leaving = BoxFuture<Response<Bytes>>;

    fn events(&self) -> &Events {
        &self.refresh.0.events
    }

    fn allows_caching(&self) -> bool {
        self.allow_caching
    }

    #[inline(always)]
    fn enter(&self, head: &mut Parts, body: Q, scope: &mut RequestScope) -> Enter<Self, Q, B> {
        if !scope.mark(LayerFlag::Refresh) {
            let misconfigured = LayerFlag::Refresh.nested();
            self.refresh.0.events.misconfigured(misconfigured);
            let response = answer::refused(misconfigured.into(), scope.dialect(head));
            return Enter::Answer(Box::new(response.map(B::from)));
        }
        let Some(does) = self.endpoint(head.uri.path()) else {
            self.refresh.0.meet(scope.context(), head);
            return Enter::Continue((), body);
        };
        // No inner layer sees this request, so the head can be moved out.
        let head = std::mem::replace(head, Request::new(()).into_parts().0);
        let context = scope.context().clone();
        let serving: BoxFuture<_> =
            Box::pin(serve(self.refresh.clone(), does, context, head, body));
        Enter::AnswerLater(None, serving)
    }

    fn poll_enter(
        &self,
        (): &mut (),
        _: &mut Parts,
        _: &mut RequestScope,
        _: &mut Task<'_>,
    ) -> Poll<Enter<Self, Q, B>> {
        unreachable!("`enter` returns no `Wait`")
    }

    #[inline(always)]
    fn poll_beside(&self, (): &mut (), _: Beside, _: &mut Task<'_>) {}

    #[inline(always)]
    fn leave(&self, (): (), _: &mut Response<B>, _: &mut RequestScope) -> Option<Self::Leaving> {
        None
    }

    fn poll_leave(
        &self,
        serving: &mut Self::Leaving,
        response: &mut Option<Response<B>>,
        _: &mut RequestScope,
        task: &mut Task<'_>,
    ) -> Poll<()> {
        let served = ready!(serving.as_mut().poll(task));
        *response = Some(served.map(B::from));
        Poll::Ready(())
    }
}
