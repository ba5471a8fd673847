//! A claim of roles whose name has dots: perhaps a path was meant.

use std::sync::atomic::{AtomicU32, Ordering};

use tower_auth_core::Events;
use tower_auth_core::event::{Event, Kind};

/// The number of accepted tokens without the claim after which it is reported as missing. Some issuers
/// leave the claim out for a user without roles, so a single token shows nothing.
const ENOUGH: u32 = 32;

/// Watches whether any token has the claim, and reports once that none has.
pub(super) struct Dotted {
    hint: String,
    /// The tokens without the claim so far; from [`ENOUGH`] on it is settled.
    missing: AtomicU32,
}

impl Dotted {
    /// `None` for a name that is no path: without dots, or a URL.
    pub(super) fn new(name: &str) -> Option<Self> {
        let steps: Vec<&str> = name.split('.').collect();
        let is_path = steps.len() > 1 && steps.iter().all(|step| !step.is_empty());
        (is_path && !name.contains("://")).then(|| Self {
            hint: format!("roles_claim({name:?}) is one name; for a path: roles_path({steps:?})"),
            missing: AtomicU32::new(0),
        })
    }

    /// A token was accepted. One with the claim settles that the name is right.
    pub(super) fn saw(&self, has_claim: bool, events: &Events) {
        // A load first, so that later requests do not write a cache line that all cores share.
        if self.missing.load(Ordering::Relaxed) >= ENOUGH {
            return;
        }
        if has_claim {
            self.missing.store(ENOUGH, Ordering::Relaxed);
        } else if self.missing.fetch_add(1, Ordering::Relaxed) + 1 == ENOUGH {
            let missing = Event::new(Kind::BearerRolesMissing, "BearerJwtLayer");
            events.emit(missing.because("dotted_name").detail(&self.hint));
        }
    }
}
