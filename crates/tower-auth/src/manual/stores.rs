//! The places that hold state, with their promises and their losses.
//!
//! Sessions and families of refresh tokens are records in one store. The layers do not depend on
//! its kind. To change the store, an application changes the line that creates it, and a line in
//! `Cargo.toml`.
//!
//! ```ignore
//! let store = MemoryStore::new(clock.clone());
//! let store = SqliteStore::open("sessions.db", clock.clone()).await?;
//! let store = PostgresStore::new(pool, clock.clone());
//! let store = RedisStore::node("redis://127.0.0.1:6379", clock.clone()).build().await?;
//! let stack = AuthStack::new(&keys).cookies().csrf().session(store).build()?;
//! ```
//!
//! The databases need two more lines. `store.migrate().await?` creates PostgreSQL's table; an
//! application or a deployment calls it. `tokio::spawn(store.run_cleanup(Duration::from_secs(60)))`
//! deletes expired records, on both databases. An expired record has no effect, but its row remains
//! until then. To use a store twice, for example also for refresh tokens, clone it: a clone is the
//! same store.
//!
//! | store | visible to | losses |
//! |---|---|---|
//! | `MemoryStore` | this process | everything, when the process ends |
//! | `SqliteStore` (`tower-auth-sqlx`) | the processes of this machine | nothing that was acknowledged, unless the disk fails |
//! | `PostgresStore` (`tower-auth-sqlx`) | every node | nothing that was acknowledged, if the server is configured so |
//! | `RedisStore` (`tower-auth-redis`), a single server | every node | data that the server had not written to disk when it failed |
//! | the same with Sentinel, or on a Cluster | every node | data that a primary had acknowledged but not replicated when it failed |
//! | `MemcachedStore` (`tower-auth-memcached`) | every node | anything, at any time: it evicts records, and a restart clears it |
//! | `SessionLayer::in_cookie`, without a store | every node, when the client sends it | nothing; and nothing can be revoked |
//!
//! A lost login makes the user anonymous again. A lost *logout* is worse: the session is valid
//! again until it expires. That is the price of a fail-over that does not wait for replicas.
//! (Memcached always loses the whole record, so a logout there is never undone.)
//!
//! A store that does not answer loses nothing. A route that requires an identity answers 503,
//! public pages keep working, and no cookie is removed.
//!
//! # A store that never answers
//!
//! The stores of this project give up by themselves, within their `timeout`. `SqliteStore` and
//! `PostgresStore` apply it to each try of a step, so a step with retries takes longer. For other
//! stores the layers have a limit (`AnyStore::step_timeout`): 5 seconds for each step, and 60 for a
//! list or an end of all sessions. The limit is never shorter than the store's own patience. It
//! needs a timer (`Settings::new().timer(TokioTimer)`, feature `tokio-timer`): **without a timer
//! there is no limit**, and a request waits as long as its store does.
//!
//! The store may have completed a step that was given up. The layer answers the request as if the
//! store had failed (503), and the client keeps its cookie.
//!
//! # Lists
//!
//! All stores except Memcached and the client can list a user's sessions and end them (`Sessions`).
//! Requesting `Sessions` for those two fails when the layers are built.
//!
//! # Several nodes
//!
//! Processes form one application if they share a key ring, a name as an issuer and a store, and if
//! their clocks agree to within a few seconds. They need not know of each other. Two nodes that
//! change one session at once lose nothing, and a session that one node ends has ended on all.
//!
//! # A near-cache
//!
//! `NearCache` (feature `near-cache`) keeps the records that this process has read, in front of any
//! store that several nodes share, so that a request with a session needs no store command. The
//! store reports other nodes' changes: Redis pushes them, PostgreSQL notifies. The page
//! [nodes](super::nodes) describes the price. While the push is in flight, or for 2 seconds if it
//! never arrives, this node serves a session that another node has ended.
//!
//! # Sticky routing
//!
//! Each node has a `MemoryStore`, and a proxy always sends a client to the same node. This needs no
//! server, and has the weakest guarantees:
//!
//! - A node's sessions are lost with the node. The proxy sends its clients to another node, where
//!   their cookies are unknown, and they log in again. A client is never mistaken for another user,
//!   since every node knows only the sessions that it made.
//! - If a node is added or comes back, the proxy sends some clients to another node, and they log
//!   in again too.
//! - `Sessions` lists and ends only this node's sessions: "log me out everywhere" reaches one node.
//!
//! Use it if logins are cheap and restarts are rare, or to support near-caches. With a shared store
//! any node can serve a client, and a node that sees a client again has its session in the cache.
//!
//! The proxy must not route by the session's own cookie. The first request has no such cookie, so
//! the node that creates the session is chosen by the *missing* cookie, and the next request may go
//! to another one. A login changes the cookie as well. Use a cookie of the proxy instead:
//!
//! ```nginx
//! # Sticky: each visitor to the node that the first visit came to.
//! map $cookie_route $route {
//!     ""      $request_id;
//!     default $cookie_route;
//! }
//! map $cookie_route $new_route {
//!     ""      "route=$request_id; Path=/; Secure; HttpOnly; SameSite=Lax";
//!     default "";
//! }
//! upstream nodes {
//!     hash $route consistent;
//!     server 127.0.0.1:3001;
//!     server 127.0.0.1:3002;
//! }
//! server {
//!     listen 3000;
//!     location / {
//!         proxy_pass http://nodes;
//!         proxy_set_header Host $http_host;
//!         add_header Set-Cookie $new_route always;
//!     }
//! }
//! ```
//!
//! The proxy passes `Host` on unchanged, including the port, because `CsrfLayer` compares it with
//! `Origin`. If the proxy must change it, set `.public_origin`. The cookie `route` is not a
//! credential: a client that forges it only selects a node. Its name has no dash, because nginx
//! cannot read a cookie with a dash in its name as `$cookie_…`: `$cookie___Host_session` is always
//! empty, and a `hash` over it sends every client to the same node.
//!
//! # In the client
//!
//! With `SessionLayer::in_cookie` (in a stack: `.session_in_cookie()`) the client keeps the whole
//! session in encrypted cookies, about 3,000 bytes of it, and no node uses a store. The application
//! therefore knows a session only while the client presents it:
//!
//! - A copied cookie is valid until it expires, even after a logout. A client that sends an old
//!   cookie has the session as it was then.
//! - Sessions cannot be listed or ended.
//! - If two requests change a session at once, the last answer wins.
//!
//! `.replay_guard(store)` makes a store remember the newest state. This fixes everything except the
//! listing, at the cost of a store. Refresh tokens need a store in any case, since a party other
//! than the holder must know that a token was used.
//!
//! # One session under several names
//!
//! `.cookie_domain("example.test")` shares a session's cookie among the sub-domains of
//! `example.test`, on nodes that form one application as described above.
//!
//! ```nginx
//! # Two names of one domain, each with a node of its own.
//! server {
//!     listen 3000;
//!     server_name shop.example.test;
//!     location / {
//!         proxy_pass http://127.0.0.1:3001;
//!         proxy_set_header Host $http_host;
//!     }
//! }
//! server {
//!     listen 3000;
//!     server_name account.example.test;
//!     location / {
//!         proxy_pass http://127.0.0.1:3002;
//!         proxy_set_header Host $http_host;
//!     }
//! }
//! ```
//!
//! Such a cookie cannot have the prefix `__Host-`. Its name is `__Secure-session`, which only
//! proves that it was set over HTTPS. *Every* name of the domain is therefore trusted with it:
//!
//! - The operator of any of these hosts, or a script on it, can plant a session of their own. The
//!   user is then logged in to the attacker's account, and the attacker waits for the user's input.
//!   A user who already has a session becomes anonymous, because two different credentials under
//!   one name are not accepted.
//! - Every host receives the cookie, and so can use the session.
//! - Requests from the other hosts' pages carry the cookie. `CsrfLayer` refuses them until the
//!   application names them: `.trusted_origin("https://account.example.test")` for one,
//!   `.trust_same_site()` for all.
//!
//! If the hosts need not share the session itself, set no domain. Let one host prove the user's
//! identity to the others with access tokens.
