//! The decision about a token, given its generation.

/// The action for a token of a live family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The token is current: replace it.
    Rotate,
    /// The token is current and so young that it may be on its way to another tab: answer with the
    /// same token.
    Current,
    /// The token was current until just now. Its client lost a race or the response: answer with
    /// the same successor.
    Successor,
    /// The token was used before, so two clients hold it.
    Reuse(Reuse),
}

/// The kind of a reused token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reuse {
    /// The predecessor of the current token, after the window.
    Recent,
    /// An older token.
    Stale,
    /// A later token than the store knows: the store was restored from a backup.
    Orphaned,
}

impl Reuse {
    /// Returns the code for events.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Recent => "recent",
            Self::Stale => "stale",
            Self::Orphaned => "orphaned",
        }
    }
}

/// Compares the presented generation with the current one. `is_recent` states whether the
/// current generation was created just now.
///
/// A recent generation is not rotated again. So there is at most one rotation per window, and no
/// honest client presents the predecessor's predecessor. The first generation has no predecessor
/// and rotates at once. Without a window, no generation is recent: one request wins, and the second
/// ends the family.
pub(super) fn decide(presented: u64, current: u64, is_recent: bool) -> Verdict {
    let is_young = current > 0 && is_recent;
    if presented == current {
        return if is_young { Verdict::Current } else { Verdict::Rotate };
    }
    if presented > current {
        return Verdict::Reuse(Reuse::Orphaned);
    }
    match (current - presented, is_young) {
        (1, true) => Verdict::Successor,
        (1, false) => Verdict::Reuse(Reuse::Recent),
        _ => Verdict::Reuse(Reuse::Stale),
    }
}
