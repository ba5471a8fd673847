//! A roles claim whose name has dots, and so may have been meant as a path.

use std::sync::atomic::{AtomicU32, Ordering};

use tower_auth_core::Events;
use tower_auth_core::event::{Event, EventKind};

/// The number of accepted tokens without the claim after which it is reported as missing. Some
/// issuers omit the claim for a user without roles, so one token proves nothing.
const ENOUGH: u32 = 32;

/// Checks whether any token has the claim, and reports once if none has.
pub(super) struct Dotted {
    hint: String,
    /// The number of tokens without the claim so far; at [`ENOUGH`] the question is settled.
    missing: AtomicU32,
}

impl Dotted {
    /// Returns `None` for a name that is not a path: it has no dots, or is a URL.
    pub(super) fn new(name: &str) -> Option<Self> {
        let steps: Vec<&str> = name.split('.').collect();
        let is_path = steps.len() > 1 && steps.iter().all(|step| !step.is_empty());
        (is_path && !name.contains("://")).then(|| Self {
            hint: format!(
                "roles_claim({name:?}) is a single name; for a path use roles_path({steps:?})"
            ),
            missing: AtomicU32::new(0),
        })
    }

    /// Records an accepted token. A token that has the claim proves that the name is right.
    pub(super) fn saw(&self, has_claim: bool, events: &Events) {
        // Loads first, so that later requests do not write a cache line that all cores share.
        if self.missing.load(Ordering::Relaxed) >= ENOUGH {
            return;
        }
        if has_claim {
            self.missing.store(ENOUGH, Ordering::Relaxed);
        } else if self.missing.fetch_add(1, Ordering::Relaxed) + 1 == ENOUGH {
            let missing = Event::new(EventKind::BearerRolesMissing, "BearerJwtLayer");
            events.emit(missing.because("dotted_name").detail(&self.hint));
        }
    }
}
