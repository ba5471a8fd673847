//! Every default, and why.
//!
//! | setting | default | why |
//! |---|---|---|
//! | session cookie | `__Host-session`; `Secure`, `HttpOnly`, `SameSite=Lax`, `Path=/` | ASVS 3.3.1 to 3.3.4; `Lax`, because a link from elsewhere should find its reader logged in |
//! | cookie's lifetime | until the browser ends | NIST SP 800-63B-4, 5.1: session secrets should not be persistent; `.persistent()` is "remember me" |
//! | idle timeout | 30 minutes | NIST SP 800-63B-4: at most an hour at AAL2 |
//! | absolute timeout | 24 hours | NIST SP 800-63B-4: at most 24 hours at AAL2 |
//! | touch | when a request arrives, once more than a tenth of the idle timeout has passed; again while it runs, each half of the timeout, if there is a timer | a deadline that is at most a tenth too early, for a tenth of the writes |
//! | renewed secret is remembered | 60 seconds | the requests that were under way during a login are told "renewed" and keep their cookie; later, the credential is unknown |
//! | retries on conflict with other nodes | 16, with random waits of less than 0.8 s in all if there is a timer | beyond that something is wrong, and 503 says so with nothing half-saved; writers on one node queue |
//! | `Vary` | `Cookie` on every response under a session layer | whether the visitor is known changes the page; leave static routes out with `.skip` |
//! | `Cache-Control` | `no-store` where a credential or a CSRF token is in the response | ASVS 14.3.2 |
//! | the same | `no-store` where a response needed an identity and its handler says nothing of caching; `.insecure_without_no_store()` leaves it to the handler | a page must not come back by the browser's Back button after a logout |
//! | cookies of one response | 8,192 octets that the client will send, credentials included and removals not; the call that exceeds it is refused | common limits of one header line; a client beyond it is answered 400 or 431 from then on |
//! | what outranks `Cache-Control` | removed wherever `no-store` is sent: fields that end in `-cache-control`, `Surrogate-Control`, `Edge-Control`, `X-Accel-Expires`, `Expires` | RFC 9213: a CDN obeys its own field and would share the response |
//! | CSRF without evidence | refused where a browser could have attached a credential | OWASP asks for it; clients that are not browsers send `Origin` or no cookie |
//! | CSRF token is bound to | the session, else the refresh token's family, else `__Host-csrf` | anybody can get a `__Host-csrf` of their own, so it counts last; the price is one 403 for a form from before the session |
//! | CSRF token beside a bearer token | not needed without a cookie that counts as a credential | no other site can make a browser send `Authorization: Bearer` or `DPoP` |
//! | plain HTTP | its `Origin` fits on loopback addresses alone | who can change a page on its way could forge; `csrf_plain_http` names the ways out |
//! | headers of a proxy | not read | `.trusted_proxy` or `.trusted_forwarded` say of which requests; `.public_origin` serves better |
//! | `same-site` | refused | a sibling sub-domain is not this application |
//! | clock skew of bearer tokens | 60 seconds | RFC 8725: no more than a few minutes |
//! | `typ` of bearer tokens | `at+jwt`, `JWT` or none | `.profile(Profile::Rfc9068)` demands `at+jwt` and its claims |
//! | roles of bearer tokens | claim `roles`, a string or an array | names are literal, since they may be URLs; `.roles_path` leads into objects, `.roles_from_members` takes an object's member names |
//! | a token's size | 16 KiB | well above what fits common header limits; bounds the work for garbage |
//! | access token's life | 5 minutes | it cannot be taken back before |
//! | refresh token's life | 14 days unused, 90 days at most | ASVS 10.4.8: an absolute end even where use prolongs it |
//! | refresh window | 10 seconds | parallel tabs and lost answers get the same successor; `.strict()` has one winner |
//! | difference of two nodes' clocks | 5 seconds | up to here no refresh logs anyone out; more emits `clock_skew` |
//! | a cookie that this key ring did not make | never removed, whichever of our names it has | another application on the same host may have made it |
//! | sessions that one logout ends, families that one revocation ends | 64; more are an error | the client chooses how many credentials a request brings |
//! | two different credentials under one name | none is believed; a login, a logout and a top-level navigation remove the cookie from its other scopes | a cookie of a changed `Domain` or `Path`, or a planted one, would lock the user out until the browser ends |
//! | a login, a logout or a refresh by a cookie that may lie in several scopes | the cookie is removed from its other scopes (up to 20 `Set-Cookie` lines for each layer); not for names under `__Host-`, nor beside a value that the key ring did not make | after a change of `Domain` or `Path` the browser sends the old cookie alone, and a logout would leave it |
//! | refusals | no body | nothing to parse, nothing to leak; `.refuse_with(Problem)` for problem documents |
//!
//! # Several applications on one host
//!
//! A browser keeps cookies by host, not by port: applications on `app.example:8001` and
//! `app.example:8002`, or below `/shop` and `/admin`, get each other's. None of them removes a cookie
//! that its own key ring did not make, but a login to one application replaces a cookie of the same
//! name that another has set. So give each application names of its own, by `.cookie_name` of
//! [`SessionLayer`](crate::session::Builder::cookie_name) and
//! [`Refresh`](crate::refresh::Builder::cookie_name), and by
//! [`.pre_session_cookie`](crate::csrf::Builder::pre_session_cookie) of `CsrfLayer`, whose
//! [`.session_cookie`](crate::csrf::Builder::session_cookie) then names the session's as well
//! (`AuthStack` does that by itself). Two stacks in one program need distinct cookie names, too,
//! unless one session is meant for both:
//!
//! ```
//! # use tower_auth::{AuthStack, Clock, KeyRing, MemoryStore};
//! # let (keys, store) = (KeyRing::random(), MemoryStore::new(Clock::system()));
//! let shop = AuthStack::new(&keys)
//!     .cookies()
//!     .csrf_with(|csrf| csrf.pre_session_cookie("__Host-shop-csrf"))
//!     .session_with(store, |session| session.cookie_name("__Host-shop-session"))
//!     .build()?;
//! # Ok::<_, tower_auth::stack::ConfigError>(())
//! ```
