//! What every store must do, as cases that run against any of them.
//!
//! An adapter's test file names a function that makes a [`Bench`] and gets one test for each case:
//!
//! ```ignore
//! convene_context_service::store_contract!(bench);
//!
//! /// `None`: what it needs is not here, and the test is skipped.
//! async fn bench() -> Option<Box<dyn Bench>> { .. }
//! ```
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::cloned_ref_to_slice_refs,
    reason = "these are tests, in a module so that two test files can share them"
)]

pub mod agents;
pub mod appends;
pub mod audience;
pub mod cancels;
pub mod claims;
pub mod conversations;
pub mod dismissals;
mod fixture;
pub mod log;
pub mod offers;
pub mod races;
pub mod releases;
pub mod restores;
pub mod resumes;
pub mod revocations;
pub mod submits;
pub mod sweeps;
pub mod timers;

use std::sync::Arc;

use async_trait::async_trait;
use convene_proto::id::ConversationId;

use super::{Limits, Store};

/// Makes stores to try.
#[async_trait]
pub trait Bench: Send + Sync {
    /// A fresh store that shares nothing with any other: no conversation, no due set, no agent.
    async fn store(&self, limits: Limits) -> Arc<dyn Store>;

    /// A store in which one conversation cannot be read any more: its record is damaged.
    async fn damaged(&self) -> (Arc<dyn Store>, ConversationId);
}

