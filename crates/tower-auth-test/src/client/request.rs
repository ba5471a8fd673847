//! A request in the making.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::PoisonError;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, HOST, ORIGIN, SET_COOKIE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Uri};
use http_body::Body;
use serde::Serialize;
use tower::{Service, ServiceExt};

use super::fetch::Fetch;
use super::{TestClient, TestResponse};

/// A request; `.await` sends it.
///
/// What the test sets stands before what the client would: a `Cookie` header keeps the jar's
/// cookies out, an `Origin` replaces the browser's.
#[must_use = "a request does nothing until it is awaited or sent"]
pub struct TestRequest<S, B> {
    client: TestClient<S, B>,
    method: Method,
    target: Uri,
    headers: HeaderMap,
    body: Bytes,
    from: Option<Uri>,
    script: bool,
}

impl<S, B> TestRequest<S, B> {
    pub(super) fn new(client: TestClient<S, B>, method: Method, path: &str) -> Self {
        assert!(path.starts_with('/'), "a path begins with a slash: {path:?}");
        // A browser uses no form for these.
        let script = !matches!(method, Method::GET | Method::HEAD | Method::POST);
        let target = path.parse().expect("a path and perhaps a query");
        let (headers, body) = Default::default();
        Self { client, method, target, headers, body, from: None, script }
    }

    /// Adds a header; the same name twice makes two lines.
    ///
    /// # Panics
    /// Where name or value cannot stand in a request.
    pub fn header<N, V>(mut self, name: N, value: V) -> Self
    where
        N: TryInto<HeaderName, Error: fmt::Debug>,
        V: TryInto<HeaderValue, Error: fmt::Debug>,
    {
        let name = name.try_into().expect("a header name");
        self.headers.append(name, value.try_into().expect("a header value"));
        self
    }

    /// Says which origin the request comes from, and nothing else: what a script that forges
    /// headers can do. For what a browser does see [`cross_site`](Self::cross_site).
    pub fn origin(self, origin: &str) -> Self {
        self.header(ORIGIN, origin)
    }

    /// Sends a bearer token.
    pub fn bearer(self, token: &str) -> Self {
        self.header(AUTHORIZATION, format!("Bearer {token}"))
    }

    /// Sends a form.
    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        self.body("application/x-www-form-urlencoded", encode_form(fields))
    }

    /// Sends JSON; a browser does that by a script.
    ///
    /// # Panics
    /// Where the value cannot be written as JSON.
    pub fn json<T: Serialize + ?Sized>(self, value: &T) -> Self {
        let json = serde_json::to_vec(value).expect("a value that JSON can hold");
        self.fetch().body("application/json", json)
    }

    /// Sends a body of that content type.
    pub fn body(mut self, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        self.body = body.into();
        self
    }

    /// In browser mode: a script sends it (`fetch`), not a link, a form or the address bar.
    pub fn fetch(mut self) -> Self {
        self.script = true;
        self
    }

    /// A page of that origin makes the browser send it: a link for GET, a form for POST, a script
    /// after [`fetch`](Self::fetch). The jar keeps back what `SameSite` keeps back, and the headers
    /// are a browser's, whether the client is in browser mode or not.
    ///
    /// # Panics
    /// Where it is not an absolute address.
    pub fn cross_site(mut self, origin: &str) -> Self {
        let from: Uri = origin.parse().expect("an origin such as https://evil.example");
        assert!(from.scheme().is_some() && from.host().is_some(), "not absolute: {origin}");
        self.from = Some(from);
        self
    }
}

impl<S, B, RB> TestRequest<S, B>
where
    S: Service<Request<B>, Response = Response<RB>>,
    B: From<Bytes>,
    RB: Body,
{
    /// Sends it.
    ///
    /// # Panics
    /// Where the service or the body fails.
    pub async fn send(self) -> TestResponse
    where
        S::Error: fmt::Debug,
        RB::Error: fmt::Debug,
    {
        self.try_send().await.expect("the service failed")
    }

    /// Sends it; the service's own error is the answer where it has one.
    ///
    /// # Errors
    /// The service failed.
    ///
    /// # Panics
    /// Where the body fails.
    pub async fn try_send(self) -> Result<TestResponse, S::Error>
    where
        RB::Error: fmt::Debug,
    {
        let Self { client, method, target, mut headers, body, from, script } = self;
        let url = absolute(&client.base, &target);
        let fetch = Fetch { method: &method, base: &client.base, from: from.as_ref(), script };
        let initiator = fetch.initiator();
        if client.browser || from.is_some() {
            fetch.write(&mut headers);
        }
        let now = client.clock.now();
        if let Some(authority) = client.base.authority() {
            let host = HeaderValue::from_str(authority.as_str()).expect("a host");
            headers.entry(HOST).or_insert(host);
        }
        if !headers.contains_key(COOKIE)
            && let Some(cookies) = client.lock().header(&url, initiator, now)
        {
            headers.insert(COOKIE, cookies);
        }

        let mut request = Request::new(B::from(body));
        *request.method_mut() = method;
        *request.uri_mut() = target;
        *request.headers_mut() = headers;
        let TestClient { service, jar, clock, .. } = client;
        let response = service.oneshot(request).await?;

        for line in response.headers().get_all(SET_COOKIE) {
            // A browser says nothing either of what it drops.
            let mut jar = jar.lock().unwrap_or_else(PoisonError::into_inner);
            let _ = jar.store(line.as_bytes(), &url, initiator, clock.now());
        }
        Ok(TestResponse::collect(response).await)
    }
}

impl<S, B, RB> IntoFuture for TestRequest<S, B>
where
    S: Service<Request<B>, Response = Response<RB>, Future: Send, Error: fmt::Debug>
        + Send
        + 'static,
    B: From<Bytes> + Send + 'static,
    RB: Body<Data: Send, Error: fmt::Debug> + Send + 'static,
{
    type Output = TestResponse;
    type IntoFuture = Pin<Box<dyn Future<Output = TestResponse> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

fn absolute(base: &Uri, target: &Uri) -> Uri {
    let mut parts = base.clone().into_parts();
    parts.path_and_query = target.path_and_query().cloned();
    Uri::from_parts(parts).expect("a base and a path make an address")
}

/// A body of the type `application/x-www-form-urlencoded`.
pub(crate) fn encode_form(fields: &[(&str, &str)]) -> String {
    let pairs = fields.iter().map(|(name, value)| [encode(name), encode(value)].join("="));
    pairs.collect::<Vec<_>>().join("&")
}

fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => {
                out.push(byte.into());
            }
            b' ' => out.push('+'),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

tower_auth_core::opaque_debug!([S, B] TestRequest<S, B>, "TestRequest");
