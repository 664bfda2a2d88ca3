//! The cases that every adapter must pass, as functions over a [`Harness`].
//!
//! An adapter's tests call [`bus_contract!`](crate::bus_contract) with a function that makes a
//! harness, and get one test for each case.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "these are tests, which stand in the library so that each adapter can run them"
)]

mod dead_letters;
mod doorbells;
mod harness;
mod inboxes;
mod lifecycle;

pub use self::{dead_letters::*, doorbells::*, harness::Harness, inboxes::*, lifecycle::*};

/// Makes a test of each case of the contract. `$harness` names an asynchronous function that
/// returns an `Option<Harness>`; where that is none, the test is skipped.
#[macro_export]
macro_rules! bus_contract {
    ($harness:path) => {
        $crate::bus_contract! { @cases $harness =>
            a_doorbell_is_taken_with_its_trace_and_gone_once_acked
            a_doorbell_dropped_unsettled_comes_again
            a_requeued_doorbell_comes_again
            a_doorbell_comes_again_when_its_holders_connection_ends
            doorbells_that_nobody_took_are_free_when_the_taker_goes
            no_more_than_the_prefetch_is_out_unsettled
            takers_share_the_doorbells
            a_retry_comes_no_sooner_than_its_delay_and_with_its_trace
            what_is_kept_comes_again_as_redelivered_and_its_deliveries_begin_anew
            pools_are_separate
            a_doorbell_that_kills_its_takers_ends_among_the_dead
            dead_letters_are_listed_with_their_reasons_and_stay
            a_dead_letter_is_dropped_once
            a_replayed_dead_letter_rings_again_and_says_so
            dead_letters_outlive_whoever_buried_them
            dead_letters_of_a_pool_that_never_was_are_none
            an_inbox_is_named_for_its_owner_and_brings_letters_in_order
            inboxes_of_one_owner_have_different_names
            one_letter_reaches_several_inboxes_once_each
            a_letter_to_an_inbox_that_is_gone_is_skipped
            an_inbox_that_nobody_reads_holds_up_nobody_and_keeps_the_newest
            a_closed_bus_says_so
            closing_ends_what_waits
            settling_after_the_connection_ended_does_nothing
        }
    };
    (@cases $harness:path => $($case:ident)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                if let Some(harness) = $harness().await {
                    $crate::contract::$case(harness).await;
                }
            }
        )*
    };
}
