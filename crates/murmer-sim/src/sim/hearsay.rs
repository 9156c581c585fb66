//! What a discovery tells of, on a network where anybody may announce anything.
//!
//! Doesn't know what nodes make of it.

use std::net::SocketAddr;

use murmer_node::{Input, PlaceId};

use super::Sim;
use super::links::PORT;
use crate::fault::Fault;

impl Sim {
    /// A process is told of a place where another is, itself, somebody by now or nobody ever; or that such a
    /// place is gone.
    pub(super) fn hearsay(&mut self) -> bool {
        let site = self.some_site(Fault::Hearsay);
        let (kind, number) = (self.dice(Fault::Hearsay).below(8), self.dice(Fault::Hearsay).below(LIES));
        let somebody = self.some_site(Fault::Hearsay);
        let port = match kind {
            0..4 => self.sites[somebody].port,
            // Where it ran before it has moved, if it has.
            4 => PORT + somebody as u16,
            _ => NOWHERE_PORT + number as u16,
        };
        let is_gone = self.dice(Fault::Hearsay).chance(0.2);
        if self.sites[site].process.is_none() {
            return false;
        }
        self.trace.say(self.now, || format!("FAULT hearsay at {site}: {port}, gone: {is_gone}"));
        let place = place(port);
        self.tell(site, if is_gone { Input::Gone(place) } else { found(place, port) });
        true
    }
}

/// The place that is known by its port.
fn place(port: u16) -> PlaceId {
    PlaceId(port.into())
}

fn found(place: PlaceId, port: u16) -> Input {
    Input::Found { place, addrs: vec![SocketAddr::from(([10, 0, 0, 1], port))] }
}

/// Where places lead: they are numbered by it.
pub(super) const fn port_of(place: PlaceId) -> u16 {
    place.0 as u16
}

/// How many places there never were.
const LIES: usize = 600;
/// Where nobody listens.
const NOWHERE_PORT: u16 = 62_000;
