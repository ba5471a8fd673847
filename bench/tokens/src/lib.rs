//! The cost of a token with tower-auth, beside that of other crates that verify tokens.
//!
//! Every [`Verifier`] wraps the same service, and checks the same tokens by the same rules: the
//! signature, the issuer, the audience, `exp` and `nbf`. `tokens` prints the table. It runs
//! `token-call` under callgrind, and `token-allocations`, which counts.

mod call;
pub mod case;
pub mod figures;
pub mod issued;
mod keys;
pub mod rounds;
mod verifiers;

pub use call::{Call, measured};
pub use case::{Case, Input};
pub use issued::Issued;
pub use verifiers::{BARE, FIRST_SIGHT, REMEMBERED, VERIFIERS, Verifier};
