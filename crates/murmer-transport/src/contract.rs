//! The contract of the seam as tests, for every transport there is: yours too.
//!
//! A [`Bed`] says how to make transports of a kind, and how to let one die. [`contract_suite!`](crate::contract_suite)
//! makes a test of every line of the documentation of [`Transport`](crate::Transport),
//! [`Connection`](crate::Connection), [`SendHalf`](crate::SendHalf) and [`RecvHalf`](crate::RecvHalf) that a program
//! can check.
//!
//! Behind the feature `contract`, to be switched on for `[dev-dependencies]`.
//!
//! ```
//! use murmer_transport::contract::Bed;
//! use murmer_transport::{BindError, Limits, MemConfig, MemNetwork, MemTransport, Transport};
//! use std::net::SocketAddr;
//!
//! struct InMemory(MemNetwork);
//!
//! impl Bed for InMemory {
//!     type Transport = MemTransport;
//!     type Life = ();
//!
//!     fn new(limits: Limits) -> Self {
//!         Self(MemNetwork::with_config(1, MemConfig { limits }).expect("limits in range"))
//!     }
//!     fn bind(&self, addr: SocketAddr) -> Result<MemTransport, BindError> {
//!         self.0.bind(addr)
//!     }
//!     fn bind_mortal(&self) -> (MemTransport, ()) {
//!         (self.host(), ())
//!     }
//!     fn kill(&self, transport: MemTransport, (): ()) {
//!         self.0.crash(transport.local_addr());
//!     }
//! }
//!
//! murmer_transport::contract_suite!(InMemory);
//! # fn main() {}
//! ```

#![allow(clippy::unwrap_used, reason = "these are tests")]

mod bed;
mod connections;
mod ends;
mod halves;
mod limits;
/// Shared with this crate's other tests.
#[doc(hidden)]
pub mod pair;
mod streams;
mod transports;

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use tokio::time::timeout;

pub use bed::Bed;

/// The list of all cases: it runs one by its name, and makes the macro that makes tests of all.
macro_rules! cases {
    ($($area:ident: $($case:ident)+;)+) => {
        /// Runs one case; for [`contract_suite!`](crate::contract_suite).
        #[doc(hidden)]
        pub fn run<B: Bed>(case: &str) {
            let future: Pin<Box<dyn Future<Output = ()>>> = match case {
                $($(stringify!($case) => Box::pin($area::$case::<B>()),)+)+
                other => panic!("there is no case {other}"),
            };
            B::runtime().block_on(async { timeout(CASE_MAX, future).await.expect("the case ends") });
        }

        /// A test for each case of the contract, on a [`Bed`](crate::contract::Bed); see
        /// [`contract`](crate::contract).
        #[macro_export]
        macro_rules! contract_suite {
            ($bed:ty) => {
                $($(
                    #[test]
                    fn $case() {
                        $crate::contract::run::<$bed>(stringify!($case));
                    }
                )+)+
            };
        }
    };
}

cases! {
    transports:
        dialing_nobody_fails_in_time
        dialing_what_can_not_be_dialed_fails_at_once
        a_dial_that_is_dropped_is_given_up
        an_accept_that_is_dropped_loses_nothing
        both_ends_dialing_gives_two_connections
        a_closed_transport_accepts_and_dials_no_more
        a_closed_transport_frees_its_port
        a_dropped_transport_closes;
    connections:
        datagrams_arrive_whole
        a_datagram_too_large_is_refused
        the_binding_is_shared_by_the_ends_of_one_connection
        figures_grow_with_what_is_carried;
    ends:
        closing_ends_everything_and_tells_the_peer
        the_end_is_the_same_whenever_asked
        what_arrived_before_the_close_can_still_be_read
        streams_and_datagrams_that_arrived_before_the_close_can_still_be_taken
        dropping_all_handles_closes
        a_silent_peer_is_noticed
        a_restarted_peer_is_noticed_at_once;
    limits:
        a_stranger_has_one_stream_and_a_small_window
        all_streams_together_keep_to_the_connection_s_window
        streams_that_are_stopped_give_their_room_back
        opening_waits_while_the_limit_is_used_up
        the_limit_on_streams_has_a_limit
        a_smaller_limit_holds_as_streams_end
        streams_that_end_make_room_for_others
        many_streams_at_once
        strangers_are_counted_per_address;
    streams:
        bytes_arrive_in_order_and_end_cleanly
        a_stream_is_invisible_until_something_is_sent
        streams_are_accepted_in_the_order_they_were_opened
        an_unread_stream_makes_its_sender_wait
        streams_do_not_wait_for_each_other
        a_cancelled_send_loses_nothing
        the_halves_read_and_write_as_tokio_likes;
    halves:
        a_dropped_sender_looks_like_a_reset
        a_reset_shows_its_code_whenever_asked
        a_finished_stream_outlives_its_dropped_sender
        a_reset_stream_can_not_be_finished
        a_dropped_receiver_stops_the_sender
        a_stop_shows_its_code
        a_stop_after_the_end_changes_nothing
        a_half_that_was_ended_here_says_so;
}

/// Far more than any case takes.
const CASE_MAX: Duration = Duration::from_secs(60);
