//! Layers stacked by hand and combined layers behave alike.
