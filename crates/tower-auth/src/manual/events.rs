//! Events: their content, their sinks, and the data that they never contain.
//!
//! The [`Settings`](crate::Settings) that all layers share have a sink, `.events(sink)`: an
//! [`Events`](crate::Events) built from any closure. The sink receives each event below with these
//! fields:
//!
//! - the layer;
//! - the reason, a constant;
//! - a detail for the operator: names from the configuration or of fields, or positions;
//! - the identity, if one was proven;
//! - the session's or family's [name for logs](crate::event::LogId).
//!
//! Feature `tracing` sends the same events to the `tracing` crate, target `tower_auth`, with the
//! fields `code`, `layer`, `reason`, `detail` and `record`. They omit the identity, since more
//! people read logs than audits. Neither form contains data that the request carried, so there is
//! nothing to encode (ASVS 16.4.1), and no credential (16.2.5).
//!
//! ```
//! use tower_auth::event::{Event, Events, EventLevel};
//! use tower_auth::{Clock, KeyRing, MemoryStore, SessionLayer, Settings};
//!
//! let events = Events::new(|event: &Event<'_>| {
//!     if event.kind.level() >= EventLevel::Info {
//!         let who = event.identity.map_or("-", |identity| identity.subject());
//!         println!("{} {} {who}", event.kind.code(), event.reason.unwrap_or("-"));
//!     }
//! });
//! let layer = SessionLayer::builder(MemoryStore::new(Clock::system()), &KeyRing::random())
//!     .settings(&Settings::new().events(events))
//!     .build()?;
//! # Ok::<_, tower_auth::session::SessionConfigError>(())
//! ```
//!
//! # Names of sessions
//!
//! An event names a session, or a family of refresh tokens, by a keyed hash of its name (ASVS
//! 16.2.5). Readers of logs can follow one session through them, but can neither find it in the
//! store nor end it. All nodes with the same key ring use the same name, also after a restart.
//!
//! - `SessionInfo::log_id`, of a session in a list, returns the same value, so an operator finds the
//!   session that a log names.
//! - `Session::log_id` returns it for the request's own session, for the application's logs.
//! - `Refresh::log_id` returns it for a family.
//!
//! The hash's key is derived from the ring's newest key. Putting a new key first changes the name
//! of every record once, and nodes that are restarted one after the other use two names meanwhile.
//! Dropping an old key changes nothing.
//!
//! The access tokens of `JwtIssuer` name neither a session nor a family. A custom issuer that puts
//! [`Identity::session`](crate::Identity::session) into a claim discloses the record's own name.
//! The name proves nothing, but keep it out of logs.
//!
//! # Sinks
//!
//! The layer calls a sink when the event happens, on the request's thread. A sink that writes to a
//! disk or a network should hand the work to another thread or task. A sink that panics ends the
//! request, as a handler's panic does. `tracing` receives a misconfiguration once per process, a sink
//! every time. Building a layer emits `key_file_open`, once for each [`KeyRing`](crate::KeyRing)
//! that was read from such a file.
//!
//! Extractors have no sink of their own. Their misconfigurations go to the sink of the outermost of
//! our layers around them. If that layer has no sink, or there is no layer, they go only to
//! `tracing`. `session_error_passed` goes to the session layer's sink when the response passes
//! through that layer. On a route without the layer it is not emitted: `Sessions` only returns the
//! store's errors, which are `store_failed`.
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
//! | `provider_fetched` | debug | the keys of a provider were fetched |
//! | `provider_failed` | warn | the keys of a provider could not be fetched |
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
//! | `misconfigured` | error | the layers are combined incorrectly |
//!
//! The details and reasons of these events:
//!
//! - `bearer_refused`: the reason is one of the [list below](#reasons-of-bearer_refused). The
//!   detail of `token_claims` is the position, and the field of the application's type that the
//!   claims do not fit. It has no detail if the function of `.identity_from` refused the token.
//! - `bearer_keys_skipped`: the detail lists the keys that are not used, with the reasons.
//! - `bearer_roles_missing`: the detail is the setting whose claim no token has.
//! - `provider_fetched`: the reason is `changed` or `unchanged`.
//! - `provider_failed`: the reason is the code of the error's kind, such as `unreachable`. The detail
//!   is the error: the address, the problem and the fix.
//! - `csrf_refused`, `csrf_would_refuse`: the reason is the refusal's
//!   [code](crate::Rejection::code). The detail is the fix if the request was the application's own
//!   ([`CsrfFault::advice`](tower_auth_core::rejection::CsrfFault::advice)).
//! - `require_anonymous`, `require_refused`: the reason is the refusal's
//!   [code](crate::Rejection::code).
//! - `session_logged_out`, `session_replaced`: the reason is `cookie_only` if no store ended the
//!   session (`SessionLayer::in_cookie` without `.replay_guard`). The cookie was removed, and a
//!   copy stays valid until it expires.
//! - `refresh_reuse`: the reason is `recent` (the predecessor, after the window), `stale` (older)
//!   or `orphaned` (a generation that the store does not know yet, because the store was rolled
//!   back).
//! - `refresh_refused`: the reason is `other_client`, `other_engine`, `forged_tag` or `unreadable`,
//!   or the problem with the client that a request names: `client_malformed`,
//!   `client_contradiction`, `client_secret`.
//! - `clock_skew`: the reason is the time in question: `rotation`, more than 5 seconds ahead of
//!   this node's clock.
//! - `key_file_open`: the reason is `open_to_everyone` or `open_to_group`. The detail is the file's
//!   path and the fix.
//! - `store_failed`: the reason is `unavailable` or `unsupported`.
//! - `misconfigured`: the reason is the mistake.
//!
//! # The span
//!
//! Each store command of a layer is a span `store` in `tracing`, at level debug with the field
//! `command`: `load`, `create`, `save`, `touch`, `end`, `list` or `end_owned`. There is no other
//! span: the layers wait for nothing else, and a span around the request belongs to the application
//! (`TraceLayer`).
//!
//! # Reasons of `bearer_refused`
//!
//! Clients get the same answer for every token that is not accepted, so only the event says why.
//!
//! - `invalid_request`: the credential is malformed, or there are several. The client gets 400.
//! - `keys_unavailable`: the issuer's keys are missing or too old, or the token's key could not
//!   be fetched. The client gets 503.
//! - `token_too_large`: the token is longer than `.max_token_bytes`.
//! - `token_malformed`: it is no JWT. Often it is an opaque token: the client must name the API
//!   when it asks for the token (`resource`, at some providers `audience`).
//! - `token_header`: the header is not an object of strings without duplicates.
//! - `token_crit`: the header requires an extension that the layer does not know.
//! - `token_alg`: the algorithm is not one of `.algorithms`.
//! - `token_typ`: the header's `typ` names another kind of token, or is not what the profile
//!   requires.
//! - `token_kid`: no key has this `kid`, or no `kid` was given and several keys fit. With live
//!   keys, the key is in no set that was fetched within the window.
//! - `token_signature`: the signature does not verify under the key.
//! - `token_payload`: the claims are not an object, or a claim that trust depends on has the
//!   wrong type.
//! - `token_iss`: `iss` is missing, or names no configured issuer. A slash at the end counts.
//! - `token_aud`: `aud` is missing, or names only other audiences: the token is for another
//!   API.
//! - `token_exp`: the token has expired, or has no `exp`.
//! - `token_nbf`: the token is not valid yet: the clocks differ by more than the leeway.
//! - `token_sub`: the token has no subject.
//! - `token_cnf`: the token is bound to a key (`cnf`), which the layer cannot check.
//! - `token_kind`: it is marked as an ID token, a refresh token or a logout token, or a
//!   `.refuse_claim` applies.
//! - `token_profile`: the token lacks a claim that the profile requires.
//! - `token_claim`: a `.require_claim` is not met.
//! - `token_claims`: the claims do not fit the application's type, or `.identity_from` refused
//!   them.

#[cfg(test)]
mod tests {
    use tower_auth_core::event::EventKind;

    /// The page is written by hand, and must not lag behind.
    #[test]
    fn the_list_is_the_list() {
        let page = include_str!("events.rs");
        let rows: Vec<_> = page.lines().filter(|line| line.starts_with("//! | `")).collect();
        let expected: Vec<_> = EventKind::ALL
            .iter()
            .map(|kind| {
                let level = format!("{:?}", kind.level()).to_lowercase();
                format!("//! | `{}` | {level} | {} |", kind.code(), kind.text())
            })
            .collect();
        assert_eq!(rows, expected);
    }
}
