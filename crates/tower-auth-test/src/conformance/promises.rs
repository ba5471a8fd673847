//! The list of all promises, and the macros that expand it.

/// Passes every promise, grouped by module, to another macro.
#[doc(hidden)]
#[macro_export]
macro_rules! __store_promises {
    ($callback:path, $($argument:tt)*) => {
        $callback! {
            $($argument)*;
            creating {
                a_free_key_is_taken
                a_record_comes_back_as_it_was
                a_taken_key_is_a_conflict
                an_expired_record_frees_its_key
                a_tombstone_is_not_overwritten
                a_tombstone_that_is_over_frees_its_key
                a_created_record_is_listed_at_once
                a_record_born_expired_is_never_seen
            }
            expiring {
                the_idle_deadline_is_kept_to_the_microsecond
                the_absolute_deadline_is_kept_to_the_microsecond
                a_load_is_no_use
                an_odd_deadline_is_kept_to_the_microsecond
                what_never_ends_stays
                what_expired_is_not_listed
                load_now_agrees_with_load
            }
            saving {
                the_expected_version_is_replaced
                another_version_is_a_conflict
                a_save_never_creates
                a_save_does_not_revive
                a_save_may_set_the_owner_once
                a_save_never_changes_the_owner
                a_save_keeps_created_and_never_moves_last_back
                a_save_may_bring_the_end_nearer
                a_save_is_not_of_the_successor
                a_save_is_of_one_record
                a_save_past_the_absolute_deadline_is_refused
            }
            versions {
                they_grow_while_the_clock_stands
                they_grow_when_the_clock_is_set_back
                they_grow_across_end_and_creation
                they_grow_across_an_end_that_keeps_nothing
            }
            touching {
                a_touch_moves_the_idle_deadline
                a_touch_never_moves_back
                a_touch_never_moves_the_absolute_deadline
                a_touch_of_what_is_gone_does_nothing
                a_touch_is_in_no_saves_way
            }
            ending {
                an_ended_record_is_gone_at_once
                a_tombstone_stays_as_long_as_asked
                a_tombstone_outlives_the_records_deadline
                an_end_needs_no_record
                a_second_end_keeps_the_first_reason_and_the_longer_stay
                an_end_after_the_tombstone_is_a_first_one
                a_tombstone_may_stay_for_ever
                an_end_that_keeps_nothing_still_ends
                an_end_leaves_nothing_of_the_record
            }
            cleaning {
                a_clean_up_leaves_what_lives
                a_clean_up_spares_what_was_renewed_meanwhile
            }
            indexing {
                a_write_whose_list_entry_failed_is_not_done
                no_write_brings_the_end_of_a_list_entry_nearer
            }
            keys {
                an_unknown_key_is_absent
                hostile_keys_are_kept_apart
                kinds_never_share_a_record
                owners_are_kept_apart
            }
            sizes {
                values_up_to_the_limit_are_kept
                a_creation_beyond_the_limit_changes_nothing
                a_save_beyond_the_limit_changes_nothing
            }
            listing {
                the_list_of_an_unknown_owner_is_empty
                entries_are_what_a_load_answers
                pages_hold_each_record_once
                lists_are_of_the_kinds_asked_for
                what_comes_and_goes_shifts_no_page
                a_strange_cursor_does_no_harm
                all_of_an_owner_is_ended
                the_exception_stays
                only_the_kinds_asked_for_are_ended
                what_a_save_made_an_owners_is_ended_too
                what_lives_on_stays_listed
                a_key_used_again_is_the_new_owners
            }
            racing {
                one_creation_of_many_wins
                one_save_of_many_wins
                no_update_is_lost
                an_end_beats_every_save
                an_end_beats_every_creation
                one_end_of_many_gives_the_reason
                one_owner_of_many_is_set
                steady_records_are_listed_once_whatever_comes_and_goes
                what_was_acknowledged_before_is_ended
            }
            cancelling {
                a_dropped_creation_is_done_or_not_done
                a_dropped_save_is_done_or_not_done
                a_dropped_touch_is_done_or_not_done
                a_dropped_end_is_done_or_not_done
                a_dropped_end_of_all_ends_each_or_leaves_it
                each_step_after_a_dropped_one_gets_its_own_answer
            }
        }
    };
}

/// Creates a module of tests that check a store against the contract, one test per promise.
///
/// The first argument names the module. The second is a [`Harness`](crate::conformance::Harness):
/// an expression that each test evaluates anew. The tests bring their own multi-threaded runtime.
///
/// ```
/// use tower_auth_test::{ModelStore, store_conformance};
///
/// store_conformance!(in_memory, ModelStore::new);
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! store_conformance {
    ($module:ident, $harness:expr $(,)?) => {
        #[cfg(test)]
        mod $module {
            #[allow(unused_imports, reason = "the harness may need the outer names")]
            use super::*;

            $crate::__store_promises! { $crate::__store_tests, $harness }
        }
    };
}

/// Creates a module of tests that restart a server under a store, with steps under way.
///
/// The first argument names the module. The second is a [`Restart`](crate::conformance::Restart),
/// whose documentation shows an example: an expression that each test evaluates anew.
#[macro_export]
macro_rules! restart_conformance {
    ($module:ident, $harness:expr $(,)?) => {
        #[cfg(test)]
        mod $module {
            #[allow(unused_imports, reason = "the harness may need the outer names")]
            use super::*;

            $crate::__restart_promises! { $crate::__store_tests, $harness }
        }
    };
}

/// Passes every promise about restarts to another macro.
#[doc(hidden)]
#[macro_export]
macro_rules! __restart_promises {
    ($callback:path, $($argument:tt)*) => {
        $callback! {
            $($argument)*;
            restarting {
                a_server_that_is_away_is_unavailable_and_found_again
                a_restart_in_the_middle_leaves_nothing_half_done
                no_update_is_lost_over_restarts
            }
        }
    };
}

/// Expands to one test for each promise.
#[doc(hidden)]
#[macro_export]
macro_rules! __store_tests {
    ($harness:expr; $($group:ident { $($promise:ident)+ })+) => {
        $($(
            #[test]
            fn $promise() {
                $crate::__private::run(async {
                    let harness = $harness;
                    $crate::conformance::$group::$promise(&harness).await
                });
            }
        )+)+
    };
}
