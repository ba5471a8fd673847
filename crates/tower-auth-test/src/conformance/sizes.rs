//! Values up to the declared limit, and not one byte more.

use bytes::Bytes;
use tower_auth_core::store::{Record, Store, StoreErrorKind};

use super::fixture::{assert_error, done, key, owner, well};
use super::{Fixture, Harness};

/// The largest value that is tried.
const MOST: usize = 16 << 20;

impl<S: Store> Fixture<S> {
    /// Returns a record of `len` bytes, of which `meta` are the layer's.
    fn sized(&self, meta: usize, len: usize) -> Record {
        // Bytes that are neither text nor a repetition.
        let bytes: Bytes = (0..len).map(|at| (at * 31 % 251) as u8 ^ 0x80).collect();
        let (meta, data) = (bytes.slice(..meta), bytes.slice(meta..));
        Record { meta, data, data_is_json: false, ..self.owned(0, owner(1)) }
    }

    fn limit(&self) -> usize {
        self.store.limits().max_value
    }
}

/// Values of every size up to the declared limit are loaded unchanged.
pub async fn values_up_to_the_limit_are_kept<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    let limit = fixture.limit().min(MOST);
    assert!(limit > 0, "a store whose limit is zero");
    let usual = [0, 1, 2, 127, 128, 255, 256, 4095, 4096, 65_535, 65_536, limit - 1, limit];
    for len in usual.into_iter().filter(|len| *len <= limit) {
        for meta in [0, len / 2, len] {
            let record = fixture.sized(meta, len);
            let version = fixture.put(&key(1), &record).await;
            fixture.assert_holds(&key(1), version, &record).await;
            let turned = Record { owner: record.owner, ..fixture.sized(len - meta, len) };
            let version = done(fixture.save(&key(1), version, &turned).await);
            fixture.assert_holds(&key(1), version, &turned).await;
            fixture
                .end(&key(1), tower_auth_core::store::EndReason::Replaced, Default::default())
                .await;
        }
    }
}

/// A creation beyond the limit of `meta` and `data` together is refused as too large, and leaves
/// the key free.
pub async fn a_creation_beyond_the_limit_changes_nothing<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    let limit = fixture.limit();
    if limit >= MOST {
        return;
    }
    for meta in [0, 1, limit / 2 + 1, limit + 1] {
        let large = fixture.sized(meta, limit + 1);
        assert_error(fixture.store.create(&key(1), &large).await, StoreErrorKind::TooLarge);
        fixture.assert_absent(&key(1)).await;
        fixture.assert_listed(&owner(1), &[]).await;
    }
    fixture.put(&key(1), &fixture.sized(0, limit)).await;
}

/// A save beyond the limit is refused as too large, and leaves the record as it was.
pub async fn a_save_beyond_the_limit_changes_nothing<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    let limit = fixture.limit();
    if limit >= MOST {
        return;
    }
    let record = fixture.record(1);
    let version = fixture.put(&key(1), &record).await;
    for meta in [0, 1, limit / 2 + 1, limit + 1] {
        let large = fixture.sized(meta, limit + 1);
        assert_error(fixture.store.save(&key(1), version, &large).await, StoreErrorKind::TooLarge);
        fixture.assert_holds(&key(1), version, &record).await;
        fixture.assert_listed(&owner(1), &[]).await;
    }
    done(well(fixture.store.save(&key(1), version, &fixture.sized(limit, limit)).await));
}
