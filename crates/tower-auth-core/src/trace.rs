//! The one place here that knows of the `tracing` crate.

use crate::Wiring;

/// Logs a wiring mistake, each only once per process: it is made once, and met on every request.
pub(crate) fn wiring(wiring: Wiring) {
    #[cfg(feature = "tracing")]
    {
        use std::collections::HashSet;
        use std::sync::{Mutex, PoisonError};
        static SEEN: Mutex<Option<HashSet<(&str, &str)>>> = Mutex::new(None);
        let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.get_or_insert_default().insert((wiring.layer, wiring.problem)) {
            let Wiring { layer, problem } = wiring;
            tracing::error!(target: "tower_auth", layer, problem, "wiring mistake");
        }
    }
    #[cfg(not(feature = "tracing"))]
    let _ = wiring;
}
