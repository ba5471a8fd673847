//! The promises that a store can break, each with the test that catches it.

macro_rules! mutants {
    ($($(#[doc = $doc:literal])+ $name:ident => $promise:ident,)+) => {
        /// A broken promise of the contract.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) enum Mutant { $($(#[doc = $doc])+ $name,)+ }

        impl Mutant {
            /// All variants, each with the name of a test that must catch it.
            pub(crate) const ALL: &[(Self, &str)] = &[$((Self::$name, stringify!($promise)),)+];
        }
    };
}

mutants! {
    /// The last write wins.
    SaveIgnoresVersion => no_update_is_lost,
    /// A save writes the record although it answers a conflict.
    SaveWritesOnConflict => another_version_is_a_conflict,
    /// A save creates a missing record.
    SaveUpserts => a_save_never_creates,
    /// A save revives an ended record.
    SaveRevives => a_save_does_not_revive,
    /// A save revives an expired record.
    SaveRenewsExpired => a_save_never_creates,
    /// A save revives a record that is past its absolute deadline and was used recently.
    SaveRenewsOver => a_save_past_the_absolute_deadline_is_refused,
    /// A save changes the owner.
    SaveChangesOwner => a_save_never_changes_the_owner,
    /// A save without an owner removes the owner.
    SaveDropsOwner => a_save_never_changes_the_owner,
    /// A save changes the creation time.
    SaveChangesCreated => a_save_keeps_created_and_never_moves_last_back,
    /// A save moves the last use back.
    SaveMovesLastBack => a_save_keeps_created_and_never_moves_last_back,
    /// A save keeps the old deadlines.
    SaveKeepsDeadlines => the_expected_version_is_replaced,
    /// A save only extends deadlines.
    SaveOnlyLengthens => a_save_may_bring_the_end_nearer,
    /// The owner that a save sets is not listed.
    SaveForgetsIndex => a_save_may_set_the_owner_once,
    /// Reading the version and writing are two steps.
    SaveInTwoSteps => one_save_of_many_wins,
    /// A creation overwrites a live record.
    CreateOverwrites => a_taken_key_is_a_conflict,
    /// A creation wins over a tombstone.
    CreateWinsOverTombstone => a_tombstone_is_not_overwritten,
    /// An expired record still occupies its key.
    CreateBlockedByExpired => an_expired_record_frees_its_key,
    /// Looking and inserting are two steps.
    CreateInTwoSteps => one_creation_of_many_wins,
    /// A record lives until after its deadline.
    ExpiresLate => the_idle_deadline_is_kept_to_the_microsecond,
    /// A record is gone one microsecond early.
    ExpiresEarly => the_absolute_deadline_is_kept_to_the_microsecond,
    /// Deadlines are compared in milliseconds.
    ExpiresByMilliseconds => an_odd_deadline_is_kept_to_the_microsecond,
    /// "Never" wraps around.
    NeverIsPast => what_never_ends_stays,
    /// The idle deadline is forgotten.
    NeverIdle => the_idle_deadline_is_kept_to_the_microsecond,
    /// The absolute deadline is forgotten.
    NeverOver => the_absolute_deadline_is_kept_to_the_microsecond,
    /// A touch moves the last use back.
    TouchMovesBack => a_touch_never_moves_back,
    /// A touch creates a new version.
    TouchMakesVersion => a_touch_is_in_no_saves_way,
    /// A touch does nothing.
    TouchDoesNothing => a_touch_moves_the_idle_deadline,
    /// A touch revives an expired record.
    TouchRevives => a_touch_of_what_is_gone_does_nothing,
    /// An end leaves no tombstone.
    EndLeavesNothing => an_ended_record_is_gone_at_once,
    /// An end without a record leaves no tombstone.
    EndNeedsRecord => an_end_needs_no_record,
    /// A second end changes the reason.
    EndChangesReason => a_second_end_keeps_the_first_reason_and_the_longer_stay,
    /// A second end shortens the tombstone's life.
    EndShortens => a_second_end_keeps_the_first_reason_and_the_longer_stay,
    /// A second end does not extend the tombstone's life.
    EndNeverLengthens => a_second_end_keeps_the_first_reason_and_the_longer_stay,
    /// The hash of the secret and the identity stay beside the tombstone.
    EndLeavesMeta => an_end_leaves_nothing_of_the_record,
    /// The application's data stays beside the tombstone.
    EndLeavesData => an_end_leaves_nothing_of_the_record,
    /// The owner stays beside the tombstone.
    EndLeavesOwner => an_end_leaves_nothing_of_the_record,
    /// An end of all of an owner's records leaves the rows that a single end clears.
    EndOwnedLeavesData => an_end_leaves_nothing_of_the_record,
    /// An end clears the row only if the record has not expired yet.
    EndLeavesExpired => an_end_leaves_nothing_of_the_record,
    /// Every reason becomes a log-out.
    EndForgetsReason => an_ended_record_is_gone_at_once,
    /// A tombstone stays for ever.
    TombstoneStays => a_tombstone_stays_as_long_as_asked,
    /// A version does not grow while the clock stands still.
    VersionIsClock => they_grow_while_the_clock_stands,
    /// Versions restart with a new record.
    VersionRestarts => they_grow_across_an_end_that_keeps_nothing,
    /// A list shows expired records.
    ListShowsExpired => what_expired_is_not_listed,
    /// A record leaves the list at the deadline of its first write.
    ListForgetsTouched => what_lives_on_stays_listed,
    /// A list shows ended records.
    ListShowsEnded => an_ended_record_is_gone_at_once,
    /// A list shows other kinds.
    ListIgnoresKind => lists_are_of_the_kinds_asked_for,
    /// A list shows one owner's records to another.
    ListIgnoresOwner => owners_are_kept_apart,
    /// A cursor is a position, so created and removed records shift the pages.
    CursorCounts => what_comes_and_goes_shifts_no_page,
    /// A page has one entry too many.
    PageTooLong => pages_hold_each_record_once,
    /// The last page announces another.
    PagesNeverEnd => pages_hold_each_record_once,
    /// The excepted record is ended too.
    EndOwnedIgnoresExcept => the_exception_stays,
    /// All kinds are ended.
    EndOwnedIgnoresKind => only_the_kinds_asked_for_are_ended,
    /// One record is left.
    EndOwnedLeavesOne => what_was_acknowledged_before_is_ended,
    /// The records are removed without a tombstone.
    EndOwnedLeavesNothing => all_of_an_owner_is_ended,
    /// A value beyond the limit is accepted.
    TakesTooLarge => a_creation_beyond_the_limit_changes_nothing,
    /// A value of exactly the limit is refused.
    RefusesLargest => values_up_to_the_limit_are_kept,
    /// A value beyond the limit is refused, and the old record is gone.
    TooLargeErases => a_save_beyond_the_limit_changes_nothing,
    /// A key ends at its first zero byte.
    KeyEndsAtZero => hostile_keys_are_kept_apart,
    /// Keys are compared without regard to case.
    KeyHasNoCase => hostile_keys_are_kept_apart,
    /// A key's white space is trimmed.
    KeyIsTrimmed => hostile_keys_are_kept_apart,
    /// Two kinds share a record.
    KindsShare => kinds_never_share_a_record,
    /// Whether the data is JSON is forgotten.
    ForgetsJson => a_record_comes_back_as_it_was,
    /// Data that is not text is changed.
    DataIsText => a_record_comes_back_as_it_was,
    /// The boundary between meta and data is lost.
    MetaRunsIntoData => a_record_comes_back_as_it_was,
    /// Microseconds are cut off.
    WholeSeconds => a_record_comes_back_as_it_was,
    /// `load_now` ignores ends.
    LoadNowIsStale => load_now_agrees_with_load,
    /// A creation inserts the record, and then the list entry.
    CreateListsLater => a_dropped_creation_is_done_or_not_done,
    /// A creation leaves the key empty for a moment before it inserts the record.
    CreateInHalves => a_dropped_creation_is_done_or_not_done,
    /// A save writes the record, and then the list entry for its new owner.
    SaveListsLater => a_dropped_save_is_done_or_not_done,
    /// A save writes the data, and then the version.
    SaveInHalves => a_dropped_save_is_done_or_not_done,
    /// A touch removes the record and inserts it again.
    TouchTakesOut => a_dropped_touch_is_done_or_not_done,
    /// An end removes the record, and then inserts the tombstone.
    EndInHalves => a_dropped_end_is_done_or_not_done,
    /// The end of all of an owner's records empties the list, and then ends the listed records.
    EndOwnedForgetsFirst => a_dropped_end_of_all_ends_each_or_leaves_it,
    /// An unread answer becomes the answer of the next step.
    AnswersShift => each_step_after_a_dropped_one_gets_its_own_answer,
    /// A creation is answered `Done`, although its list entry could not be written.
    CreateHidesLostEntry => a_write_whose_list_entry_failed_is_not_done,
    /// A save is answered `Done`, although its list entry could not be written.
    SaveHidesLostEntry => a_write_whose_list_entry_failed_is_not_done,
    /// A list expires with the deadline that was written last.
    ListEndsWithLastWrite => no_write_brings_the_end_of_a_list_entry_nearer,
    /// An entry has the deadline of the last write, even of a refused one.
    EntryEndsWithRefusedWrite => no_write_brings_the_end_of_a_list_entry_nearer,
    /// A clean-up uses the deadline with which a record was created.
    CleanUpForgetsTouched => a_clean_up_leaves_what_lives,
    /// A clean-up removes tombstones together with the records.
    CleanUpTakesTombstones => a_clean_up_leaves_what_lives,
    /// A clean-up removes the whole list when one of its entries has expired.
    CleanUpTakesList => a_clean_up_leaves_what_lives,
    /// A clean-up finds expired records, and then removes them without another check.
    CleanUpInTwoSteps => a_clean_up_spares_what_was_renewed_meanwhile,
    /// Listing is declared and refused.
    ListsNot => the_list_of_an_unknown_owner_is_empty,
}
