use super::*;

const LAST: Timestamp = Timestamp::MAX;

#[test]
fn arithmetic_saturates_and_never_wraps() {
    assert_eq!(LAST + Duration::from_micros(1), LAST);
    assert_eq!(LAST + Duration::MAX, LAST);
    assert_eq!(Timestamp::from_unix_seconds(0) + Duration::MAX, LAST);
    assert_eq!(Timestamp::from_unix_seconds(u64::MAX), LAST);
    assert_eq!(Timestamp::from_unix_micros(1).since(LAST), Duration::ZERO);
    assert_eq!(LAST.since(Timestamp::from_unix_micros(1)), Duration::from_micros(u64::MAX - 1));
}

#[test]
fn what_is_finer_than_a_microsecond_is_cut_off() {
    let start = Timestamp::from_unix_micros(5);
    assert_eq!(start + Duration::from_nanos(999), start);
    assert_eq!(start + Duration::from_nanos(1_000), Timestamp::from_unix_micros(6));
    assert_eq!(Timestamp::from_unix_micros(1_999_999).as_unix_seconds(), 1);
}

#[test]
fn system_time_there_and_back() {
    let moment = Timestamp::from_unix_micros(1_767_225_600_123_456);
    assert_eq!(Timestamp::from(SystemTime::from(moment)), moment);
    let before = UNIX_EPOCH - Duration::from_secs(1);
    assert_eq!(Timestamp::from(before), Timestamp::from_unix_seconds(0));
    // The result depends on the platform, but the conversion does not panic and the time is far
    // away.
    assert!(SystemTime::from(LAST) > SystemTime::from(moment));
}

#[test]
fn debug_is_for_reading() {
    assert_eq!(format!("{:?}", Timestamp::from_unix_micros(1_000_002)), "1.000002s");
    assert_eq!(format!("{:?}", Clock::default()), "Clock(system)");
}

#[test]
fn a_clock_of_ones_own_is_not_the_systems() {
    struct Stopped;
    impl TimeSource for Stopped {
        fn now(&self) -> Timestamp {
            LAST
        }
    }
    assert!(Clock::system().is_system() && Clock::default().is_system());
    assert!(!Clock::new(Stopped).is_system());
}
