//! The default of every setting, with the reason.
//!
//! | setting | default | reason |
//! |---|---|---|
//! | session cookie | `__Host-session`; `Secure`, `HttpOnly`, `SameSite=Lax`, `Path=/` | ASVS 3.3.1 to 3.3.4; `Lax`, so that a link from another site finds the user logged in |
//! | cookie's lifetime | until the browser closes | NIST SP 800-63B-4, 5.1: session secrets should not be persistent; `.persistent()` is "remember me" |
//! | idle timeout | 30 minutes | NIST SP 800-63B-4: at most an hour at AAL2 |
//! | absolute timeout | 24 hours | NIST SP 800-63B-4: at most 24 hours at AAL2 |
//! | touch | when a request arrives, if more than a tenth of the idle timeout has passed; again during the request, after each half of the timeout, if there is a timer | the deadline is at most a tenth too early, for a tenth of the writes |
//! | memory of a renewed secret | 60 seconds | requests in flight during a login get the answer "renewed" and keep their cookie; later, the credential is unknown |
//! | retries on conflict with other nodes | 16, with random waits of less than 0.8 s in total if there is a timer | beyond that something is wrong, and the answer is 503 with nothing half-saved; writers on one node queue |
//! | `Vary` | `Cookie` on every response under a session layer | the page depends on whether the user is known; exclude static routes with `.skip` |
//! | `Cache-Control` | `no-store` if the response contains a credential or a CSRF token | ASVS 14.3.2 |
//! | `Cache-Control` | `no-store` if a response needed an identity and its handler sets no caching; `.insecure_without_no_store()` leaves it to the handler | the browser's Back button must not show a page again after a logout |
//! | cookies of one response | 8,192 octets that the client will send, including credentials and excluding removals; the call that exceeds the limit is refused | common limits of one header line; beyond it, every later request of the client is answered 400 or 431 |
//! | fields that override `Cache-Control` | removed if `no-store` is sent: fields that end in `-cache-control`, `Surrogate-Control`, `Edge-Control`, `X-Accel-Expires`, `Expires` | RFC 9213: a CDN obeys its own field and would share the response |
//! | CSRF without evidence | refused if a browser could have attached a credential | OWASP requires it; clients that are not browsers send `Origin` or no cookie |
//! | CSRF token is bound to | the session, otherwise the refresh token's family, otherwise `__Host-csrf` | anyone can obtain a `__Host-csrf`, so it counts last; the price is one 403 for a form from before the session |
//! | CSRF token beside a bearer token | not needed without a cookie that counts as a credential | no other site can make a browser send `Authorization: Bearer` or `DPoP` |
//! | plain HTTP | its `Origin` matches on loopback addresses only | an attacker who can change a page in transit could forge requests; `csrf_plain_http` names the remedies |
//! | proxy headers | not read | `.trusted_proxy` or `.trusted_forwarded` select the requests to read them from; `.public_origin` is the better choice |
//! | `same-site` | refused | a sibling sub-domain is not this application |
//! | places of bearer tokens | `Authorization` | RFC 6750: every client can send it, and no browser adds it by itself; `.from_header`, `.from_cookie` and `.insecure_from_query` name others, and a request with several tokens gets 400 |
//! | clock skew of bearer tokens | 60 seconds | RFC 8725: no more than a few minutes |
//! | `typ` of bearer tokens | `at+jwt`, `JWT` or none | `.profile(Profile::Rfc9068)` requires `at+jwt` and its claims |
//! | roles of bearer tokens | claim `roles`, a string or an array | names are literal, since they may be URLs; `.roles_path` leads into objects, `.roles_from_members` takes the names of an object's members, `.roles_field` a member of each object in an array |
//! | scopes of bearer tokens | `scope`, otherwise `scp`: a string or an array | the names that RFC 9068 and most providers use; `.scopes_claim` and the setters like those for roles change them |
//! | subject of bearer tokens | `sub`, required | the only claim that an issuer must not give to another user; `.subject_claim` names another one, `.insecure_subject_from_email` the address |
//! | principal of bearer tokens | a client if `sub` equals `client_id` or `azp`, otherwise a user | RFC 9068 writes a client's own tokens so; `.client_if_claim` adds the issuer's rule |
//! | size of a token | 16 KiB | well above common header limits; bounds the work for garbage |
//! | memory for verified tokens | 8 MiB for each layer, about five thousand tokens of 500 bytes; `.remember(0)` turns it off | a signature costs more than everything else of a request; only holders of valid tokens can displace others |
//! | live keys after the last fetch | usable for 12 hours, then 503 | outlasts an outage overnight; bounds the use of a key that was withdrawn meanwhile |
//! | fetches for unknown keys | one in 30 seconds; 256 requests wait, at most 5 seconds each | any client can invent names of keys; a real new key is found by its first request |
//! | refresh of a provider's keys | by its `max-age`, between 1 minute and 1 hour; 10 minutes if it does not say | a withdrawn key is unknown an hour later at the latest |
//! | algorithms of a provider's tokens | RS256, ES256, ES384, ES512, EdDSA | one for each type of key, because many providers publish keys without `alg` |
//! | a fetch from a provider | https, or http on loopback; no redirect, no proxy of the environment; 5 seconds, 256 KiB | a document must not lead this process into a private network, and a slow provider must not hold it |
//! | lifetime of an access token | 5 minutes | it cannot be revoked earlier |
//! | lifetime of a refresh token | 14 days unused, 90 days at most | ASVS 10.4.8: an absolute end even if use extends the lifetime |
//! | refresh window | 10 seconds | parallel tabs and lost answers get the same successor; `.strict()` has one winner |
//! | difference of two nodes' clocks | 5 seconds | within it no refresh logs a user out; more emits `clock_skew` |
//! | a cookie that this key ring did not make | never removed, even under one of our names | another application on the same host may have made it |
//! | sessions that one logout ends, families that one revocation ends | 64; more are an error | the client chooses how many credentials a request carries |
//! | two different credentials under one name | neither is accepted; a login, a logout and a top-level navigation remove the cookie from its other scopes | a cookie from before a change of `Domain` or `Path`, or a planted one, would lock the user out until the browser closes |
//! | a login, a logout or a refresh by a cookie that may exist in several scopes | the cookie is removed from its other scopes (up to 20 `Set-Cookie` lines for each layer); not for names under `__Host-`, nor beside a value that the key ring did not make | after a change of `Domain` or `Path` the browser sends the old cookie alone, and a logout would leave it |
//! | refusals | no body | nothing to parse, nothing to leak; `.refuse_with(Problem)` for problem documents |
//!
//! # Several applications on one host
//!
//! Browsers keep cookies per host, not per port. Applications on `app.example:8001` and
//! `app.example:8002`, or below `/shop` and `/admin`, receive each other's cookies. None of them
//! removes a cookie that its own key ring did not make, but a login to one application replaces a
//! cookie of the same name that another application has set.
//!
//! Give each application its own cookie names. Set `.cookie_name` on
//! [`SessionLayer`](crate::session::SessionLayerBuilder::cookie_name) and
//! [`Refresh`](crate::refresh::RefreshBuilder::cookie_name), and
//! [`.pre_session_cookie`](crate::csrf::CsrfLayerBuilder::pre_session_cookie) on `CsrfLayer`. Then also pass
//! the session cookie's name to [`.session_cookie`](crate::csrf::CsrfLayerBuilder::session_cookie) of
//! `CsrfLayer`; `AuthStack` does this itself. Two stacks in one program also need distinct cookie
//! names, unless they share one session:
//!
//! ```
//! # use tower_auth::{AuthStack, Clock, KeyRing, MemoryStore};
//! # let (keys, store) = (KeyRing::random(), MemoryStore::new(Clock::system()));
//! let shop = AuthStack::new(&keys)
//!     .cookies()
//!     .csrf_with(|csrf| csrf.pre_session_cookie("__Host-shop-csrf"))
//!     .session_with(store, |session| session.cookie_name("__Host-shop-session"))
//!     .build()?;
//! # Ok::<_, tower_auth::stack::StackConfigError>(())
//! ```
