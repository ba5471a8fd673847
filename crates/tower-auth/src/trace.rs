//! The one place that knows of the `tracing` crate: with the feature off the macros are empty and
//! evaluate nothing. What is passed in must be a reason code or a layer's name, never a value that
//! a request brought along.

macro_rules! event {
    ($level:ident, $($arg:tt)+) => {{
        #[cfg(feature = "tracing")]
        tracing::event!(target: "tower_auth", tracing::Level::$level, $($arg)+);
    }};
}

#[allow(unused_imports, reason = "which rooms use it depends on the features")]
pub(crate) use event;

/// Logs a wiring mistake, each only once per process: it is made once, and met on every request.
#[cfg_attr(not(any(feature = "cookie", feature = "require")), allow(dead_code))]
pub(crate) fn wiring(wiring: tower_auth_core::Wiring) {
    #[cfg(feature = "tracing")]
    {
        use std::collections::HashSet;
        use std::sync::{Mutex, PoisonError};
        static SEEN: Mutex<Option<HashSet<(&str, &str)>>> = Mutex::new(None);
        let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.get_or_insert_default().insert((wiring.layer, wiring.problem)) {
            event!(ERROR, layer = wiring.layer, problem = wiring.problem, "wiring mistake");
        }
    }
    #[cfg(not(feature = "tracing"))]
    let _ = wiring;
}
