//! Where the state lives: what each place promises, and what is lost there.
//!
//! Sessions and families of refresh tokens are records in one store. The layers do not know which it
//! is: to change it, an application changes the line that makes it, and a line of its `Cargo.toml`.
//!
//! ```ignore
//! let store = MemoryStore::new(clock.clone());
//! let store = SqliteStore::open("sessions.db", clock.clone()).await?;
//! let store = PostgresStore::new(pool, clock.clone());
//! let store = RedisStore::node("redis://127.0.0.1:6379", clock.clone()).build().await?;
//! let stack = AuthStack::new(&keys).cookies().csrf().session(store).build()?;
//! ```
//!
//! The databases want two lines more: `store.migrate().await?` makes PostgreSQL's table (an application
//! or a deployment calls it), and `tokio::spawn(store.broom(Duration::from_secs(60)))` sweeps out what
//! is over, on both; it counts for nothing by the clock, but its rows stay. A store that is used twice,
//! by refresh tokens also, is cloned: a clone is the same store.
//!
//! | place | who sees it | what is lost, and when |
//! |---|---|---|
//! | `MemoryStore` | this process | everything, with the process |
//! | `SqliteStore` (`tower-auth-sqlx`) | the processes of this machine | nothing that was acknowledged, unless the disk goes |
//! | `PostgresStore` (`tower-auth-sqlx`) | every node | nothing that was acknowledged, as far as the server is set so |
//! | `RedisStore` (`tower-auth-redis`), a node | every node | what the server had not written to its disk when it fell |
//! | the same by Sentinel, or on a Cluster | every node | what a primary had acknowledged and not passed on when it fell |
//! | `MemcachedStore` (`tower-auth-memcached`) | every node | anything, at any time: it makes room, and a restart leaves nothing |
//! | `SessionLayer::in_cookie`, no store at all | every node, when the client comes | nothing; and nothing can be taken away |
//!
//! What is lost of a login is a visitor who is nobody again. What is lost of a *logout* is worse: the
//! session is alive again, until it expires. That is the price of a fail-over that does not wait for
//! replicas. (What Memcached loses is always the whole record, so there a logout stays.) A store that does not answer loses nothing: it is 503 where an identity is needed, public
//! pages go on, and no cookie is taken away.
//!
//! # A store that never answers
//!
//! The stores of this project give up by themselves, within their `timeout` (`SqliteStore` and
//! `PostgresStore`: within it for each try of a step, and so later where they try again). For one of
//! another's there is a limit in the layers: 5 seconds for each step (`AnyStore::step_timeout`), 60 for a
//! list or an end of all, and never less than the store's own patience. It needs a timer (`Settings::new().timer(TokioTimer)`, feature `tokio-timer`): **without
//! one there is no limit**, and a request waits for as long as its store does. A step that was given up
//! may have been done; the request is answered as if the store had failed (503), and the client keeps the
//! cookie that it has.
//!
//! # Lists
//!
//! All of them list a user's sessions and end them (`Sessions`), but Memcached and the client: asking
//! for it there fails when the layers are built.
//!
//! # Several nodes
//!
//! Processes are one application if they have the same key ring, the same name as an issuer, a store
//! that they share, and clocks that agree to a few seconds. They need not know of each other. Two
//! nodes that change one session at once lose nothing, and a session that one ends is over on all.
//!
//! # A near-cache
//!
//! `NearCache` (feature `near-cache`) keeps what this process has read, in front of any store that
//! several nodes share, so that a request with a session asks nobody. It is told by the store what
//! others change: Redis pushes it, PostgreSQL notifies. What that costs in honesty is on the page
//! [nodes](super::nodes): for as long as the push is under way, or for 2 seconds where it never comes, a
//! session that another node has ended is served here.
//!
//! # Sticky
//!
//! Each node has a `MemoryStore`, and a proxy sends a visitor always to the same node. It needs no
//! server, and it promises least:
//!
//! - A node's sessions go with the node. Its visitors are sent to another, where their cookies are
//!   those of nobody: they log in again. Nobody is ever taken for somebody else, since every node
//!   knows only the sessions that it made.
//! - When nodes are added, and when one comes back, some visitors are sent to another node, and log in
//!   again too.
//! - `Sessions` lists and ends what this node has: "log me out everywhere" reaches one node.
//!
//! So take it where a login is cheap and a restart is rare, or as a help for near-caches: with a shared
//! store it does not matter where a visitor is sent, and a cache that sees a visitor again has a hit.
//!
//! The proxy must not choose by the session's own cookie. There is none at the first visit, so the
//! session is made where the *missing* cookie leads, and not where the new one will; and a login
//! changes it. A cookie of the proxy's own does it:
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
//! `Host` is passed on as it came, port included, because `CsrfLayer` compares it with `Origin`; where
//! the proxy must change it, name the `.public_origin`. The cookie `route` is no credential: whoever
//! forges one chooses a node, and nothing else. Its name has no dash, because nginx finds no cookie
//! with a dash in its name by `$cookie_…`: `$cookie___Host_session` is always empty, and a `hash` over it
//! sends everybody to one node.
//!
//! # In the client
//!
//! With `SessionLayer::in_cookie` (in a stack: `.session_in_cookie()`) the client keeps the whole
//! session in encrypted cookies, some 3,000 bytes of it, and no node asks anybody. So nobody knows of a
//! session until it comes, and:
//!
//! - a copied cookie is good until it expires, also after a logout, and whoever sends an old one has the
//!   session as it was then;
//! - nobody's sessions can be listed or ended;
//! - of two requests that change a session at once, the last answer wins.
//!
//! `.replay_guard(store)` has a store remember which state is the newest, which mends all but the
//! listing and costs what a store costs. Refresh tokens need a store in any case: that one was used
//! must be known to somebody else than its holder.
//!
//! # One session under several names
//!
//! `.cookie_domain("example.test")` shares a session's cookie among the sub-domains of `example.test`,
//! on nodes that are one application as above.
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
//! Such a cookie cannot have the prefix `__Host-`; it is named `__Secure-session`, which says of it only
//! that it came by https. So *every* name of the domain is trusted with it:
//!
//! - Whoever runs one of them, or a script on it, can plant a session of their own: the visitor is then
//!   logged in as somebody who is waiting for what the visitor will enter. Who has a session already is
//!   nobody instead, because a cookie that comes twice is not believed.
//! - Every name is sent the cookie, and so can use the session.
//! - Requests from the other names' pages carry it. `CsrfLayer` refuses them until they are named:
//!   `.trusted_origin("https://account.example.test")` for one, `.trust_same_site()` for all.
//!
//! Where the names need not share the session itself, leave the domain out, and let one of them prove
//! to the others who it is: by access tokens.
