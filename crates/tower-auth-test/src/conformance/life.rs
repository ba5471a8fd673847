//! A record's life while the server may go away, as far as it is known.

use tower_auth_core::store::{
    EndOwnedParams, Key, ListParams, Load, Owner, Reason, Record, Store, StoreError, Version, Write,
};

use super::Bench;
use super::answered::answered;
use super::bench::{KEEP, MICROSECOND, done, name, nth, nth_owner};

/// Nobody else has its key or its owner: whatever is there is of this life.
pub(super) struct Life {
    key: Key,
    owner: Owner,
    /// By the last answer.
    known: State,
    /// After the last step, if it was done.
    perhaps: State,
    /// Each step was answered.
    pub(super) whole: bool,
}

enum State {
    Nothing,
    /// With its version, where that was told.
    Lives(Option<Version>, Record),
    Ended(Reason),
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
    pub(super) async fn of<S: Store>(bench: &Bench<S>, number: u32, keeps: bool) -> Self {
        let (key, owner) = (nth(number), nth_owner(number));
        let (known, perhaps) = (State::Nothing, State::Nothing);
        let mut life = Self { key, owner, known, perhaps, whole: false };
        life.whole = life.go(bench, number, keeps).await.is_ok();
        life
    }

    async fn go<S: Store>(
        &mut self,
        bench: &Bench<S>,
        number: u32,
        keeps: bool,
    ) -> Result<(), StoreError> {
        let (key, owner, store) = (self.key, self.owner, &bench.store);
        let steps = number % 6;

        let first = bench.owned(number, owner);
        self.perhaps = State::Lives(None, first.clone());
        let created = done(answered(store.create(&key, &first)).await?);
        self.known = State::Lives(Some(created), first);
        if steps >= 1 && bench.lists() {
            let page = answered(store.list(ListParams::new(owner, 9))).await?;
            assert!(page.entries.iter().all(|it| it.key == key), "another's is listed");
            assert!(page.entries.len() == 1 || !keeps, "it is not listed");
        }
        if steps >= 2 {
            let load = answered(store.load(&key)).await?;
            let lost = matches!(load, Load::Absent) && !keeps;
            assert!(self.known.is(&load) || lost, "{} instead of the record", name(&load));
        }
        if steps >= 3 {
            let second = bench.owned(number + 1, owner);
            self.perhaps = State::Lives(None, second.clone());
            match answered(store.save(&key, created, &second)).await? {
                Write::Done(saved) => {
                    assert!(saved > created);
                    self.known = State::Lives(Some(saved), second);
                }
                // It was lost. (One that is sent twice is in its own way.)
                Write::Conflict if !keeps => {
                    self.known = State::Nothing;
                    return Ok(());
                }
                other => panic!("{other:?} of a save that nobody is in the way of"),
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
            self.perhaps = State::Ended(Reason::Kicked);
            if bench.lists() && (number / 6).is_multiple_of(2) {
                let ended = store.end_owned(EndOwnedParams::new(owner, Reason::Kicked, KEEP));
                assert!(answered(ended).await? == 1 || !keeps, "it is not ended");
            } else {
                answered(store.end(&key, Reason::Kicked, KEEP)).await?;
            }
            self.known = State::Ended(Reason::Kicked);
        }
        Ok(())
    }

    /// Says that it is there as it is known, or as a step that was not answered would have made it.
    pub(super) async fn is_as_known<S: Store>(&self, bench: &Bench<S>, keeps: bool) {
        let Self { key, owner, known, perhaps, whole } = self;
        let load = bench.load(key).await;
        let lost = matches!(load, Load::Absent) && !keeps;
        let is_known = known.is(&load);
        let is_known_or_perhaps = is_known || !*whole && perhaps.is(&load);
        assert!(is_known_or_perhaps || lost, "{} that nobody has made", name(&load));
        let Load::Found(stored) = load else { return bench.assert_listed(owner, &[]).await };
        if is_known {
            bench.assert_listed(owner, &[*key]).await;
        }
        // One whose creation was not answered may be on no list yet: its next save puts it there.
        let last = Record { last: stored.record.last, ..bench.owned(0, *owner) };
        let version = done(bench.save(key, stored.version, &last).await);
        bench.assert_holds(key, version, &last).await;
        bench.assert_listed(owner, &[*key]).await;
    }
}
