//! The layer that decides by headers alone.

mod builder;
mod flow;
mod layer;

pub use builder::HeadersOnly;
#[cfg(feature = "refresh")]
pub(crate) use flow::Checked;
pub use flow::CsrfHeadersService;
pub use layer::CsrfHeadersLayer;
