//! A claim of roles whose name has dots: perhaps a path was meant.

use std::sync::atomic::{AtomicBool, Ordering};

use tower_auth_core::Events;
use tower_auth_core::event::{Event, Kind};

/// Watches whether any token has the claim, and reports once that none has.
pub(super) struct Dotted {
    hint: String,
    settled: AtomicBool,
}

impl Dotted {
    /// `None` for a name that is no path: without dots, or a URL.
    pub(super) fn new(name: &str) -> Option<Self> {
        let steps: Vec<&str> = name.split('.').collect();
        let is_path = steps.len() > 1 && steps.iter().all(|step| !step.is_empty());
        (is_path && !name.contains("://")).then(|| Self {
            hint: format!("roles_claim({name:?}) is one name; for a path: roles_path({steps:?})"),
            settled: AtomicBool::new(false),
        })
    }

    /// A token was accepted. The first one settles it: either the name is right, or it is reported.
    pub(super) fn saw(&self, has_claim: bool, events: &Events) {
        // A load first, so that later requests do not write a cache line that all cores share.
        if self.settled.load(Ordering::Relaxed) || self.settled.swap(true, Ordering::Relaxed) {
            return;
        }
        if !has_claim {
            let missing = Event::new(Kind::BearerRolesMissing, "BearerJwtLayer");
            events.emit(missing.because("dotted_name").detail(&self.hint));
        }
    }
}
