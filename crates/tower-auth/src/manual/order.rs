//! The order of the layers, and its reasons.
//!
//! The outermost layer comes first on this page. With `Router::layer` the *last* call is the
//! outermost, with tower's `ServiceBuilder` the first.
//!
//! ```text
//!        request                                             response
//!           │   trace, CORS, compression, timeouts              ▲
//!           ▼                                                   │
//!  ┌ CookieLayer ── the request's cookies, borrowed ─────── writes Set-Cookie, Vary ┐
//!  │ ┌ CsrfLayer ── another site's? 403, before any I/O ─────────────────────────┐ │
//!  │ │ ┌ SessionLayer ── one load ──────────────── one save, if it changed ────┐ │ │
//!  │ │ │ ┌ RequireLayer ── 401, 403, 503 ───────────────────────────────────┐  │ │ │
//!  │ │ │ │                      your handler                                │  │ │ │
//! ```
//!
//! `AuthStack` (feature `stack`) enforces this order: any other order does not compile. If you
//! stack the layers by hand:
//!
//! - Put `CookieLayer` outside all others, so that it writes the cookies that they set. (Each layer
//!   also works without it: the first layer that a request reaches writes them.)
//! - Put `CsrfLayer` outside `SessionLayer`, so that it refuses before any load. Inside it is a
//!   misconfiguration, answered with 500. The same holds for `CsrfHeadersLayer`, which replaces
//!   `CsrfLayer` if the application uses no tokens.
//! - Put CORS outside `CsrfLayer`, so that a preflight is answered and not checked.
//! - Put `RequireLayer` inside `SessionLayer`, around the routes that need it, any number of times.
//! - A layer that retries (tower's `Retry`) can have any position. Outside `SessionLayer`, an
//!   attempt that ends in an error is discarded together with its changes and cookies. Inside, all
//!   attempts are one request, and all their changes count.
//! - A layer that runs two calls of one request concurrently (tower's `Hedge`) belongs outside all
//!   of the layers or inside all of them. Outside, each call is a separate request, and the changes
//!   of the slower call are discarded. Inside, both calls share one session, and the changes of
//!   both count. Between two of the layers, the second call finds the inner layers already active
//!   on its request: a misconfiguration, answered with 500.
