//! Attacks met, and the construct that stops each.
//!
//! # Against cookies
//!
//! - **A look-alike name** (`%5F%5FHost-session`, a Unicode space before `__Host-session`). Names
//!   are raw bytes: never decoded, trimmed of space and tab only, compared case-sensitively.
//! - **A cookie planted by a sub-domain.** The default names carry the prefix `__Host-`, which
//!   browsers accept from the host itself alone. A credential cookie that comes twice is not
//!   believed at all.
//! - **A value that carries attributes** (`x; Domain=evil.example`). What is not a cookie octet is
//!   refused when it is set, with an error.
//! - **A signed value moved under another name.** Name, purpose and key id are part of what is
//!   signed, or of the associated data of what is encrypted.
//!
//! # Against sessions
//!
//! - **Fixation.** A login renews the secret in the same step in which the identity is saved; the
//!   old secret proves nothing from then on (with a store). An id of the client's choice is never
//!   adopted: a credential carries a MAC of the application's key ring.
//! - **A copied cookie of a session without a store** is not stopped. `SessionLayer::in_cookie` keeps nothing
//!   that could end a session, so a logout ends nothing: a copied cookie stays good until it expires. So
//!   does the cookie from before a login, as the session without that login. The events of such an end have
//!   the reason `cookie_only`. `.replay_guard(store)` fixes it.
//! - **Guessing, and flooding the store.** Handle and secret have 128 random bits each. The MAC is
//!   checked before any I/O, so a forged credential costs no store command.
//! - **A leaked store.** It holds a keyed hash of each secret; no credential can be made of it. A
//!   leaked key ring alone mints no session either: the secret must match the record.
//! - **A logout that is undone** by a slow request's save. Saves carry the version that was read
//!   and never create; an ended record leaves a tombstone over which nothing wins.
//! - **Poisoning across a login.** A change made under the old secret is refused (409), not applied
//!   to the session that somebody has logged into meanwhile.
//! - **A session on a machine that was lost, or in a thief's hands.** `Sessions` shows a user where they
//!   are logged in, and ends one or all of them on every node; a write in flight brings none back. A
//!   name in a request ends nobody else's session, whosever it is.
//! - **A store that fails over**, taken for "nobody is logged in". Unknown is a state of its own:
//!   503 where an identity is needed, and nothing is overwritten or taken away.
//!
//! - **The Back button after a logout.** Browsers keep whole pages in memory (the back/forward
//!   cache) and show them again without asking the server. A response that needed an identity gets
//!   `Cache-Control: no-store`, which keeps it out of that cache in most browsers and out of every
//!   HTTP cache, unless its handler says something else. A request needs an identity where a
//!   `RequireLayer` let it through or a handler was given an `Identity` by an extractor, by
//!   [`Session::identity`](crate::Session::identity) or by
//!   [`AuthState::used`](crate::AuthState::used); a handler that takes it from the extensions by
//!   itself is not seen. Nor is one that reads data with [`Session::get`](crate::Session::get) alone: its
//!   response gets `Vary: Cookie` and no `no-store`, so it sets `Cache-Control` itself. Some browsers keep even such a page for a moment: one that shows what
//!   must be gone at once can reload on `pageshow` where `event.persisted` is true, and
//!   `.clear_cache_on_logout()` sends `Clear-Site-Data: "cache"`. Cookies are never cleared that
//!   way: it would take those of every application of the registrable domain.
//! - **A page in another site's frame** (clickjacking). These layers do not set
//!   `Content-Security-Policy`, since it is the page's: send `frame-ancestors 'none'`, or the
//!   origins that may frame it. `SameSite=Lax` keeps the session out of frames of other sites,
//!   though not of sibling sub-domains, and `SameSite=None` lets every site frame a page that is
//!   logged in.
//!
//! # Against refresh tokens
//!
//! - **A stolen token.** Each is good for one exchange. One that comes when its time is over was
//!   copied: its family ends for thief and victim, and an event names the family.
//! - **A thief who replays inside each window of the victim's.** For ten seconds after an exchange
//!   the old token gets the same successor, so that two tabs and a lost answer log nobody out. Who
//!   replays in every one of these windows stays unseen until one of the two misses it.
//!   `refresh::Builder::strict` leaves no window.
//! - **A token of another engine**, with another audience or a longer life, on the same store and key
//!   ring. A token is bound to the issuer, the audience and the name of the engine that issued it, and
//!   to the body or the cookie's name that it was issued for. At any other place it is forged, and ends
//!   nothing: whoever holds one application's token cannot log users out of another.
//! - **A clock that is wrong.** Each node counts the window as 5 seconds longer, so that nodes whose
//!   clocks differ by no more log no one out. A rotation that lies further in the future than the
//!   window and 5 seconds is not recent: a clock that was set back hides no reuse, and emits
//!   `clock_skew`.
//! - **A race for two successors.** An exchange is one compare-and-swap, and the successor is
//!   derived: on however many nodes, there is one.
//! - **A leaked store, or a leaked key ring.** A token needs both: the record's seed for its tag,
//!   the ring for its MAC. A forged tag ends nobody's family.
//! - **A script on the page.** What comes by cookie goes by cookie, `HttpOnly`; and what comes by
//!   cookie is judged like a form.
//!
//! # Against the application's forms
//!
//! - **A request from another site.** Fetch Metadata, then `Origin`, decide before anything is
//!   loaded; where neither came and a credential did that browsers attach, a token or a request
//!   that no browser sends across sites without asking is needed.
//! - **A page over plain HTTP**, which anybody between it and the browser can change. Its `Origin`
//!   is not the application's, although host and port are: refused as `csrf_plain_http`. Loopback
//!   addresses are taken in either scheme; anything else needs `insecure_allow_plain_http`.
//! - **A request that no browser makes on its own** needs no token: one with a single
//!   `Authorization: Bearer` or `DPoP` and no cookie that counts as a credential. A request with
//!   neither needs it, or another site could log a user in as somebody else.
//! - **Headers of a proxy that the client wrote.** `X-Forwarded-*` and `Forwarded` are read only of
//!   requests that the application's closure accepts, only one of the two kinds, and of `Forwarded`
//!   only the last element, which the proxy itself has added.
//! - **A WebSocket opened by another site's page.** Its handshake is a `GET` with cookies that no
//!   same-origin policy holds back: it is judged as if it were a `POST`.
//! - **A token from somebody else's session.** Tokens are bound to the session's secret, or to the
//!   family of the refresh token, or to a signed cookie of their own while there is neither; a login
//!   makes the old ones worthless.
//! - **The attacker's own pre-session cookie, planted beside the victim's session** with a token that
//!   fits it. The session goes before the pre-session cookie, so that token is refused. A form that
//!   was opened before the session began is refused once as well; loaded again it works.
//! - **A junk or doubled cookie**, to make a binding fall away. What does not verify counts as none,
//!   neither as a binding nor as a conflict; two different values that verify bind nothing; and two
//!   different values of another library's cookie are refused.
//! - **Reading a token through compression.** Every issued token differs in every byte that
//!   depends on a secret.
//! - **An exemption that the router reads differently.** Exempt paths are compared raw, and a path
//!   with `%`, `//`, `/./` or `/../` is never exempt.
//!
//! # Against bearer tokens
//!
//! - **Another algorithm than the key's** (`none`, a public key taken for a shared secret). Each key is
//!   pinned to one algorithm when the layer is built; the token's header chooses among those, and
//!   nothing outside the list is ever tried. A public key that is configured as a secret is refused in
//!   every spelling that can be recognised.
//! - **A key that proves nothing.** RSA below 2048 bits, secrets shorter than their hash, and Ed25519 points
//!   of small order, under which anyone can sign, are refused when the layer is built. So are keys with
//!   which no signature can be valid.
//! - **A key of the sender's own** (`jwk`, `jku`, `x5c`). Keys come from the configuration alone.
//! - **A token for somebody else** or of another kind. Issuer and audience are required, compared
//!   whole, and of the right JSON type; a token that says it is an ID token, a refresh token or a
//!   logout token, or that is bound to a key that cannot be checked here, is refused. Not told apart is
//!   an ID token without a sign of its kind whose audience, the client's id, is this layer's: use
//!   `Profile::Rfc9068`, or `.require_claim`. [Kinds of tokens](crate::bearer#kinds-of-tokens) has the
//!   list of signs.
//! - **A demand that an odd claim satisfies.** A claim of an unknown shape is absent, and an
//!   `auth_time` to come is unknown: `max_age` then refuses.
//! - **Two readings of one token.** Members that come twice, trailing data, padding and other
//!   serialisations are refused; what is verified is what is read.
//! - **An oracle.** Bad key, bad algorithm and bad signature are one answer, before any claim is looked
//!   at.
//!
//! # Against the keys
//!
//! - **Keys in memory that was given back**: a core dump, a swapped page, a bug that reads too far.
//!   `KeyRing` overwrites each copy of a key, and of a key's text, that it made. What it cannot
//!   overwrite is the environment that `from_env` reads: that stays in this process's memory and in its
//!   children's, so a file is better.
//! - **A key file that others may open**: an event says so when the first layer is built. It is not
//!   refused, since a group may be meant: a container's secrets often come so.
//! - **A placeholder for a key.** What cannot come from a random source is refused: at most 8 different
//!   bytes, or one text repeated. That is no proof that the others do.
//!
//! # Against the wiring
//!
//! - **A layer that is missing, doubled or in the wrong place** answers 500 and, with feature
//!   `tracing`, is logged once with its name: never 200, which would open the door, and never 401,
//!   which would blame the caller. One layer is not missed: a `SessionLayer` without any `CsrfLayer` or
//!   `CsrfHeadersLayer`, put up by hand, serves requests of other sites. An `AuthStack` without
//!   `.csrf()` does not compile.
//! - **A request that is dropped between two awaits** leaves store and cookies consistent: what was
//!   not committed is discarded as one.
//! - **Secrets in logs.** `Debug` of every public type shows no secret, and `Secret` has none; identities and handles print
//!   nothing of whom; the `Set-Cookie` lines that the layers write are marked sensitive, and so is
//!   what they read of the request's headers: cookies, and tokens. (What logs outside of the layers
//!   sees them first; tower-http's `SetSensitiveRequestHeadersLayer` outside of it hides them.)
//! - **A client that says it speaks gRPC** is refused in gRPC's manner: HTTP 200 with the outcome in
//!   `grpc-status`. A proxy that asks this application whether to let a request through, and goes
//!   by the HTTP status, must not forward the client's content type.
