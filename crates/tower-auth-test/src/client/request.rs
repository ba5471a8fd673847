//! Requests and their builder.

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
/// Headers that the test sets take precedence over those of the client: a `Cookie` header replaces
/// the jar's cookies, an `Origin` header replaces the browser's.
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
        // A browser sends these methods from a script only, never from a form.
        let script = !matches!(method, Method::GET | Method::HEAD | Method::POST);
        let target = path.parse().expect("a path and perhaps a query");
        let (headers, body) = Default::default();
        Self { client, method, target, headers, body, from: None, script }
    }

    /// Adds a header. A second call with the same name adds a second line.
    ///
    /// # Panics
    /// Panics if the name or the value is not valid in a request.
    pub fn header<N, V>(mut self, name: N, value: V) -> Self
    where
        N: TryInto<HeaderName, Error: fmt::Debug>,
        V: TryInto<HeaderValue, Error: fmt::Debug>,
    {
        let name = name.try_into().expect("a header name");
        self.headers.append(name, value.try_into().expect("a header value"));
        self
    }

    /// Sets the `Origin` header and nothing else, as a script that forges headers can. For a
    /// browser's behaviour see [`cross_site`](Self::cross_site).
    pub fn origin(self, origin: &str) -> Self {
        self.header(ORIGIN, origin)
    }

    /// Adds a bearer token.
    pub fn bearer(self, token: &str) -> Self {
        self.header(AUTHORIZATION, format!("Bearer {token}"))
    }

    /// Sets a form as the body.
    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        self.body("application/x-www-form-urlencoded", encode_form(fields))
    }

    /// Sets JSON as the body. A browser sends JSON from a script.
    ///
    /// # Panics
    /// Panics if the value cannot be serialized as JSON.
    pub fn json<T: Serialize + ?Sized>(self, value: &T) -> Self {
        let json = serde_json::to_vec(value).expect("a value that JSON can represent");
        self.fetch().body("application/json", json)
    }

    /// Sets the body and its content type.
    pub fn body(mut self, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        self.body = body.into();
        self
    }

    /// Marks the request as sent by a script (`fetch`) in browser mode, not by a link, a form or
    /// the address bar.
    pub fn fetch(mut self) -> Self {
        self.script = true;
        self
    }

    /// Sends the request from a page of another origin: by a link for GET, by a form for POST, by a
    /// script after [`fetch`](Self::fetch). The jar withholds cookies as `SameSite` demands. The
    /// headers are a browser's, whether the client is in browser mode or not.
    ///
    /// # Panics
    /// Panics if `origin` is not an absolute address.
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
    /// Sends the request.
    ///
    /// # Panics
    /// Panics if the service or the response's body fails.
    pub async fn send(self) -> TestResponse
    where
        S::Error: fmt::Debug,
        RB::Error: fmt::Debug,
    {
        self.try_send().await.expect("the service failed")
    }

    /// Sends the request and returns the service's own error if it has one.
    ///
    /// # Errors
    /// The error of the service.
    ///
    /// # Panics
    /// Panics if the response's body fails.
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
            // A browser does not report dropped cookies either.
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

/// Encodes a body of the type `application/x-www-form-urlencoded`.
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
