//! What each authenticating layer found, and what that comes to.

use tower_auth_core::{AuthState, Wiring};

use super::Mark;

/// A layer that authenticates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Session,
    Bearer,
}

impl Source {
    /// In the order of rank: of equal answers the last one counts.
    const ALL: [Self; 2] = [Self::Session, Self::Bearer];

    const fn mark(self) -> u32 {
        match self {
            Self::Session => Mark::Session as u32,
            Self::Bearer => Mark::Bearer as u32,
        }
    }

    /// The sources whose marks are among these.
    pub(super) fn among(marks: u32) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |source| marks & source.mark() != 0)
    }
}

type Answer = Result<AuthState, Wiring>;

/// Kept by layer, so that a layer that runs again (a retry inside an outer layer) replaces its own
/// answer and no other.
#[derive(Default)]
pub(super) struct Found([Option<Answer>; Source::ALL.len()]);

impl Found {
    pub(super) fn set(&mut self, by: Source, answer: Answer) {
        self.0[by as usize] = Some(answer);
    }

    pub(super) fn clear(&mut self, by: Source) {
        self.0[by as usize] = None;
    }

    fn answers(&self) -> impl Iterator<Item = &Answer> {
        self.0.iter().flatten()
    }

    pub(super) fn is_unknown(&self) -> bool {
        self.answers().any(|answer| matches!(answer, Ok(AuthState::Unknown)))
    }

    /// Unknown beats known, known beats anonymous, and a layer that was left out says so only
    /// where no other authenticated.
    pub(super) fn state(&self) -> Answer {
        let rank = |answer: &&Answer| match answer {
            Ok(AuthState::Unknown) => 3,
            Ok(AuthState::Known(_)) => 2,
            Ok(AuthState::Anonymous) => 1,
            Err(_) => 0,
        };
        // Of equals the last wins: the explicit credential stands before the ambient one.
        self.answers().max_by_key(rank).cloned().unwrap_or(Err(Wiring::NO_AUTHENTICATION))
    }
}
