//! Attacks, and the mechanism that stops each of them.
//!
//! # Against cookies
//!
//! - **A look-alike name** (`%5F%5FHost-session`, a Unicode space before `__Host-session`). Names
//!   are raw bytes. They are never decoded, only space and tab are trimmed, and the comparison is
//!   case-sensitive.
//! - **A cookie planted by a sub-domain.** The default names have the prefix `__Host-`, which
//!   browsers accept only from the host itself. If two different credentials arrive under one name,
//!   the layers accept neither.
//! - **A value that carries attributes** (`x; Domain=evil.example`). Setting a value with
//!   characters that are not cookie octets returns an error.
//! - **A signed value moved to another name.** The signature covers the name, the purpose and the
//!   key id. For encrypted values they are part of the associated data.
//!
//! # Against sessions
//!
//! - **Fixation.** A login renews the secret in the same step that saves the identity. From then on
//!   the old secret proves nothing (with a store). The layer never adopts an id that the client
//!   chose: a credential carries a MAC of the application's key ring.
//! - **A copied cookie of a session without a store** is not stopped. `SessionLayer::in_cookie`
//!   keeps no state that could end a session, so a logout ends nothing: a copied cookie stays valid
//!   until it expires. The cookie from before a login also stays valid, as the session without that
//!   login. The events of such a logout have the reason `cookie_only`. `.replay_guard(store)` fixes
//!   this.
//! - **Guessing, and flooding the store.** The session's id and its secret have 128 random bits
//!   each. The layer checks the MAC before any I/O, so a forged credential costs no store command.
//! - **A leaked store.** The store holds a keyed hash of each secret, from which no credential can
//!   be made. A leaked key ring alone creates no session either, since the secret must match the
//!   record.
//! - **A logout undone** by the save of a slow request. Saves carry the version that was read and
//!   never create a record. An ended record leaves a tombstone that no write replaces.
//! - **Poisoning across a login.** A change made under the old secret is refused (409). It is not
//!   applied to a session that a user has logged in to meanwhile.
//! - **A session on a lost or stolen device.** `Sessions` shows users where they are logged in, and
//!   ends one or all of these sessions on every node. A write in flight does not revive them. A
//!   session id in a request only ends a session of the same principal.
//! - **A store that fails over**, mistaken for "not logged in". Unknown is a separate state. If a
//!   route requires an identity, the answer is 503, and the layer neither overwrites nor removes
//!   anything.
//! - **The Back button after a logout.** Browsers keep whole pages in memory (the back/forward
//!   cache) and show them again without asking the server. A response that needed an identity gets
//!   `Cache-Control: no-store`, unless its handler sets caching. This keeps the response out of
//!   that cache in most browsers, and out of every HTTP cache.
//!
//!   A request needs an identity if a `RequireLayer` admitted it, or if a handler received an
//!   `Identity` from an extractor, from [`Session::identity`](crate::Session::identity) or from
//!   [`AuthState::used`](crate::AuthState::used). The layers do not notice a handler that takes the
//!   identity from the extensions directly. Nor do they notice one that only reads data with
//!   [`Session::get`](crate::Session::get): its response gets `Vary: Cookie` but no `no-store`, so
//!   the handler must set `Cache-Control` itself.
//!
//!   Some browsers keep even a `no-store` page for a moment. A page that must disappear at once can
//!   reload on `pageshow` if `event.persisted` is true, and `.clear_cache_on_logout()` sends
//!   `Clear-Site-Data: "cache"`. The layers never clear cookies with that header, since it would
//!   remove the cookies of every application on the registrable domain.
//! - **A page in another site's frame** (clickjacking). These layers do not set
//!   `Content-Security-Policy`, which belongs to the page: send `frame-ancestors 'none'`, or the
//!   origins that may frame it. `SameSite=Lax` keeps the session out of frames on other sites, but
//!   not on sibling sub-domains. `SameSite=None` lets every site frame a page that is logged in.
//!
//! # Against refresh tokens
//!
//! - **A stolen token.** Each token is valid for one exchange. A used token that arrives after its
//!   window was copied: its family ends for the thief and for the victim, and an event names the
//!   family.
//! - **A thief who replays inside each window of the victim.** For ten seconds after an exchange,
//!   the old token yields the same successor, so that neither two tabs nor a lost answer log the
//!   user out. A thief who replays in every window stays undetected until one of the two misses a
//!   window. `refresh::RefreshBuilder::strict` leaves no window.
//! - **A token of another engine**, with another audience or a longer lifetime, on the same store
//!   and key ring. A token is bound to the issuer, the audience and the name of the engine that
//!   issued it. It is also bound to the request body or the cookie's name for which it was issued.
//!   Anywhere else it counts as forged, and ends nothing: the holder of one application's token
//!   cannot log users out of another application.
//! - **A wrong clock.** Each node extends the window by 5 seconds, so nodes whose clocks differ by
//!   at most that much log no user out. A rotation further in the future than the window and 5
//!   seconds does not count as recent: a clock that was set back does not hide reuse, and emits
//!   `clock_skew`.
//! - **A race for two successors.** An exchange is one compare-and-swap, and the successor is
//!   derived. There is one successor, on any number of nodes.
//! - **A leaked store, or a leaked key ring.** A token needs both: the record's seed for its tag,
//!   and the key ring for its MAC. A forged tag does not end a family.
//! - **A script on the page.** A token that came in a cookie is answered in a cookie, `HttpOnly`,
//!   and its request is checked like a form.
//!
//! # Against the application's forms
//!
//! - **A request from another site.** Fetch Metadata and then `Origin` decide before any load. If
//!   both are missing and the request carries a credential that browsers attach, it needs proof.
//!   The proof is a token, or a form of request that no browser sends across sites without asking
//!   first.
//! - **A page over plain HTTP**, which anyone on the network path can change. Its `Origin` differs
//!   from the application's, although host and port are equal: the layer refuses it as
//!   `csrf_plain_http`. Loopback addresses are accepted in either scheme; any other host needs
//!   `insecure_allow_plain_http`.
//! - **A request that no browser makes on its own** needs no token: one with a single
//!   `Authorization: Bearer` or `DPoP` and no cookie that counts as a credential. A request with
//!   neither needs a token. Otherwise another site could log a user in as a different user.
//! - **Proxy headers that the client wrote.** The layer reads `X-Forwarded-*` and `Forwarded` only
//!   from requests that the application's closure accepts, and only one of the two kinds. It reads
//!   only the last element of `Forwarded`, which the proxy itself has added.
//! - **A WebSocket opened by another site's page.** Its handshake is a `GET` with cookies that no
//!   same-origin policy restrains. The layer checks it like a `POST`.
//! - **A token from another user's session.** A token is bound to the session's secret, to the
//!   family of the refresh token, or, if there is neither, to a separate signed cookie. A login
//!   invalidates the old tokens.
//! - **The attacker's own pre-session cookie, planted beside the victim's session** with a token
//!   that matches it. The session takes precedence over the pre-session cookie, so that token is
//!   refused. A form that was opened before the session began is also refused once, and works after
//!   a reload.
//! - **A junk or duplicate cookie** that is meant to disable a binding. A value that does not
//!   verify is ignored, both as a binding and as a conflict. Two different values that verify bind
//!   nothing. Two different values of another library's cookie are refused.
//! - **Reading a token through compression.** Every issued token differs in every byte that depends
//!   on a secret.
//! - **An exemption that the router reads differently.** Exempt paths are compared raw, and a path
//!   with `%`, `//`, `/./` or `/../` is never exempt.
//!
//! # Against bearer tokens
//!
//! - **Another algorithm than the key's** (`none`, or a public key used as a shared secret). Each
//!   key is pinned to one algorithm when the layer is built. The token's header selects among
//!   those, and the layer never tries an algorithm outside the list. A public key configured as a
//!   secret is refused in every spelling that can be recognised.
//! - **A key that proves nothing.** Building the layer fails for RSA keys below 2048 bits, for
//!   secrets shorter than their hash, and for Ed25519 points of small order, under which anyone can
//!   sign. It also fails for keys under which no signature can be valid.
//! - **A key supplied by the sender** (`jwk`, `jku`, `x5c`). Keys come only from the configuration,
//!   or from the provider that the configuration names.
//! - **A discovery document that names a private address.** `tower-auth-oidc` checks addresses by
//!   their text and after each resolution, and follows no redirect.
//! - **A token for another recipient** or of another kind. Issuer and audience are required,
//!   compared as a whole, and of the right JSON type. The layer refuses a token that is marked as
//!   an ID token, a refresh token or a logout token, and one bound to a key that it cannot check.
//!   It cannot recognise an ID token without a mark of its kind whose audience, the client's id, is
//!   also this layer's. Use `Profile::Rfc9068` or `.require_claim` for those; [kinds of
//!   tokens](crate::bearer#kinds-of-tokens) lists the marks.
//! - **A token that names another issuer.** The `iss` of a token, which nothing has verified yet,
//!   only selects among the configured issuers. Each has keys and rules of its own, and the claims
//!   must name it after the signature was verified. A tenant of a template must be allowed, and no
//!   part of a token becomes part of an address.
//! - **A key that was withdrawn** verifies nothing after the next refresh, not even a token that
//!   was verified before. A provider that cannot be reached does not extend the use of its keys
//!   beyond a stated time.
//! - **Tokens with invented names of keys.** They cause at most one fetch in 30 seconds, and the
//!   number and time of waiting requests are bounded. Their names are not remembered, so they
//!   neither fill a memory nor hide a key that the issuer publishes later.
//! - **A token that resembles one that was verified before.** A verified token is found by a hash of
//!   all its bytes under a random key of the process, and all its bytes are compared. Refused tokens
//!   are not kept.
//! - **A token that a browser attaches to a request of another site.** The layer reads no cookie
//!   unless the application names one. Then the cookie counts as a credential for `CsrfLayer`, and
//!   an `AuthStack` is not built without `.csrf()`.
//! - **Two tokens in one request**, of which another component reads the other. The request gets
//!   400, whatever places carry the tokens.
//! - **A requirement satisfied by an odd claim.** A claim of an unknown shape counts as absent, and
//!   an `auth_time` in the future as unknown: `max_age` then refuses.
//! - **Two readings of one token.** Duplicate members, trailing data, padding and other
//!   serialisations are refused. The layer reads exactly what it verified.
//! - **An oracle.** A bad key, a bad algorithm and a bad signature get the same answer, before any
//!   claim is read.
//!
//! # Against the keys
//!
//! - **Keys in released memory**: a core dump, a swapped page, a bug that reads too far. `KeyRing`
//!   overwrites each copy of a key, and of a key's text, that it made. It cannot overwrite the
//!   environment that `from_env` reads: that stays in the memory of this process and its children,
//!   so prefer a file.
//! - **A key file that others may open.** An event reports it when the first layer is built. The
//!   file is not refused, since group access may be intended: secrets of containers often have it.
//! - **A placeholder for a key.** Keys that cannot come from a random source are refused: at most 8
//!   different bytes, or one text repeated. Passing this check does not prove that a key is random.
//!
//! # Against the configuration of the layers
//!
//! - **A layer that is missing, duplicated or misplaced** answers 500 and, with feature `tracing`,
//!   is logged once with its name. The answer is never 200, which would admit the request, and
//!   never 401, which would blame the caller. One missing layer goes undetected: a `SessionLayer`
//!   stacked by hand without a `CsrfLayer` or `CsrfHeadersLayer` serves requests from other sites.
//!   An `AuthStack` without `.csrf()` does not compile.
//! - **A request that is dropped between two awaits** leaves store and cookies consistent: changes
//!   that were not committed are discarded together.
//! - **Secrets in logs.** `Debug` of every public type shows no secret, and `Secret` has no
//!   `Debug`. Identities and handles do not print their user. The `Set-Cookie` lines that the
//!   layers write are marked sensitive, and so are the request headers that they read: cookies and
//!   tokens. (Logging outside the layers sees these headers first. tower-http's
//!   `SetSensitiveRequestHeadersLayer` around the logging hides them.)
//! - **A client that claims to speak gRPC** is refused in gRPC's manner: HTTP 200 with the outcome
//!   in `grpc-status`. If a proxy asks this application whether to admit a request, and decides by
//!   the HTTP status, it must not forward the client's content type.
