//! Promises that a store can break.

macro_rules! mutants {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {
        /// A promise of the contract, broken.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Mutant { $($(#[doc = $doc])+ $name,)+ }

        impl Mutant {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$name,)+];
        }
    };
}

mutants! {
    /// The last write wins.
    SaveIgnoresVersion,
    /// A save writes though it answers that it did not.
    SaveWritesOnConflict,
    /// A save creates what is not there.
    SaveUpserts,
    /// A save brings back what was ended.
    SaveRevives,
    /// A save brings back what expired.
    SaveRenewsExpired,
    /// A save changes the owner.
    SaveChangesOwner,
    /// A save without an owner takes it away.
    SaveDropsOwner,
    /// A save changes when the record was created.
    SaveChangesCreated,
    /// A save moves the last use back.
    SaveMovesLastBack,
    /// A save keeps the old deadlines.
    SaveKeepsDeadlines,
    /// The owner that a save sets is not listed.
    SaveForgetsIndex,
    /// Reading the version and writing are two steps.
    SaveInTwoSteps,
    /// A creation overwrites.
    CreateOverwrites,
    /// A creation wins over a tombstone.
    CreateWinsOverTombstone,
    /// What expired still occupies its key.
    CreateBlockedByExpired,
    /// Looking and inserting are two steps.
    CreateInTwoSteps,
    /// A record lives until after its deadline.
    ExpiresLate,
    /// A record is gone one microsecond early.
    ExpiresEarly,
    /// The idle deadline is forgotten.
    NeverIdle,
    /// The absolute deadline is forgotten.
    NeverOver,
    /// A touch moves the last use back.
    TouchMovesBack,
    /// A touch makes a version.
    TouchMakesVersion,
    /// A touch does nothing.
    TouchDoesNothing,
    /// A touch brings back what expired.
    TouchRevives,
    /// An end leaves no tombstone.
    EndLeavesNothing,
    /// An end where no record is leaves no tombstone.
    EndNeedsRecord,
    /// A second end changes the reason.
    EndChangesReason,
    /// A second end shortens the first one's stay.
    EndShortens,
    /// A second end does not lengthen the stay.
    EndNeverLengthens,
    /// Every reason becomes a log-out.
    EndForgetsReason,
    /// A tombstone stays for ever.
    TombstoneStays,
    /// A version may stand still when the clock does.
    VersionIsClock,
    /// Versions begin anew with a new record.
    VersionRestarts,
    /// A list shows what expired.
    ListShowsExpired,
    /// A list shows what was ended.
    ListShowsEnded,
    /// A list shows other kinds.
    ListIgnoresKind,
    /// A list shows one owner's records to another.
    ListIgnoresOwner,
    /// A cursor counts, so that what comes and goes shifts the pages.
    CursorCounts,
    /// A page has one entry too many.
    PageTooLong,
    /// The last page says that there is another.
    PagesNeverEnd,
    /// The exception is ended too.
    EndOwnedIgnoresExcept,
    /// All kinds are ended.
    EndOwnedIgnoresKind,
    /// One is left over.
    EndOwnedLeavesOne,
    /// The records go without a tombstone.
    EndOwnedLeavesNothing,
    /// What is too large is taken.
    TakesTooLarge,
    /// What is just not too large is refused.
    RefusesLargest,
    /// What is too large is refused, and the old record is gone.
    TooLargeErases,
    /// A key ends at its first zero byte.
    KeyEndsAtZero,
    /// A key's letters have no case.
    KeyHasNoCase,
    /// A key's white space is trimmed.
    KeyIsTrimmed,
    /// Two kinds share a record.
    KindsShare,
    /// Whether the data is JSON is forgotten.
    ForgetsJson,
    /// Data that is no text is changed.
    DataIsText,
    /// Meta and data run together.
    MetaRunsIntoData,
    /// Microseconds are cut off.
    WholeSeconds,
    /// `load_now` knows nothing of ends.
    LoadNowIsStale,
    /// Listing is declared and refused.
    ListsNot,
}
