//! More than one node: who knows what, and how late.
//!
//! Any number of nodes may serve the same sessions, if they have the same key ring and the same
//! store. What differs is what a read costs, and how soon a node hears of what another one did:
//!
//! | | a read costs | a logout elsewhere is seen |
//! |---|---|---|
//! | the shared store alone | one command | at once |
//! | `NearCache` with the store's feed | nothing, if read within 30 s | as soon as the push is here, within 2 s if it never comes |
//! | `NearCache` with `.bounded_staleness(d)` | nothing, if read within d | within d |
//! | `SessionLayer::in_cookie`: the client keeps it | nothing | never: a copied cookie stays good until it expires |
//! | the same with `.replay_guard(store)` | one command | at once |
//! | `MemoryStore`, requests routed to one node | nothing | at once; a node that dies takes its sessions along |
//!
//! # Near-caches: the honest form of session replication
//!
//! Replicating every session to every node was the older way to save the round trip: each node
//! holds all of them, and two that change one at the same time lose a change, or take turns. A
//! [near-cache](crate::store::near) holds only what its node has read, the store stays the one place
//! where a change is decided, and every node is told of every change.
//!
//! Staleness costs less than it seems, because nothing is *decided* on what memory says:
//!
//! - **A change** is saved against the version that was read. On an old one the store refuses it, and
//!   the layer reads the store, not memory, and applies the change again.
//!   Writers of one session queue on their node, first come, first served. Against another node a
//!   writer tries up to 16 times more, with random waits of less than 0.8 s in all if the layer has a
//!   timer; after that it answers 503 ([`Busy`](crate::session::SessionError::Busy)).
//! - **A login** on another node gives the client a new credential. A node that does not know it yet
//!   asks the store before it says that nobody has it.
//! - **A refresh token** is always judged by the store. The moment of its rotation is by the clock of
//!   the node that rotated it; clocks may differ by up to 5 seconds
//!   ([`window`](crate::refresh::Builder::window)).
//!
//! What stays is the time in which a node takes a session for alive that another one has ended, or
//! a credential for good that a login there has replaced: as long as the push is under way. A
//! request that must not be served in that time belongs on a route whose layer has the store itself,
//! without the near-cache: two `SessionLayer`s with one key ring and one store know the same sessions.
//!
//! # What is lost without a feed
//!
//! Nobody tells this node anything. Within the bound that was named:
//!
//! - who was logged out or kicked elsewhere is still let in here;
//! - what was changed elsewhere is not read here (changes are not lost all the same, as above);
//! - a revocation made elsewhere does not hold here.
//!
//! Therefore nothing is built without that bound, and it is at most five minutes.
