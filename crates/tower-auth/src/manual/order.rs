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
//!   mistake, answered 500.
//! - CORS outside `CsrfLayer`, so that a preflight is answered, and not judged.
//! - `RequireLayer` inside `SessionLayer`, around the routes that need it, as often as you like.
