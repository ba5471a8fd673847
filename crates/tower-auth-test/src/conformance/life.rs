//! A record's life on a server that may go away, with the states that are possible.

use tower_auth_core::store::{
    EndOwnedParams, EndReason, Key, ListParams, Load, Owner, Record, Store, StoreError, Version,
    Write,
};

use super::Fixture;
use super::answered::answered;
use super::fixture::{KEEP, MICROSECOND, done, name, nth, nth_owner};

/// No other life uses its key or its owner, so every record under them belongs to this life.
pub(super) struct Life {
    key: Key,
    owner: Owner,
    /// The state according to the last answer.
    known: State,
    /// The state after the last step, if the server carried it out.
    perhaps: State,
    /// Whether each step was answered.
    pub(super) whole: bool,
}

enum State {
    Nothing,
    /// The record and its version, if the server answered one.
    Lives(Option<Version>, Record),
    Ended(EndReason),
}

impl State {
    fn is(&self, load: &Load) -> bool {
        match (self, load) {
            (Self::Nothing, Load::Absent) => true,
            (Self::Lives(version, record), Load::Found(stored)) => {
                stored.record == *record && version.is_none_or(|it| it == stored.version)
            }
            (Self::Ended(its), Load::Ended { reason, .. }) => its == reason,
            _ => false,
        }
    }
}

impl Life {
    /// Creates a record and takes some more steps, until one is not answered.
    pub(super) async fn of<S: Store>(fixture: &Fixture<S>, number: u32, keeps: bool) -> Self {
        let (key, owner) = (nth(number), nth_owner(number));
        let (known, perhaps) = (State::Nothing, State::Nothing);
        let mut life = Self { key, owner, known, perhaps, whole: false };
        life.whole = life.go(fixture, number, keeps).await.is_ok();
        life
    }

    async fn go<S: Store>(
        &mut self,
        fixture: &Fixture<S>,
        number: u32,
        keeps: bool,
    ) -> Result<(), StoreError> {
        let (key, owner, store) = (self.key, self.owner, &fixture.store);
        let steps = number % 6;

        let first = fixture.owned(number, owner);
        self.perhaps = State::Lives(None, first.clone());
        let created = done(answered(store.create(&key, &first)).await?);
        self.known = State::Lives(Some(created), first);
        if steps >= 1 && fixture.lists() {
            let page = answered(store.list(ListParams::new(owner, 9))).await?;
            assert!(page.entries.iter().all(|it| it.key == key), "another record is listed");
            assert!(page.entries.len() == 1 || !keeps, "the record is not listed");
        }
        if steps >= 2 {
            let load = answered(store.load(&key)).await?;
            let lost = matches!(load, Load::Absent) && !keeps;
            assert!(self.known.is(&load) || lost, "{} instead of the record", name(&load));
        }
        if steps >= 3 {
            let second = fixture.owned(number + 1, owner);
            self.perhaps = State::Lives(None, second.clone());
            match answered(store.save(&key, created, &second)).await? {
                Write::Done(saved) => {
                    assert!(saved > created);
                    self.known = State::Lives(Some(saved), second);
                }
                // The record was lost. (A save that is sent twice conflicts with itself.)
                Write::Conflict if !keeps => {
                    self.known = State::Nothing;
                    return Ok(());
                }
                other => panic!("{other:?} from a save without a competitor"),
            }
        }
        if steps >= 4
            && let State::Lives(version, record) = &self.known
        {
            let touched = Record { last: record.last + MICROSECOND, ..record.clone() };
            let (version, seen) = (*version, touched.last);
            self.perhaps = State::Lives(version, touched.clone());
            answered(store.touch(&key, seen)).await?;
            self.known = State::Lives(version, touched);
        }
        if steps >= 5 {
            self.perhaps = State::Ended(EndReason::Kicked);
            if fixture.lists() && (number / 6).is_multiple_of(2) {
                let ended = store.end_owned(EndOwnedParams::new(owner, EndReason::Kicked, KEEP));
                assert!(answered(ended).await? == 1 || !keeps, "the record is not ended");
            } else {
                answered(store.end(&key, EndReason::Kicked, KEEP)).await?;
            }
            self.known = State::Ended(EndReason::Kicked);
        }
        Ok(())
    }

    /// Asserts that the record is in the known state, or in that of the step that was not answered.
    pub(super) async fn is_as_known<S: Store>(&self, fixture: &Fixture<S>, keeps: bool) {
        let Self { key, owner, known, perhaps, whole } = self;
        let load = fixture.load(key).await;
        let lost = matches!(load, Load::Absent) && !keeps;
        let is_known = known.is(&load);
        let is_known_or_perhaps = is_known || !*whole && perhaps.is(&load);
        assert!(is_known_or_perhaps || lost, "{}, which no step has made", name(&load));
        let Load::Found(stored) = load else { return fixture.assert_listed(owner, &[]).await };
        if is_known {
            fixture.assert_listed(owner, &[*key]).await;
        }
        // If its creation was not answered, the record may be on no list yet: its next save adds
        // the entry.
        let last = Record { last: stored.record.last, ..fixture.owned(0, *owner) };
        let version = done(fixture.save(key, stored.version, &last).await);
        fixture.assert_holds(key, version, &last).await;
        fixture.assert_listed(owner, &[*key]).await;
    }
}
