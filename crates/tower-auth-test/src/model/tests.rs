use std::pin::pin;
use std::task::{Context, Poll, Waker};

use tower_auth_core::store::{RecordId, RecordKind};

use super::*;
use crate::TestClock;

/// Polls a future that never waits.
fn now<T>(future: impl Future<Output = Result<T, StoreError>>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer.unwrap_or_else(|error| panic!("{error}")),
        Poll::Pending => panic!("the future waits"),
    }
}

/// The suite asserts the contract. This test asserts only that the oracle forgets no version.
#[test]
fn versions_outlive_what_they_were_given_to() {
    let time = TestClock::new();
    let store = ModelStore::new(time.clock());
    let key = Key::new(RecordKind::Session, RecordId::new([1; 16]));
    let record = Record {
        owner: None,
        created: TestClock::START,
        last: TestClock::START,
        idle: Duration::MAX,
        absolute: Timestamp::MAX,
        meta: Bytes::new(),
        data: Bytes::new(),
        data_is_json: false,
    };
    let mut newest = Version::from_raw(0);
    for _ in 0..3 {
        let Write::Done(version) = now(store.create(&key, &record)) else {
            panic!("the key was taken")
        };
        assert!(version > newest);
        newest = version;
        time.set(Timestamp::from_unix_seconds(1));
        now(store.end(&key, EndReason::Kicked, Duration::ZERO));
    }
}
