//! Clusters of several nodes: one suite, run over QUIC on loopback and over the network in memory.

mod bed;
mod calls;
mod departing;
mod discovery;
mod downing;
mod events;
mod failures;
mod flushing;
mod giving_up;
mod groups;
mod joining;
mod labels;
mod namesakes;
mod neighbours;
mod partitions;
mod peers;
mod pressure;
mod references;
mod shapes;
mod starving;
mod streaming;
mod watching;

use std::time::Duration;

use self::bed::{Bed, InMemory, OverQuic, World};

/// Runs every case as a test of its own in both worlds.
macro_rules! in_both_worlds {
    ($($area:ident: $($case:ident),+;)+) => {
        mod over_quic {
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    super::run::<super::OverQuic>(async |bed| super::$area::$case(bed).await).await;
                }
            )+)+
        }

        mod in_memory {
            $($(
                #[tokio::test(start_paused = true)]
                async fn $case() {
                    super::run::<super::InMemory>(async |bed| super::$area::$case(bed).await).await;
                }
            )+)+
        }
    };
}

in_both_worlds! {
    calls:
        asks_go_both_ways,
        a_hundred_asks_in_flight_get_their_own_replies,
        tells_through_one_endpoint_keep_their_order,
        eight_senders_get_all_their_replies,
        a_reference_sent_in_a_message_leads_back,
        an_ask_that_is_not_answered_ends_at_its_timeout,
        a_message_over_the_limit_is_refused_before_it_is_sent,
        a_reply_over_the_limit_is_told_to_the_caller,
        a_reply_that_panics_over_its_own_encoding_is_told_at_once,
        a_reply_that_is_kept_reaches_another_node_later,
        a_forwarded_reply_reaches_another_node;
    streaming:
        items_come_in_order_and_then_the_end,
        a_hundred_streams_at_once_get_their_own_items,
        a_reader_that_stops_stops_its_stream_and_nobody_else,
        large_items_are_fewer_ahead_and_come_through,
        an_item_over_the_limit_ends_its_stream_and_says_so,
        dropping_a_stream_ends_it_over_there,
        a_stream_nobody_waits_for_does_not_run,
        a_time_limit_is_about_getting_the_stream,
        a_panic_in_a_stream_is_told_to_its_reader_elsewhere,
        the_end_of_an_actor_breaks_its_streams_off,
        a_stream_does_not_outlive_the_life_it_began_in,
        the_death_of_a_node_is_told_to_its_readers,
        a_node_whose_reader_dies_yields_no_more,
        a_shutdown_waits_for_no_stream,
        a_stream_outlives_the_connection_that_loses_against_another,
        a_streamed_answer_can_be_left_to_another_actor,
        a_stream_of_another_build_is_told_apart;
    shapes:
        a_shared_message_reaches_its_actors_on_other_nodes,
        a_generic_actor_is_called_from_another_node,
        generic_actors_of_other_parameters_are_other_actors_on_every_node;
    namesakes:
        types_of_one_name_are_called_as_themselves,
        parameters_of_one_name_make_different_actors,
        of_types_that_nothing_tells_apart_other_nodes_do_not_hear;
    labels:
        an_unknown_label_is_nobody,
        a_local_actor_is_not_seen_elsewhere,
        a_label_that_is_stopped_and_started_ten_times_stays_callable,
        a_label_on_two_nodes_is_kept_twice_and_found_once,
        two_thousand_actors_of_one_node_are_callable_from_another,
        a_small_limit_on_messages_does_not_cut_off_the_registry;
    groups:
        a_group_has_the_members_of_all_nodes_in_one_order,
        groups_of_one_name_and_other_types_are_others_on_every_node,
        a_listing_tells_of_members_that_come_and_go_elsewhere,
        the_members_of_a_node_that_dies_are_gone,
        routers_reach_the_members_of_all_nodes,
        a_restart_keeps_groups_label_and_visibility_on_every_node,
        others_hear_of_an_actor_what_its_visibility_says;
    flushing:
        what_was_registered_before_a_flush_is_found_everywhere_after_it,
        whoever_has_nobody_to_tell_waits_for_nobody,
        registrations_that_go_on_hold_up_no_flush;
    references:
        a_reference_overtakes_the_news_of_its_actor,
        a_reference_leads_to_actors_that_nobody_is_told_of,
        a_reference_to_a_node_that_is_gone_leads_nowhere,
        an_actor_can_be_waited_for_until_it_is_known,
        an_actor_that_ends_is_waited_for_no_longer;
    giving_up:
        an_ask_dropped_before_its_turn_is_not_handled,
        an_ask_whose_time_is_over_before_its_turn_is_not_handled,
        waiting_for_an_end_in_vain_leaves_nothing_behind,
        a_join_that_is_given_up_frees_its_address;
    failures:
        a_panic_is_told_to_a_remote_caller,
        a_remote_stop_ends_what_is_queued_and_a_new_lookup_finds_the_successor,
        a_node_that_dies_is_pruned_and_the_others_go_on,
        a_node_that_leaves_is_pruned_at_once,
        a_handler_in_hand_at_a_shutdown_is_finished_and_answers,
        a_reply_of_megabytes_outlives_a_shutdown,
        what_a_node_that_leaves_has_asked_ends,
        of_a_cluster_that_was_left_nothing_is_seen,
        a_node_that_restarts_with_a_seed_is_usable_again,
        a_node_that_restarts_without_a_seed_is_usable_again;
    events:
        a_member_joins_before_its_actors_and_is_down_after_them,
        a_member_has_left_after_its_actors,
        two_holders_of_a_label_are_both_named;
    departing:
        a_node_that_is_shut_down_tells_its_own_that_the_others_are_gone;
    joining:
        two_nodes_that_seed_each_other_share_one_way,
        a_node_says_where_it_is_and_is_found_there,
        calls_outlive_the_connection_that_loses_against_another,
        a_name_in_use_is_refused,
        a_wrong_cookie_learns_nothing,
        a_seed_can_be_a_host_name,
        a_seed_that_comes_up_later_is_found,
        three_nodes_mesh_from_one_seed_and_outlive_it;
    peers:
        the_figures_of_a_peer_s_connection_grow,
        a_peer_that_is_gone_is_no_peer;
    pressure:
        a_stuck_actor_makes_its_senders_wait_and_nobody_else,
        what_a_mailbox_does_not_take_for_five_seconds_is_turned_away,
        answers_that_are_kept_for_later_hold_up_no_other_message;
    neighbours:
        a_thousand_stuck_actors_leave_the_rest_of_their_node_alone,
        messages_of_megabytes_leave_the_rest_of_their_node_alone;
    watching:
        an_actor_elsewhere_is_watched_to_its_end_whatever_that_is,
        the_true_reason_comes_from_another_node,
        a_notice_comes_behind_all_that_its_actor_sent_from_another_node,
        five_thousand_ends_at_once_are_told_over_one_connection;
}

async fn run<W: World>(case: impl AsyncFnOnce(&mut Bed<W>)) {
    let mut bed = Bed::default();
    tokio::time::timeout(CASE_MAX, case(&mut bed)).await.expect("the case ends");
}

/// Far more than any case takes; some let minutes pass that only seem to.
const CASE_MAX: Duration = Duration::from_secs(600);
