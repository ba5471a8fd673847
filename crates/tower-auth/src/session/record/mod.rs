//! What the store holds of a session: the layer's own part, and the application's values.

pub(super) mod data;
pub(super) mod meta;
