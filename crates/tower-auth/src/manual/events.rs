//! Events: what the layers tell, to whom, and what they never say.
//!
//! The [`Settings`](crate::Settings) that all layers share have a sink, `.events(sink)`: an
//! [`Events`](crate::Events) made of any closure. It hears of each event below, with the layer, the
//! reason (a constant), a detail for the operator (names from the configuration or of fields,
//! positions), the identity where one was proven, and the session's or family's
//! [name for logs](crate::event::LogId). With feature `tracing` the same go to the `tracing` crate,
//! target `tower_auth`, with the fields `code`, `layer`, `reason`, `detail` and `record`, and without the
//! identity: logs are read by more people than audits. Nothing that a request brought along is in
//! either, so there is nothing to encode
//! (ASVS 16.4.1), and no credential (16.2.5).
//!
//! ```
//! use tower_auth::event::{Event, Events, Level};
//! use tower_auth::{Clock, KeyRing, MemoryStore, SessionLayer, Settings};
//!
//! let events = Events::new(|event: &Event<'_>| {
//!     if event.kind.level() >= Level::Info {
//!         let who = event.identity.map_or("-", |identity| identity.subject());
//!         println!("{} {} {who}", event.kind.code(), event.reason.unwrap_or("-"));
//!     }
//! });
//! let layer = SessionLayer::builder(MemoryStore::new(Clock::system()), &KeyRing::random())
//!     .settings(&Settings::new().events(events))
//!     .build()?;
//! # Ok::<_, tower_auth::session::ConfigError>(())
//! ```
//!
//! # Names of sessions
//!
//! An event names a session, or a family of refresh tokens, by a keyed hash of its name (ASVS 16.2.5):
//! who reads logs can follow one session through them, and neither find it in the store nor end it. All
//! nodes with the same key ring give it the same name, also after a restart. `Listed::log_id`, of a
//! session in a list, is the same value, so that an operator finds the session that a log names;
//! `Session::log_id` is that of the request's own, for logs of the application's. `Refresh::log_id` has
//! that of a family.
//!
//! The key is that of the ring's newest key. When a new key is put first, every record's name changes
//! once, and while the nodes are restarted one after the other they give two names; when an old key is
//! dropped, nothing changes.
//!
//! The access tokens of `JwtIssuer` name neither session nor family. An issuer of your own that puts
//! [`Identity::session`](crate::Identity::session) into a claim passes the record's own name on: that
//! proves nothing, but keep it out of logs.
//!
//! # Sinks
//!
//! A sink is called where the event happens, on the request's thread: one that writes to a disk or
//! a network should hand over to somebody else. One that panics ends the request as a handler's
//! panic does. `tracing` is told of a wiring mistake once per process, a sink of each. `key_file_open` is
//! emitted when a layer is built, once for each [`KeyRing`](crate::KeyRing) that was read from such a
//! file.
//!
//! Extractors have no sink of their own: the wiring mistakes that they meet go to that of the
//! outermost of our layers around them, and where that has none, or there is no layer, to `tracing`
//! alone. `session_error_passed` goes to the session layer's, on the response's way out through it. On
//! a route without that layer nobody is told of it: `Sessions` meets no errors but the store's, which
//! are `store_failed`.
//!
//! # The list
//!
//! | code | level | what happened |
//! |---|---|---|
//! | `cookie_twice` | warn | a protected cookie was sent twice; both copies are ignored |
//! | `cookie_not_signed` | info | a cookie's signature is not valid for this key ring |
//! | `cookie_not_encrypted` | info | a cookie's ciphertext is not valid for this key ring |
//! | `csrf_refused` | warn | a request that another site may have forged was refused |
//! | `csrf_would_refuse` | warn | a request that another site may have forged was let through in report-only mode |
//! | `session_created` | debug | a session was stored for the first time |
//! | `session_login` | info | a user logged in, and the session got a new secret |
//! | `session_identity_updated` | info | the identity of a logged-in user was replaced |
//! | `session_logged_out` | info | a user ended a session by logging out |
//! | `session_kicked` | info | sessions were ended from outside their own requests |
//! | `session_replaced` | info | a login as another principal ended a session |
//! | `session_malformed` | debug | a session credential was not made with this key ring; applications that share a host need different cookie names |
//! | `session_twice` | warn | a session credential was sent twice; both copies are ignored |
//! | `session_gone` | debug | the session of a credential no longer exists |
//! | `session_rotated` | info | a credential was used that had been rotated less than 60 s ago |
//! | `session_stale` | warn | a credential was used that had been rotated long ago |
//! | `session_unreadable` | warn | a session record has an unknown format |
//! | `session_error_passed` | warn | a handler answered with an error of its session |
//! | `bearer_accepted` | debug | an access token was verified |
//! | `bearer_refused` | info | an access token was refused |
//! | `bearer_keys_skipped` | warn | some keys of a JWK set are not used |
//! | `bearer_roles_missing` | warn | no accepted token so far has the claim that is configured for roles |
//! | `refresh_begun` | info | a refresh token family was created |
//! | `refresh_rotated` | debug | a refresh token was exchanged |
//! | `refresh_successor_again` | info | a used refresh token was presented again within the window after its exchange |
//! | `refresh_reuse` | warn | a used refresh token was presented again, and its family was ended |
//! | `refresh_revoked` | info | a refresh token family was revoked |
//! | `refresh_refused` | warn | a refresh token was refused |
//! | `refresh_twice` | warn | a refresh token cookie was sent twice |
//! | `refresh_mint_failed` | error | no access token could be minted |
//! | `auth_ambiguous` | warn | a request with credentials of two principals was refused |
//! | `require_anonymous` | debug | an anonymous request reached a protected route |
//! | `require_refused` | info | a request did not meet the requirements of a route |
//! | `clock_skew` | warn | a time that another node wrote is too far in the future |
//! | `key_file_open` | warn | users other than its owner may open the key file |
//! | `store_failed` | warn | a store operation failed |
//! | `wiring` | error | the layers are combined incorrectly |
//!
//! Reasons of `bearer_refused` are the token's fault (`token_exp`, `token_signature`, …) or
//! `invalid_request`; the detail of `token_claims` is the field of the application's type that the claims
//! do not fit, and the position. The detail of `bearer_keys_skipped` is which keys are not used and why,
//! that of `bearer_roles_missing` which setting names no claim, that of `csrf_refused` and
//! `csrf_would_refuse` what to do if the request was one of the application's own
//! ([`CsrfFault::advice`](tower_auth_core::rejection::CsrfFault::advice)), that of `key_file_open` the file's path and
//! what to do. Other reasons: of `csrf_refused`, `csrf_would_refuse`, `require_anonymous` and `require_refused`
//! the refusal's [code](crate::Rejection::code); of `session_logged_out` and `session_replaced` `cookie_only`,
//! if no store ended the session (`SessionLayer::in_cookie` without `.replay_guard`): its cookie was taken
//! away, and a copy stays good until it expires; of `refresh_reuse` `recent` (the predecessor, after the window),
//! `stale` (older) or `orphaned` (a generation that the store does not know yet: it was set back); of
//! `refresh_refused` `other_client`, `other_engine`, `forged_tag`, `unreadable`, or what is wrong with the client that
//! a request names: `client_malformed`, `client_contradiction`, `client_secret`; of `clock_skew` the moment:
//! `rotation`, which is more than 5 seconds ahead of this node's clock; of `key_file_open`
//! `open_to_everyone` or `open_to_group`; of `store_failed` `unavailable` or `unsupported`; of `wiring`
//! the mistake.
//!
//! # The span
//!
//! With `tracing`, each store command of a layer is a span `store` at level debug with the field
//! `command`: `load`, `create`, `save`, `touch`, `end`, `list` or `end_owned`. There is no other:
//! nothing else waits, and a span around a request is the application's own (`TraceLayer`).

#[cfg(test)]
mod tests {
    use tower_auth_core::event::Kind;

    /// The page is written by hand, and must not lag behind.
    #[test]
    fn the_list_is_the_list() {
        let page = include_str!("events.rs");
        let rows: Vec<_> = page.lines().filter(|line| line.starts_with("//! | `")).collect();
        let expected: Vec<_> = Kind::ALL
            .iter()
            .map(|kind| {
                let level = format!("{:?}", kind.level()).to_lowercase();
                format!("//! | `{}` | {level} | {} |", kind.code(), kind.text())
            })
            .collect();
        assert_eq!(rows, expected);
    }
}