/// One `#[tokio::test]` for each case of the contract. `$bench` is an async function that returns
/// `Option<Box<dyn Bench>>`.
#[macro_export]
macro_rules! store_contract {
    ($bench:ident) => {
        $crate::store_contract! { $bench;
            agents: [
                announced_agents_are_listed_by_name_until_their_time_is_over,
                an_announcement_replaces_the_one_before,
                an_agent_that_one_worker_has_ready_is_ready,
                a_store_that_works_answers_a_ping,
            ],
            appends: [
                entries_get_numbers_and_the_answer_says_whom_to_tell,
                only_the_lease_s_nonce_may_write,
                who_was_taken_over_writes_nothing_more,
                text_that_leaves_a_gap_writes_nothing,
                text_and_its_start_go_in_one_step,
                text_needs_a_message_that_streams,
                one_message_streams_at_a_time,
                parts_are_written_in_order,
                a_write_made_again_is_answered_as_the_first_time,
                a_write_that_comes_after_its_retry_writes_nothing,
                a_write_that_leaves_one_out_is_refused,
                a_write_that_gave_the_lease_back_is_answered_until_another_writes,
                completing_ends_the_stream,
                retracting_ends_the_stream,
                finishing_takes_the_inputs_out_and_keeps_the_lease,
                retrying_gives_the_lease_back_until_the_delay_is_over,
                an_append_renews_the_lease,
            ],
            audience: [
                an_inbox_hears_from_its_first_subscriber_to_its_last,
                who_is_here_is_counted_over_all_inboxes,
                who_is_back_is_not_taken_out_by_a_call_of_before,
                an_inbox_that_is_not_audited_drops_out,
                an_audit_keeps_an_inbox_and_its_viewers,
                an_audit_puts_back_what_had_expired,
                an_audit_says_where_each_log_stands,
                an_audit_does_not_bring_back_who_was_removed,
                an_audit_answers_for_each_conversation_on_its_own,
                an_audit_says_who_is_here_but_in_a_crowd,
                a_signal_is_for_participants_and_says_whom_to_tell,
                what_was_read_only_grows_and_never_past_the_head,
            ],
            cancels: [
                nothing_to_cancel_is_an_error,
                a_run_under_way_learns_it_from_append_and_renew,
                only_the_named_run_is_cancelled,
                an_input_that_waits_is_claimed_as_cancelled,
                what_no_worker_has_is_due_at_once,
                what_comes_after_a_cancelled_input_does_not_share_its_fate,
                a_run_in_backoff_is_cancelled_at_once,
                a_run_whose_worker_died_is_claimed_as_cancelled,
                a_finished_run_cannot_be_cancelled,
                a_stopped_run_ends_as_cancelled_alone,
                an_end_that_was_written_before_the_cancel_stands,
            ],
            claims: [
                a_claim_takes_the_lease_and_the_first_input,
                without_input_there_is_nothing_to_claim,
                a_lease_is_held_against_others,
                a_renewed_lease_is_held_longer,
                a_lapsed_lease_is_taken_over_with_the_next_attempt,
                a_claim_made_again_is_answered_as_the_first_time,
                a_claim_that_comes_again_too_late_takes_nothing,
                a_claim_that_comes_again_after_others_takes_nothing,
                a_lapsed_lease_that_nobody_took_still_writes,
                history_is_the_end_of_the_log,
                history_leaves_out_what_the_worker_knows,
                history_of_large_bodies_is_shorter,
                inputs_are_claimed_one_by_one_in_order,
                merging_inputs_share_a_run_up_to_the_first_other,
                inputs_for_two_agents_never_share_a_run,
                only_so_many_inputs_share_a_run,
                a_claim_says_what_was_left_streaming,
                a_claim_says_what_was_said_whole,
                a_run_says_no_more_messages_than_are_remembered,
            ],
            conversations: [
                a_new_conversation_holds_its_first_event,
                creating_again_changes_nothing,
                creating_what_another_created_is_a_conflict,
                creating_again_shows_nothing_to_who_was_taken_out,
                who_is_not_in_it_finds_nothing,
                only_owners_invite_remove_others_and_rename,
                anyone_may_leave,
                a_service_may_change_anything,
                a_change_in_force_writes_nothing,
                adding_again_under_another_role_changes_it,
                nobody_loses_a_role_by_being_added_or_joining_again,
                an_invitation_is_void_once_somebody_was_removed,
                there_is_room_for_so_many_and_no_more,
                the_only_owner_does_not_leave_others_behind,
                who_is_removed_is_out,
                the_list_is_ordered_by_what_people_did_last,
                the_list_is_read_in_pages_without_repetition,
                a_page_behind_no_page_is_refused,
            ],
            dismissals: [
                an_agent_that_is_not_in_it_cannot_be_asked,
                who_is_removed_is_the_conversation_s_agent_no_longer,
                the_run_of_an_agent_that_is_removed_is_cancelled,
                what_waits_for_an_agent_that_is_removed_ends_and_blocks_nothing,
                an_agent_that_came_back_answers_what_waited,
            ],
            log: [
                pages_run_forward_and_backward,
                pages_end_where_the_log_ends,
                pages_of_large_bodies_are_shorter_and_leave_nothing_out,
                bodies_come_back_byte_for_byte,
                each_event_names_the_one_in_front,
                retention_drops_the_oldest_events,
                retention_keeps_what_still_waits,
                what_gathered_is_dropped_little_by_little,
                text_is_read_from_any_byte,
                finished_text_lingers_a_while,
                retracted_text_is_gone,
            ],
            offers: [
                what_is_offered_can_be_pressed_by_anybody_and_again,
                what_is_not_offered_cannot_be_pressed,
                an_offer_is_a_message_that_was_said_whole,
                what_was_taken_back_offers_nothing,
                what_a_dead_attempt_has_offered_is_not_pressed_in_the_next,
                one_press_counts_where_only_one_may,
                a_press_made_again_is_answered_as_before,
                concurrent_presses_have_one_winner,
                a_press_obeys_the_turn_policy,
                an_offer_is_forgotten_with_its_event,
                a_lost_press_is_restored_and_counts,
                a_lost_press_that_was_outrun_is_given_up,
                a_lost_press_that_was_outrun_is_given_up_though_its_offer_was_taken_back,
                a_lost_press_whose_offer_is_lost_is_restored,
            ],
            races: [
                concurrent_creates_make_one_conversation,
                concurrent_submits_leave_no_hole,
                concurrent_submits_of_one_message_converge,
                concurrent_claims_have_one_winner,
                a_release_that_races_a_submit_loses_no_wake_up,
                a_subscriber_misses_no_event_that_races_it,
                a_subscriber_misses_no_text_that_races_it,
            ],
            releases: [
                an_empty_mailbox_gives_the_lease_back,
                what_waits_is_claimed_under_the_same_lease,
                a_release_made_again_returns_the_same_run,
                only_the_lease_s_nonce_may_release,
                what_comes_late_from_a_run_that_is_over_does_nothing_to_the_next,
                an_unfinished_run_comes_again,
                an_abandoned_attempt_does_not_count,
                abandoning_leaves_what_waits_to_others,
            ],
            restores: [
                a_message_that_the_log_has_is_not_restored,
                a_message_that_the_log_lost_is_restored,
                a_restored_event_vouches_for_the_log_in_front_of_it,
                a_conversation_that_was_lost_is_made_anew,
                a_restored_input_waits_behind_a_held_lease,
                a_restored_message_is_known_from_then_on,
                a_finished_input_comes_back_only_by_replay,
                a_replay_does_not_double_what_waits,
                a_replay_that_comes_twice_is_done_once,
                a_command_is_known_by_its_event_too,
                what_retention_dropped_comes_back_only_by_replay,
                a_restored_interrupt_waits_in_line,
                a_replayed_interrupt_waits_in_line,
            ],
            resumes: [
                without_a_position_there_is_a_snapshot,
                a_snapshot_is_no_longer_than_asked_for,
                a_position_is_resumed_after_its_event,
                the_beginning_is_a_position_too,
                a_position_in_text_is_resumed_at_its_byte,
                a_position_inside_a_character_is_a_reset,
                a_position_before_the_text_gets_all_of_it,
                text_that_ended_meanwhile_is_resumed_with_its_end,
                a_position_in_an_earlier_part_gets_the_part_under_way,
                another_epoch_is_a_reset,
                another_eid_is_a_reset,
                a_position_past_the_head_is_a_reset,
                an_offset_past_the_text_is_a_reset,
                a_position_that_retention_passed_gets_a_snapshot,
                an_offset_past_the_text_is_a_reset_however_old_the_position,
                a_position_too_far_back_gets_a_snapshot,
                a_resume_of_more_than_a_page_of_bytes_is_a_snapshot,
            ],
            revocations: [
                what_is_revoked_is_listed_after_a_number,
                of_what_is_revoked_twice_the_later_time_counts,
                a_token_that_has_expired_is_forgotten,
            ],
            submits: [
                a_message_is_numbered_and_rings,
                the_same_message_again_is_answered_as_before,
                a_message_is_known_however_many_follow,
                a_message_is_known_until_the_log_drops_it,
                a_duplicate_rings_until_its_run_is_finished,
                another_author_s_message_id_is_a_conflict,
                only_who_is_addressed_is_woken,
                another_agent_is_rung_in_its_own_pool,
                reject_refuses_until_the_work_is_done,
                a_message_s_own_policy_goes_before_the_conversation_s,
                policies_are_for_messages_that_wake,
                an_interrupting_message_cancels_and_goes_next,
                an_interrupting_message_with_nothing_under_way_waits,
            ],
            sweeps: [
                work_is_due_when_no_submit_came_for_a_while,
                due_work_goes_to_one_sweeper_only,
                work_under_a_lease_is_not_due,
                work_whose_lease_is_over_is_due_at_once_and_once_more,
                work_in_backoff_is_not_due,
                work_that_is_done_is_not_due,
                work_that_is_rung_for_in_vain_rests_longer_each_time_until_something_is_done,
                what_was_rung_for_in_vain_is_due_at_once_when_it_is_cancelled,
                what_was_rung_for_in_vain_is_due_at_once_when_its_agent_is_removed,
                a_sweep_takes_no_more_than_asked_for,
            ],
            timers: [
                a_timer_rings_once_at_its_time_in_a_run_of_its_own,
                a_time_is_kept_too_and_what_is_past_rings_at_once,
                a_timer_set_again_is_replaced,
                a_cleared_timer_never_rings,
                what_rings_has_one_claimer,
                timers_ring_in_order_behind_what_people_said,
                a_sweep_finds_what_is_to_ring_and_nothing_before,
                each_of_several_timers_is_found_in_its_own_time,
                what_is_to_ring_goes_to_one_sweeper_and_again_until_it_rang,
                what_rang_is_not_lost_with_its_worker,
                a_claim_made_again_rings_no_other_timer,
                who_was_taken_over_sets_no_timer,
                timers_are_set_in_a_run,
                there_are_so_many_timers_and_no_more,
                a_write_made_again_sets_its_timer_once,
                the_timer_of_an_agent_that_left_rings_for_a_cancelled_run,
                what_happened_outside_is_told_by_who_is_not_in_it,
            ],
        }
    };
    ($bench:ident; $($subject:ident: [$($case:ident),* $(,)?]),* $(,)?) => {
        $(mod $subject {
            $(#[tokio::test]
            async fn $case() {
                if let Some(bench) = super::$bench().await {
                    $crate::store::contract::$subject::$case(bench.as_ref()).await;
                }
            })*
        })*
    };
}

#[cfg(test)]
mod tests {
    /// A case that no list names would never run.
    #[test]
    fn every_case_is_listed() {
        let listed = include_str!("mod.rs");
        let sources = [
            include_str!("agents.rs"),
            include_str!("appends.rs"),
            include_str!("audience.rs"),
            include_str!("cancels.rs"),
            include_str!("claims.rs"),
            include_str!("conversations.rs"),
            include_str!("dismissals.rs"),
            include_str!("log.rs"),
            include_str!("offers.rs"),
            include_str!("races.rs"),
            include_str!("releases.rs"),
            include_str!("restores.rs"),
            include_str!("resumes.rs"),
            include_str!("revocations.rs"),
            include_str!("submits.rs"),
            include_str!("sweeps.rs"),
            include_str!("timers.rs"),
        ];
        for source in sources {
            for (_, rest) in source
                .match_indices("pub async fn ")
                .map(|(at, found)| source.split_at(at + found.len()))
            {
                let name = rest.split('(').next().unwrap();
                assert!(
                    listed.contains(&format!(" {name},")),
                    "{name} is not in store_contract!"
                );
            }
        }
    }
}
