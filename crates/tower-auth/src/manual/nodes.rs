//! Several nodes: what each of them knows, and how late.
//!
//! Any number of nodes can serve the same sessions if they share a key ring and a store. The cost
//! of a read differs, and so does the time until a node learns of another node's change:
//!
//! | setup | cost of a read | a logout on another node takes effect |
//! |---|---|---|
//! | the shared store alone | one command | at once |
//! | `NearCache` with the store's feed | nothing, if read within 30 s | when the push arrives; within 2 s if it never arrives |
//! | `NearCache` with `.bounded_staleness(d)` | nothing, if read within `d` | within `d` |
//! | `SessionLayer::in_cookie`: the client keeps the session | nothing | never: a copied cookie stays valid until it expires |
//! | the same with `.replay_guard(store)` | one command | at once |
//! | `MemoryStore`, requests routed to one node | nothing | at once; a node that fails loses its sessions |
//!
//! # Near-caches instead of session replication
//!
//! The older way to save the round trip is to replicate every session to every node. Each node then
//! holds all sessions, and two nodes that change one session at the same time lose a change, or
//! take turns. A [near-cache](crate::store::near) holds only what its node has read. The store
//! remains the single place that decides a change, and notifies every node of every change.
//!
//! Stale data costs less than it seems, because no decision rests on the cache:
//!
//! - **A change** is saved against the version that was read. The store refuses a change to an old
//!   version. The layer then reads the store, not the cache, and applies the change again. Writers
//!   of one session queue on their node in order of arrival. Against another node, a writer retries
//!   up to 16 times, with random waits of less than 0.8 s in total if the layer has a timer. After
//!   that it answers 503 ([`Busy`](crate::session::SessionError::Busy)).
//! - **A login** on another node gives the client a new credential. A node that does not know the
//!   credential asks the store before it treats the credential as unknown.
//! - **A refresh token** is always checked against the store. The rotating node's clock dates the
//!   rotation. Clocks may differ by up to 5 seconds ([`window`](crate::refresh::RefreshBuilder::window)).
//!
//! One gap remains while a push is in flight. A node still accepts a session that another node has
//! ended, or a credential that a login there has replaced. Put a request that must not be served in
//! that time on a route whose layer uses the store directly, without the near-cache. Two
//! `SessionLayer`s with one key ring and one store know the same sessions.
//!
//! # Access tokens
//!
//! Nodes share nothing for access tokens: a token carries its own proof. Each process fetches the
//! keys of a provider and remembers the tokens that it has verified. So nodes may differ for the
//! time of one refresh: a key that the provider withdrew verifies tokens on a node until that node
//! has fetched the keys again, at most an hour later by default. A node that cannot reach the
//! provider uses its keys up to [`stale_for`](crate::bearer::LiveKeysBuilder::stale_for).
//!
//! # Staleness without a feed
//!
//! Without a feed this node receives no notifications. Within the configured bound:
//!
//! - users who were logged out on another node are still admitted here;
//! - changes made on another node are not read here, although they are not lost, as described
//!   above;
//! - a revocation on another node has no effect here.
//!
//! Building therefore requires that bound, which is at most five minutes.
