//! [`Route`]: one row of the table.

use std::fmt;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, TE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use serde::Serialize;

use super::Access;
use crate::client::encode_form;

/// The kind of client. It decides how the test asks and how the application refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RouteKind {
    /// A page that a browser opens, or a form that it sends.
    Page,
    /// An endpoint for scripts and programs.
    Api,
    /// A gRPC method.
    Grpc,
}

/// A row of the table: a method and a path, who may use them, and how to ask.
#[derive(Clone, Debug)]
#[must_use = "a row does nothing outside of a table"]
pub struct Route {
    name: String,
    path: Uri,
    pub(super) kind: RouteKind,
    pub(super) method: Method,
    pub(super) access: Access,
    pub(super) headers: HeaderMap,
    pub(super) answers: Option<StatusCode>,
    pub(super) is_open_to_sites: bool,
    body: Bytes,
}

/// A message without fields: uncompressed, of length 0.
const EMPTY_MESSAGE: &[u8] = &[0; 5];

impl Route {
    /// A page, or the target of a form. The test asks as a browser that navigates.
    ///
    /// A path may have placeholders in braces, as in axum: `/posts/{id}`. The test sends each
    /// placeholder's name in its place, unless [`path`](Self::path) gives another address.
    ///
    /// # Panics
    /// Panics if the path does not begin with a slash or cannot stand in a request.
    pub fn page(method: Method, path: &str, access: Access) -> Self {
        Self::new(RouteKind::Page, method, path, access)
    }

    /// An endpoint for scripts and programs. The test asks as a script of the own site does.
    ///
    /// # Panics
    /// Panics as for [`page`](Self::page).
    pub fn api(method: Method, path: &str, access: Access) -> Self {
        Self::new(RouteKind::Api, method, path, access)
    }

    /// A gRPC method, such as `/app.v1.Reports/List`. The test sends one message without fields,
    /// unless [`body`](Self::body) gives another, and waits for the first message of the answer.
    ///
    /// # Panics
    /// Panics as for [`page`](Self::page).
    pub fn grpc(path: &str, access: Access) -> Self {
        let mut route = Self::new(RouteKind::Grpc, Method::POST, path, access);
        route.headers.insert(TE, HeaderValue::from_static("trailers"));
        route.body("application/grpc", EMPTY_MESSAGE)
    }

    fn new(kind: RouteKind, method: Method, path: &str, access: Access) -> Self {
        Self {
            name: format!("{method} {path}"),
            path: address(&path.replace("{*", "{").replace(['{', '}'], "")),
            kind,
            method,
            access,
            headers: HeaderMap::new(),
            answers: None,
            is_open_to_sites: false,
            body: Bytes::new(),
        }
    }

    /// Sends the requests to this path, which may have a query, in place of the row's.
    ///
    /// # Panics
    /// Panics as for [`page`](Self::page).
    pub fn path(mut self, path: &str) -> Self {
        self.path = address(path);
        self
    }

    /// Adds a header to each request.
    ///
    /// # Panics
    /// Panics if the name or the value cannot stand in a request.
    pub fn header<N, V>(mut self, name: N, value: V) -> Self
    where
        N: TryInto<HeaderName, Error: fmt::Debug>,
        V: TryInto<HeaderValue, Error: fmt::Debug>,
    {
        let name = name.try_into().expect("a header name");
        self.headers.append(name, value.try_into().expect("a header value"));
        self
    }

    /// Sends a body of this content type.
    pub fn body(mut self, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        self.body = body.into();
        self
    }

    /// Sends a form.
    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        self.body("application/x-www-form-urlencoded", encode_form(fields))
    }

    /// Sends JSON.
    ///
    /// # Panics
    /// Panics if JSON cannot hold the value.
    pub fn json<T: Serialize + ?Sized>(self, value: &T) -> Self {
        let json = serde_json::to_vec(value).expect("a value that JSON can represent");
        self.body("application/json", json)
    }

    /// Expects this status from a request that passes, in place of any answer that passes. With
    /// 404 a public route cannot be told from one that is missing: use a path that the route
    /// finds.
    pub fn answers(mut self, status: StatusCode) -> Self {
        self.answers = Some(status);
        self
    }

    /// Expects requests from other sites to pass, for example of a route in `CsrfLayer`'s
    /// `.exempt`.
    pub fn open_to_other_sites(mut self) -> Self {
        self.is_open_to_sites = true;
        self
    }

    /// The method and the path of the row.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) const fn uri(&self) -> &Uri {
        &self.path
    }

    pub(super) fn body_bytes(&self) -> Bytes {
        self.body.clone()
    }

    /// Whether the method promises to change nothing.
    pub(super) fn is_safe(&self) -> bool {
        matches!(self.method, Method::GET | Method::HEAD | Method::OPTIONS)
    }

    /// Whether a browser follows a link to the route, so that it can be sent to a login page.
    pub(super) fn is_navigation(&self) -> bool {
        self.kind == RouteKind::Page && matches!(self.method, Method::GET | Method::HEAD)
    }

    /// Whether a browser sends the request without a script.
    pub(super) fn is_link_or_form(&self) -> bool {
        self.is_navigation() || (self.kind == RouteKind::Page && self.method == Method::POST)
    }
}

fn address(path: &str) -> Uri {
    assert!(path.starts_with('/'), "a path begins with a slash: {path:?}");
    path.parse().expect("a path and perhaps a query")
}
