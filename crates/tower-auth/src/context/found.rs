//! What each authenticating layer found, and what that comes to.

use tower_auth_core::{AuthState, Wiring};

use super::Mark;

type Answer = Result<AuthState, Wiring>;

/// Kept by layer, so that a layer that runs again (a retry inside an outer layer) replaces its own
/// answer and no other.
#[derive(Default)]
pub(super) struct Found {
    session: Option<Answer>,
    bearer: Option<Answer>,
}

impl Found {
    fn slot(&mut self, by: Mark) -> &mut Option<Answer> {
        match by {
            Mark::Bearer => &mut self.bearer,
            _ => &mut self.session,
        }
    }

    pub(super) fn set(&mut self, by: Mark, answer: Answer) {
        *self.slot(by) = Some(answer);
    }

    pub(super) fn clear(&mut self, by: Mark) {
        *self.slot(by) = None;
    }

    fn answers(&self) -> impl Iterator<Item = &Answer> {
        [&self.session, &self.bearer].into_iter().flatten()
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
