//! Promises that a store can break, and by what it is caught then.

macro_rules! mutants {
    ($($(#[doc = $doc:literal])+ $name:ident => $promise:ident,)+) => {
        /// A promise of the contract, broken.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) enum Mutant { $($(#[doc = $doc])+ $name,)+ }

        impl Mutant {
            /// Every one, with the name of a test that must catch it.
            pub(crate) const ALL: &[(Self, &str)] = &[$((Self::$name, stringify!($promise)),)+];
        }
    };
}

mutants! {
    /// The last write wins.
    SaveIgnoresVersion => no_update_is_lost,
    /// A save writes though it answers that it did not.
    SaveWritesOnConflict => another_version_is_a_conflict,
    /// A save creates what is not there.
    SaveUpserts => a_save_never_creates,
    /// A save brings back what was ended.
    SaveRevives => a_save_does_not_revive,
    /// A save brings back what expired.
    SaveRenewsExpired => a_save_never_creates,
    /// A save brings back what is past its absolute deadline and was used lately.
    SaveRenewsOver => a_save_past_the_absolute_deadline_is_refused,
    /// A save changes the owner.
    SaveChangesOwner => a_save_never_changes_the_owner,
    /// A save without an owner takes it away.
    SaveDropsOwner => a_save_never_changes_the_owner,
    /// A save changes when the record was created.
    SaveChangesCreated => a_save_keeps_created_and_never_moves_last_back,
    /// A save moves the last use back.
    SaveMovesLastBack => a_save_keeps_created_and_never_moves_last_back,
    /// A save keeps the old deadlines.
    SaveKeepsDeadlines => the_expected_version_is_replaced,
    /// A save moves deadlines away only.
    SaveOnlyLengthens => a_save_may_bring_the_end_nearer,
    /// The owner that a save sets is not listed.
    SaveForgetsIndex => a_save_may_set_the_owner_once,
    /// Reading the version and writing are two steps.
    SaveInTwoSteps => one_save_of_many_wins,
    /// A creation overwrites.
    CreateOverwrites => a_taken_key_is_a_conflict,
    /// A creation wins over a tombstone.
    CreateWinsOverTombstone => a_tombstone_is_not_overwritten,
    /// What expired still occupies its key.
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
    /// A touch makes a version.
    TouchMakesVersion => a_touch_is_in_no_saves_way,
    /// A touch does nothing.
    TouchDoesNothing => a_touch_moves_the_idle_deadline,
    /// A touch brings back what expired.
    TouchRevives => a_touch_of_what_is_gone_does_nothing,
    /// An end leaves no tombstone.
    EndLeavesNothing => an_ended_record_is_gone_at_once,
    /// An end where no record is leaves no tombstone.
    EndNeedsRecord => an_end_needs_no_record,
    /// A second end changes the reason.
    EndChangesReason => a_second_end_keeps_the_first_reason_and_the_longer_stay,
    /// A second end shortens the first one's stay.
    EndShortens => a_second_end_keeps_the_first_reason_and_the_longer_stay,
    /// A second end does not lengthen the stay.
    EndNeverLengthens => a_second_end_keeps_the_first_reason_and_the_longer_stay,
    /// The hash of the secret and the identity stay beside the tombstone.
    EndLeavesMeta => an_end_leaves_nothing_of_the_record,
    /// The application's data stays beside the tombstone.
    EndLeavesData => an_end_leaves_nothing_of_the_record,
    /// The owner stays beside the tombstone.
    EndLeavesOwner => an_end_leaves_nothing_of_the_record,
    /// An end of all does not clear the rows as an end does.
    EndOwnedLeavesData => an_end_leaves_nothing_of_the_record,
    /// An end clears only the row of what has not expired yet.
    EndLeavesExpired => an_end_leaves_nothing_of_the_record,
    /// Every reason becomes a log-out.
    EndForgetsReason => an_ended_record_is_gone_at_once,
    /// A tombstone stays for ever.
    TombstoneStays => a_tombstone_stays_as_long_as_asked,
    /// A version may stand still when the clock does.
    VersionIsClock => they_grow_while_the_clock_stands,
    /// Versions begin anew with a new record.
    VersionRestarts => they_grow_across_an_end_that_keeps_nothing,
    /// A list shows what expired.
    ListShowsExpired => what_expired_is_not_listed,
    /// A record leaves the list at the deadline that it was written with.
    ListForgetsTouched => what_lives_on_stays_listed,
    /// A list shows what was ended.
    ListShowsEnded => an_ended_record_is_gone_at_once,
    /// A list shows other kinds.
    ListIgnoresKind => lists_are_of_the_kinds_asked_for,
    /// A list shows one owner's records to another.
    ListIgnoresOwner => owners_are_kept_apart,
    /// A cursor counts, so that what comes and goes shifts the pages.
    CursorCounts => what_comes_and_goes_shifts_no_page,
    /// A page has one entry too many.
    PageTooLong => pages_hold_each_record_once,
    /// The last page says that there is another.
    PagesNeverEnd => pages_hold_each_record_once,
    /// The exception is ended too.
    EndOwnedIgnoresExcept => the_exception_stays,
    /// All kinds are ended.
    EndOwnedIgnoresKind => only_the_kinds_asked_for_are_ended,
    /// One is left over.
    EndOwnedLeavesOne => what_was_acknowledged_before_is_ended,
    /// The records go without a tombstone.
    EndOwnedLeavesNothing => all_of_an_owner_is_ended,
    /// What is too large is taken.
    TakesTooLarge => a_creation_beyond_the_limit_changes_nothing,
    /// What is just not too large is refused.
    RefusesLargest => values_up_to_the_limit_are_kept,
    /// What is too large is refused, and the old record is gone.
    TooLargeErases => a_save_beyond_the_limit_changes_nothing,
    /// A key ends at its first zero byte.
    KeyEndsAtZero => hostile_keys_are_kept_apart,
    /// A key's letters have no case.
    KeyHasNoCase => hostile_keys_are_kept_apart,
    /// A key's white space is trimmed.
    KeyIsTrimmed => hostile_keys_are_kept_apart,
    /// Two kinds share a record.
    KindsShare => kinds_never_share_a_record,
    /// Whether the data is JSON is forgotten.
    ForgetsJson => a_record_comes_back_as_it_was,
    /// Data that is no text is changed.
    DataIsText => a_record_comes_back_as_it_was,
    /// Meta and data run together.
    MetaRunsIntoData => a_record_comes_back_as_it_was,
    /// Microseconds are cut off.
    WholeSeconds => a_record_comes_back_as_it_was,
    /// `load_now` knows nothing of ends.
    LoadNowIsStale => load_now_agrees_with_load,
    /// A creation puts the record in, and then on the list.
    CreateListsLater => a_dropped_creation_is_done_or_not_done,
    /// A creation leaves the key taken by nothing until the record is in.
    CreateInHalves => a_dropped_creation_is_done_or_not_done,
    /// A save writes the record, and then on the list that it is an owner's.
    SaveListsLater => a_dropped_save_is_done_or_not_done,
    /// A save writes the data, and then the version.
    SaveInHalves => a_dropped_save_is_done_or_not_done,
    /// A touch takes the record out and puts it in again.
    TouchTakesOut => a_dropped_touch_is_done_or_not_done,
    /// An end takes the record out, and then leaves the tombstone.
    EndInHalves => a_dropped_end_is_done_or_not_done,
    /// The end of all empties the list, and then ends what was on it.
    EndOwnedForgetsFirst => a_dropped_end_of_all_ends_each_or_leaves_it,
    /// An answer that nobody takes is the next one's.
    AnswersShift => a_dropped_questions_answer_is_nobody_elses,
    /// A creation is done, although its entry could not be written.
    CreateHidesLostEntry => a_write_whose_list_entry_failed_is_not_done,
    /// A save is done, although its entry could not be written.
    SaveHidesLostEntry => a_write_whose_list_entry_failed_is_not_done,
    /// A list ends with the deadline that was written last.
    ListEndsWithLastWrite => no_write_brings_the_end_of_a_list_entry_nearer,
    /// An entry has the deadline of the last write, also of one that was refused.
    EntryEndsWithRefusedWrite => no_write_brings_the_end_of_a_list_entry_nearer,
    /// A clean-up goes by the deadline that a record was created with.
    CleanUpForgetsTouched => a_clean_up_leaves_what_lives,
    /// A clean-up takes tombstones away with the records.
    CleanUpTakesTombstones => a_clean_up_leaves_what_lives,
    /// A clean-up takes the whole list away when something on it is over.
    CleanUpTakesList => a_clean_up_leaves_what_lives,
    /// A clean-up looks what is over, and then removes it.
    CleanUpInTwoSteps => a_clean_up_spares_what_was_renewed_meanwhile,
    /// Listing is declared and refused.
    ListsNot => nobodys_list_is_empty,
}
