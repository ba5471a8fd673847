//! The content of a stored session: the layer's own part, and the application's values.

pub(super) mod data;
pub(super) mod meta;
pub(super) mod value;
