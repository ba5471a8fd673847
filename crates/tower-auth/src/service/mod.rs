//! One service and one response future for every layer of this crate.
//!
//! A layer handles a request on the way in and the response on the way out; it has no service and
//! no future of its own. [`AuthService`] calls it. A [`Pair`] of layers is itself a layer, so a
//! whole stack is one service: one shared context, one extension, one finish.
//!
//! A layer implements the smaller contract that fits:
//! - [`HeadLayer`] sees only heads. It may refuse, and may wait for a store in both directions.
//! - [`AuthLayer`] also sees the request body. It may answer the request itself or change a body.
//!
//! `Q` is the body of a request and `B` the body of the innermost service's response.

#![allow(unreachable_pub, reason = "named in public bounds, and sealed by being unreachable")]

mod auth_service;
mod contract;
mod future;
mod head;
mod pair;
#[cfg(all(test, feature = "full"))]
mod tests;
mod wait;
mod writer;

pub use auth_service::AuthService;
pub use contract::{AuthLayer, Beside, Enter, InnerBody, OuterBody, Polled};
pub use future::ResponseFuture;
pub use head::{HeadLayer, Load, Never, OnRequest, Save};
pub use pair::Pair;
pub use wait::{KeepReady, MayWait, NeverWaits, WaitMode};
pub use writer::{KeepWriter, Kept, NotKept};
