//! The requests that try one row.

use std::fmt;

use http::header::{CONNECTION, HOST, ORIGIN, UPGRADE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};
use tower_auth_core::Identity;

use super::access::User;
use super::expected::Expected;
use super::{Access, Route, RouteKind};
use crate::client::Fetch;

/// One request: who sends it, from where, and which answer the row expects.
pub(super) struct Attempt {
    user: Option<User>,
    from: Sender,
    pub(super) expected: Expected,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sender {
    /// The application's own page, or a gRPC client.
    Own,
    OtherSite,
    /// Another site's page that opens a WebSocket.
    OtherSiteHandshake,
}

impl Attempt {
    fn own(user: Option<User>, expected: Expected) -> Self {
        Self { user, from: Sender::Own, expected }
    }

    /// Returns every request for a row. Requests that may change something come last.
    pub(super) fn of(route: &Route, csrf: bool, login_page: Option<&str>) -> Vec<Self> {
        let is_public = route.access == Access::Public;
        let anonymous = match login_page.filter(|_| route.is_navigation()) {
            _ if is_public => Expected::Passes,
            Some(page) => Expected::SentToLogin(page.into()),
            None => Expected::CredentialAsked,
        };
        let granted = route.access.granted();
        let denied = route.access.denied().into_iter();

        let mut attempts = vec![Self::own(None, anonymous)];
        attempts.extend(denied.map(|user| Self::own(Some(user), Expected::RightAsked)));
        if csrf {
            let some = granted.first().cloned();
            let expected = if route.is_safe() || route.is_open_to_sites {
                Expected::OtherSitePasses
            } else {
                Expected::OtherSiteRefused
            };
            // A login comes without a credential, and no other site may send it either.
            if is_public {
                let (from, expected) = (Sender::OtherSite, expected.clone());
                attempts.push(Self { user: None, from, expected });
            }
            attempts.push(Self { user: some.clone(), from: Sender::OtherSite, expected });
            if route.method == Method::GET && !route.is_open_to_sites {
                let from = Sender::OtherSiteHandshake;
                attempts.push(Self { user: some, from, expected: Expected::OtherSiteRefused });
            }
        }
        attempts.extend(granted.into_iter().map(|user| Self::own(Some(user), Expected::Passes)));
        attempts
    }

    pub(super) fn user(&self) -> Option<&Identity> {
        self.user.as_ref().map(User::identity)
    }

    /// The request's head, without credentials.
    pub(super) fn head(&self, route: &Route, base: &Uri) -> Parts {
        let (mut parts, ()) = Request::new(()).into_parts();
        parts.method = route.method.clone();
        parts.uri = route.uri().clone();
        parts.headers = route.headers.clone();
        if let Some(authority) = base.authority() {
            let host = HeaderValue::from_str(authority.as_str()).expect("a host");
            parts.headers.entry(HOST).or_insert(host);
        }
        parts
    }

    /// Adds the headers by which a browser names the sender. On a request from another site they
    /// replace those of the row and of the credentials.
    pub(super) fn name_sender(&self, headers: &mut HeaderMap, route: &Route, base: &Uri) {
        let other = Uri::from_static("https://evil.example");
        let from = (self.from != Sender::Own).then_some(&other);
        if from.is_some() {
            for name in [ORIGIN.as_str(), "sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest"] {
                headers.remove(name);
            }
        } else if route.kind == RouteKind::Grpc {
            return;
        }
        let is_handshake = self.from == Sender::OtherSiteHandshake;
        if is_handshake {
            write_handshake(headers);
        }
        let script = is_handshake || !route.is_link_or_form();
        Fetch { method: &route.method, base, from, script }.write(headers);
    }
}

/// RFC 6455, 4.1, with the key of its example.
fn write_handshake(headers: &mut HeaderMap) {
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    for (name, value) in [
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("sec-fetch-mode", "websocket"),
        ("sec-fetch-dest", "websocket"),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.user {
            None => f.write_str("without a credential")?,
            Some(user) => write!(f, "by {user}")?,
        }
        f.write_str(match self.from {
            Sender::Own => "",
            Sender::OtherSite => ", from another site",
            Sender::OtherSiteHandshake => ", opening a WebSocket from another site",
        })
    }
}
