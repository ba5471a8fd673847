//! In which order layers go, and why.
//!
//! The outermost stands first here; with `Router::layer` the *last* call is the outermost, with
//! tower's `ServiceBuilder` the first.
//!
//! ```text
//!        request                                             response
//!           │   trace, CORS, compression, time-outs             ▲
//!           ▼                                                   │
//!  ┌ CookieLayer ── the request's cookies, borrowed ─────── writes Set-Cookie, Vary ┐
//!  │ ┌ CsrfLayer ── another site's? 403, before any I/O ─────────────────────────┐ │
//!  │ │ ┌ SessionLayer ── one load ──────────────── one save, if it changed ────┐ │ │
//!  │ │ │ ┌ RequireLayer ── 401, 403, 503 ───────────────────────────────────┐  │ │ │
//!  │ │ │ │                      your handler                                │  │ │ │
//! ```
//!
//! `AuthStack` (feature `stack`) holds to this order: another one does not compile. By hand:
//!
//! - `CookieLayer` outside of all, so that it writes what the others set. (Each layer also works
//!   without it: whoever meets the request first writes.)
//! - `CsrfLayer` outside `SessionLayer`: it refuses before anything is loaded. Inside is a wiring
//!   mistake, answered 500. The same holds for `CsrfHeadersLayer`, which takes the place of a
//!   `CsrfLayer` if the application uses no tokens.
//! - CORS outside `CsrfLayer`, so that a preflight is answered, and not judged.
//! - `RequireLayer` inside `SessionLayer`, around the routes that need it, as often as you like.
//! - A layer that tries again (tower's `Retry`) may stand anywhere. Around `SessionLayer` an attempt
//!   that ends in an error is forgotten, with its changes and cookies; inside, all attempts are one
//!   request, and all that they change counts.
//! - A layer that has two calls of one request under way at once (tower's `Hedge`) goes around all of
//!   the layers, so that each call is a request of its own, and what the slower one had changed is
//!   forgotten. Or it goes inside of all: then both calls have one session, and what both of them
//!   change counts. Between two of the layers the second call finds the layers inside at work on its
//!   request already: a wiring mistake, answered 500.
