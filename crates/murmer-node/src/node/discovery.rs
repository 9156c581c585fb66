//! What discoveries say, from anybody on the network: where it may be worth to dial, and nothing else.
//!
//! Nobody becomes a member by it, and nobody stops being one.

use alloc::vec::Vec;
use core::net::SocketAddr;
use core::time::Duration;

use murmer_membership::Membership;
use murmer_wire::NodeId;

use super::{Node, Output, PlaceId};

impl<M: Membership> Node<M> {
    pub(super) fn found(&mut self, now: Duration, place: PlaceId, mut addrs: Vec<SocketAddr>) {
        if self.is_withdrawn || self.leaving.has_begun() {
            return self.out.push_back(Output::Forgotten(place));
        }
        addrs.truncate(PLACE_ADDRS_MAX);
        let is_us = addrs.contains(&self.us.addr);
        let known = self.links.at(&addrs).cloned();
        let forgotten = self.dials.found(now, place, addrs, known);
        if is_us {
            self.dials.place_is_us(place);
        }
        if let Some(forgotten) = forgotten {
            self.out.push_back(Output::Forgotten(forgotten));
        }
    }

    pub(super) fn gone(&mut self, place: PlaceId) {
        if self.dials.gone(place) {
            self.out.push_back(Output::Forgotten(place));
        }
    }

    pub(super) fn place_is(&mut self, now: Duration, place: PlaceId, id: &NodeId) {
        if *id == self.us.id {
            self.dials.place_is_us(place);
        } else {
            self.dials.place_answered(now, place, id, self.links.current(id).is_some());
        }
    }
}

/// The addresses of one place that are compared with those of nodes.
const PLACE_ADDRS_MAX: usize = 16;
