//! The endpoints as plain services that a router can mount.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context as Task, Poll, ready};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::Full;
use tower_service::Service;

use super::serve::{Does, serve};
use super::{Refresh, answer};
use crate::request::{LayerFlag, RequestScope};
use crate::store::BoxFuture;

impl Refresh {
    /// Returns the service that exchanges refresh tokens (`POST`). The token comes in the cookie,
    /// or as `refresh_token` in a form or a JSON object.
    pub fn endpoint(&self) -> RefreshEndpoint {
        RefreshEndpoint { refresh: self.clone(), does: Does::Refresh }
    }

    /// Returns the service that revokes refresh tokens (`POST`, RFC 7009). It ends the family of
    /// the token, which comes in the cookie, or as `token` in a form or a JSON object.
    ///
    /// If the cookie brings tokens of several families, the service ends all of them. If there are
    /// more than 64, it ends the first 64 and answers `invalid_request`. It removes the cookie in
    /// both cases.
    pub fn revoke_endpoint(&self) -> RefreshEndpoint {
        RefreshEndpoint { refresh: self.clone(), does: Does::Revoke }
    }
}

/// One endpoint, created by [`Refresh::endpoint`] or [`Refresh::revoke_endpoint`].
///
/// It needs no layer around it. It writes its own cookie, and protects itself against other sites
/// if no [`CsrfLayer`](crate::CsrfLayer) does.
#[derive(Clone)]
#[must_use = "services do nothing unless they are called"]
pub struct RefreshEndpoint {
    refresh: Refresh,
    does: Does,
}

impl<B> Service<Request<B>> for RefreshEndpoint
where
    B: Body + Send + 'static,
{
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = RefreshEndpointFuture;

    fn poll_ready(&mut self, _task: &mut Task<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> RefreshEndpointFuture {
        RefreshEndpointFuture(answered(&self.refresh, self.does, request))
    }
}

/// Serves a request that has not passed a [`RefreshLayer`](super::RefreshLayer).
fn answered<B>(refresh: &Refresh, does: Does, request: Request<B>) -> BoxFuture<Response<Bytes>>
where
    B: Body + Send + 'static,
{
    let (mut head, body) = request.into_parts();
    let events = &refresh.0.events;
    let mut scope = RequestScope::open(&mut head, events, false);
    if !scope.mark(LayerFlag::Refresh) {
        let misconfigured = LayerFlag::Refresh.nested();
        events.misconfigured(misconfigured);
        let response = answer::refused(misconfigured.into(), scope.dialect(&head));
        return Box::pin(std::future::ready(response));
    }
    let refresh = refresh.clone();
    Box::pin(async move {
        let mut response = serve(refresh, does, scope.context().clone(), head, body).await;
        scope.finish(&mut response);
        response
    })
}

/// The future of [`RefreshEndpoint`].
#[must_use = "futures do nothing unless they are polled"]
pub struct RefreshEndpointFuture(BoxFuture<Response<Bytes>>);

impl Future for RefreshEndpointFuture {
    type Output = Result<Response<Full<Bytes>>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Self::Output> {
        let response = ready!(self.0.as_mut().poll(task));
        Poll::Ready(Ok(response.map(Full::new)))
    }
}

impl fmt::Debug for RefreshEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("does", &self.does).finish_non_exhaustive()
    }
}

impl fmt::Debug for RefreshEndpointFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndpointFuture").finish_non_exhaustive()
    }
}
