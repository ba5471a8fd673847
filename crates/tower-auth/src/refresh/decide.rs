//! The verdict on a generation.

/// What to do with a token of a family that lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is the current one: replace it.
    Rotate,
    /// It is the current one and still so young that it may be on its way to another tab: answer
    /// with itself.
    Current,
    /// It was the current one until just now: whoever presents it lost a race, or never got the
    /// answer. Answer with the same successor.
    Successor,
    /// It was used before: there are two of it.
    Reuse(Reuse),
}

/// Which used token came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reuse {
    /// The current one's predecessor, after the window.
    Recent,
    /// An older one.
    Stale,
    /// A later one than the store knows of: the store was set back.
    Orphaned,
}

impl Reuse {
    /// Read by events alone.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Recent => "recent",
            Self::Stale => "stale",
            Self::Orphaned => "orphaned",
        }
    }
}

/// Judges a generation by the current one's number, and by whether the current one came to be just
/// now.
///
/// A recent generation is not rotated again, so that there is at most one rotation per window and no
/// honest grandparent. The first one, which has no predecessor, rotates at once. Without a window
/// nothing is recent: one winner, and the second ends the family.
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
