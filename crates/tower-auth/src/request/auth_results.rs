//! The answers of the authenticating layers, and the state that they establish together.

use tower_auth_core::{AuthState, Identity, Misconfigured};

use super::LayerFlag;

/// A layer that authenticates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AuthSource {
    Session,
    Bearer,
}

impl AuthSource {
    /// All sources in the order of rank: of equal answers the last one counts.
    const ALL: [Self; 2] = [Self::Session, Self::Bearer];

    pub(super) const fn mark(self) -> u32 {
        match self {
            Self::Session => LayerFlag::Session as u32,
            Self::Bearer => LayerFlag::Bearer as u32,
        }
    }

    /// Returns the bit for an answer that found something, beside the layers' marks.
    pub(super) const fn found(self) -> u32 {
        1 << (LayerFlag::BITS + self as u32)
    }

    /// Returns the bit for an answer that found nothing. Without either bit, the layer was entered
    /// and has not answered yet.
    pub(super) const fn nothing(self) -> u32 {
        1 << (LayerFlag::BITS + MOST + self as u32)
    }

    /// Returns the sources whose marks are among `marks`.
    pub(super) fn among(marks: u32) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |source| marks & source.mark() != 0)
    }

    /// Returns the sources in a context's bits that are active and have answered.
    pub(super) fn answered(bits: u32) -> impl Iterator<Item = Self> {
        Self::among(bits).filter(move |source| bits & (source.found() | source.nothing()) != 0)
    }
}

/// The maximum number of sources. Each has two of the bits that marks leave free.
const MOST: u32 = (u32::BITS - LayerFlag::BITS) / 2;
const _: () = assert!(AuthSource::ALL.len() <= MOST as usize);

/// The answer of a layer that found something.
enum Answer {
    Known(Identity),
    Unknown,
    /// The layer skips this route.
    LeftOut(&'static Misconfigured),
}

/// The answers, one for each layer. A layer that runs again (a retry inside an outer layer)
/// replaces its own answer and no other. If a layer found nothing, as for most requests, only the
/// context's marks say so.
#[derive(Default)]
pub(super) struct AuthResults([Option<Answer>; AuthSource::ALL.len()]);

impl AuthResults {
    /// Stores the answer of a layer.
    pub(super) fn set(&mut self, by: AuthSource, found: AuthState) {
        self.0[by as usize] = match found {
            AuthState::Anonymous => None,
            AuthState::Known(identity) => Some(Answer::Known(identity)),
            AuthState::Unknown => Some(Answer::Unknown),
        };
    }

    pub(super) fn leave_out(&mut self, by: AuthSource, misconfigured: &'static Misconfigured) {
        self.0[by as usize] = Some(Answer::LeftOut(misconfigured));
    }

    pub(super) fn clear(&mut self, by: AuthSource) {
        self.0[by as usize] = None;
    }

    pub(super) fn is_unknown(&self) -> bool {
        self.0.iter().any(|answer| matches!(answer, Some(Answer::Unknown)))
    }

    /// Returns the state that the answers establish together. Unknown wins over known, and known
    /// over anonymous. A skipped layer counts only if no other layer authenticated. `answered`
    /// yields the sources that are active and have answered.
    pub(super) fn state(
        &self,
        answered: impl Iterator<Item = AuthSource>,
    ) -> Result<AuthState, Misconfigured> {
        let rank = |source: &AuthSource| match &self.0[*source as usize] {
            Some(Answer::Unknown) => 3,
            Some(Answer::Known(_)) => 2,
            None => 1,
            Some(Answer::LeftOut(_)) => 0,
        };
        // Of equal answers the last wins: the explicit credential comes before the ambient one.
        let Some(source) = answered.max_by_key(rank) else {
            return Err(Misconfigured::NO_AUTHENTICATION);
        };
        match &self.0[source as usize] {
            None => Ok(AuthState::Anonymous),
            Some(Answer::Known(identity)) => Ok(AuthState::Known(identity.clone())),
            Some(Answer::Unknown) => Ok(AuthState::Unknown),
            Some(Answer::LeftOut(misconfigured)) => Err(**misconfigured),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{AuthSource, LayerFlag};

    /// A layer's mark must differ from every answer's bit, for any number of layers.
    #[test]
    fn no_answer_has_the_bit_of_a_mark_or_of_another_answer() {
        let answers: Vec<u32> =
            AuthSource::ALL.iter().flat_map(|it| [it.found(), it.nothing()]).collect();
        let all = answers.iter().fold(0, |all, bit| all | bit);
        assert_eq!(all.count_ones() as usize, answers.len());
        assert_eq!(all & ((1 << LayerFlag::BITS) - 1), 0);
        let marks = [
            LayerFlag::Cookie,
            LayerFlag::Csrf,
            LayerFlag::Refresh,
            LayerFlag::Session,
            LayerFlag::Bearer,
        ];
        assert!(marks.into_iter().all(|mark| (mark as u32) < 1 << LayerFlag::BITS));
    }
}
