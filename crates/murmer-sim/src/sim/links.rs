//! Connections, as QUIC gives them: in order while they live, ended as a whole, silent when the path is.
//!
//! The control and the registry stream of one connection don't wait for each other. A close loses what was
//! under way behind some point, and may itself be lost: then the other end learns of it when it next sends,
//! or hears nothing any more. What a partition holds up arrives after it, unless an end has given up by then.
//!
//! Doesn't know why a node wants a connection, nor why the path is cut.

use std::time::Duration;

use bytes::Bytes;
use murmer_node::{DialTarget, Input, Introduction, Peer};

use super::hearsay::port_of;
use super::{Event, Sim};
use crate::cable::{Cable, End, Lane, Packet, Side, Word};
use crate::fault::Fault;
use crate::times::{HANDSHAKE_TIMEOUT, IDLE_TIMEOUT};

impl Sim {
    pub(super) fn dial(&mut self, site: usize, target: DialTarget) {
        let Some(process) = self.sites[site].process.as_mut() else { return };
        process.dials += 1;
        let dial = process.dials;
        let port = match &target {
            DialTarget::Seed(seed) => {
                let seed = process.seeds[*seed];
                self.sites[seed].port
            }
            DialTarget::Place(place) => port_of(*place),
            DialTarget::Peer(who) => who.addr.port(),
        };
        let there = self.sites.iter().position(|place| place.port == port);
        let found = there.and_then(|there| self.sites[there].process.as_ref());
        match &target {
            DialTarget::Seed(_) if found.is_some() => self.seed_dialed_at = self.now,
            // Somebody else may be there by now.
            DialTarget::Peer(who) if found.is_some_and(|found| found.who.id == who.id) => {
                self.dialed_at = self.now;
            }
            DialTarget::Seed(_) | DialTarget::Place(_) | DialTarget::Peer(_) => {}
        }
        let our_port = self.sites[site].port;
        let dialer = Side { site, port: our_port, is_open: true, ..Side::default() };
        let acceptor = Side { site: there.unwrap_or(site), port, ..Side::default() };
        let cable = self.cables.add(Cable { target, dial, sides: [dialer, acceptor] });
        self.schedule(HANDSHAKE_TIMEOUT, Event::HandshakeTimeout(cable));
        // Where nobody is, nobody answers.
        if let Some(there) = there {
            // Connecting takes a round trip of its own.
            let way = self.paths.word(self.now, site, there, &self.menu);
            let back = self.paths.word(self.now, there, site, &self.menu);
            self.send_after(way + back, End { cable, side: 1 }, Word::Hello);
        }
    }

    pub(super) fn handshake_timed_out(&mut self, cable: usize) {
        let end = End { cable, side: 0 };
        if self.cables.side(end).is_some_and(|side| side.is_open && !side.is_introduced) {
            self.close(end);
        }
    }

    pub(super) fn send(&mut self, from: End, word: Word) {
        if self.cables.is_open(from) {
            self.send_after(Duration::ZERO, from.other(), word);
        }
    }

    fn send_after(&mut self, wait: Duration, to: End, word: Word) {
        let (Some(sender), Some(side)) = (self.site_of(to.other()), self.site_of(to)) else { return };
        let at = self.now + wait + self.paths.word(self.now, sender, side, &self.menu);
        let Some(side) = self.cables.side_mut(to) else { return };
        let lane = if matches!(word, Word::Registry(_)) { &mut side.registry } else { &mut side.control };
        let at = lane.back().map_or(at, |(before, _)| at.max(*before));
        lane.push_back((at, word));
        self.queue.push(at, Event::Arrival(to));
    }

    pub(super) fn send_packet(&mut self, from: End, packet: Bytes) {
        let (Some(sender), Some(receiver)) = (self.site_of(from), self.site_of(from.other())) else { return };
        let fate = self.paths.datagram(self.now, sender, receiver, &self.menu);
        if !self.cables.is_open(from) {
            return;
        }
        let to = from.other();
        for fault in [Fault::Delay, Fault::Jitter, Fault::SmallRings] {
            if self.menu.has(fault) {
                self.happened.add(fault);
            }
        }
        if fate.after.is_none() {
            self.happened.add(Fault::Loss);
        }
        if let Some(again) = fate.again_after {
            self.happened.add(Fault::Duplicates);
            self.schedule(again, Event::Packet(Packet { to, packet: packet.clone() }));
        }
        if let Some(after) = fate.after {
            self.schedule(after, Event::Packet(Packet { to, packet }));
        }
    }

    pub(super) fn packet_arrived(&mut self, Packet { to, packet }: Packet) {
        let is_passable = self.is_passable(to);
        let now = self.now;
        if let Some(side) = self.cables.side_mut(to).filter(|side| side.is_open && side.is_introduced)
            && is_passable
        {
            side.heard_at = now;
            let site = side.site;
            self.tell(site, Input::Datagram { link: to.link(), packet });
        }
    }

    /// Whatever has arrived at this end by now is heard, the registry's stream once there is a peer.
    pub(super) fn arrived(&mut self, to: End) {
        while self.is_passable(to) {
            let now = self.now;
            let Some(side) = self.cables.side_mut(to) else { return };
            let is_due = |lane: &Lane| lane.front().is_some_and(|(at, _)| *at <= now);
            let word = if is_due(&side.control) {
                side.control.pop_front()
            } else if side.is_introduced && is_due(&side.registry) {
                side.registry.pop_front()
            } else {
                None
            };
            let Some((_, word)) = word else { break };
            side.heard_at = now;
            if matches!(word, Word::Hello) {
                if !self.connected(to) {
                    break;
                }
            } else if self.cables.is_open(to) {
                self.hear(to, word);
            }
        }
    }

    /// A dialer has got through, if both ways are open and somebody listens there.
    fn connected(&mut self, to: End) -> bool {
        let (Some(dialer), Some(acceptor)) = (self.site_of(to.other()), self.cables.side(to)) else {
            return false;
        };
        let (site, port) = (acceptor.site, acceptor.port);
        if !self.paths.is_open(site, dialer) {
            // It goes on trying until it gives up.
            self.queue.push(self.now + CONNECT_AGAIN, Event::Arrival(to));
            let now = self.now;
            if let Some(side) = self.cables.side_mut(to) {
                side.control.push_front((now + CONNECT_AGAIN, Word::Hello));
            }
            return false;
        }
        let who = self.sites[dialer].process.as_ref().filter(|_| self.cables.is_open(to.other()));
        let Some(who) = who.map(|process| process.who.clone()) else { return false };
        if self.sites[site].process.is_none() || self.sites[site].port != port {
            return false;
        }
        if let Some(side) = self.cables.side_mut(to) {
            side.is_open = true;
        }
        self.introduce(to, who, Vec::new());
        true
    }

    fn hear(&mut self, to: End, word: Word) {
        let (Some(site), link) = (self.site_of(to), to.link()) else { return };
        match word {
            Word::Hello => {}
            Word::Welcome(welcome) => {
                self.introduce(to, welcome.node.clone(), welcome.members);
                let id = welcome.node.id;
                match self.target(to) {
                    Some(DialTarget::Seed(seed)) => self.tell(site, Input::SeedIs { seed, id }),
                    Some(DialTarget::Place(place)) => self.tell(site, Input::PlaceIs { place, id }),
                    Some(DialTarget::Peer(_)) | None => {}
                }
            }
            Word::Refusal(refusal) => {
                let target = self.target(to);
                self.cables.shut(to);
                if let Some(target) = target {
                    self.tell(site, Input::DialFailed { target, refusal: Some(refusal) });
                }
            }
            Word::Control(message) => self.tell(site, Input::Control { link, message }),
            Word::Registry(message) => self.tell(site, Input::Registry { link, message }),
            Word::Ended => self.ended(to),
        }
    }

    fn introduce(&mut self, to: End, who: Introduction, members: Vec<Introduction>) {
        let now = self.now;
        let Some(dial) = self.cables.get(to.cable).map(|cable| cable.dial) else { return };
        let Some(side) = self.cables.side_mut(to) else { return };
        side.is_introduced = true;
        side.heard_at = now;
        let site = side.site;
        self.schedule(KEEP_ALIVE_EVERY, Event::Tick(to));
        let peer = Peer { seen_at: who.addr, who, dialed: to.side == 0, dial, members };
        self.tell(site, Input::Introduced { link: to.link(), peer });
        // Words of the registry may have come before.
        self.schedule(Duration::ZERO, Event::Arrival(to));
    }

    /// This end closes: it hears so at once, the other end when word gets there.
    pub(super) fn close(&mut self, end: End) {
        if self.cables.is_open(end) {
            self.hang_up(end);
            self.ended(end);
        }
    }

    /// The other end is told, unless that is lost, and may not get what was under way before.
    pub(super) fn hang_up(&mut self, end: End) {
        let keep = self.chances.below(4);
        if !self.cables.is_open(end) {
            return;
        }
        let (Some(from), Some(to)) = (self.site_of(end), self.site_of(end.other())) else { return };
        let is_lost = self.paths.datagram(self.now, from, to, &self.menu).after.is_none();
        let is_told = !is_lost && self.paths.is_open(from, to);
        let Some(other) = self.cables.side_mut(end.other()) else { return };
        other.control.truncate(keep);
        other.registry.truncate(keep);
        if is_told {
            self.send(end, Word::Ended);
        }
    }

    fn ended(&mut self, end: End) {
        let Some(side) = self.cables.side(end) else { return };
        let (site, was_introduced) = (side.site, side.is_introduced);
        let target = self.target(end);
        self.cables.shut(end);
        if was_introduced {
            self.tell(site, Input::Unlinked(end.link()));
        } else if let Some(target) = target.filter(|_| end.side == 0) {
            self.tell(site, Input::DialFailed { target, refusal: None });
        }
    }

    /// An end shows the other that it is there, and gives up if it has heard nothing for too long.
    pub(super) fn tick(&mut self, end: End) {
        let now = self.now;
        let Some(side) = self.cables.side(end).filter(|side| side.is_open) else { return };
        let (site, heard_at, other) = (side.site, side.heard_at, end.other());
        let paused_until = self.sites[site].paused_until;
        if paused_until > now {
            return self.schedule(paused_until - now, Event::Tick(end));
        }
        // Given up in silence, as QUIC does.
        if heard_at + IDLE_TIMEOUT <= now {
            return self.ended(end);
        }
        let Some(there) = self.cables.side(other) else { return };
        let (their_site, their_port, is_held) = (there.site, there.port, there.is_open);
        let place = &self.sites[their_site];
        let is_awake = place.paused_until <= now;
        // Whoever runs there now knows, or doesn't know, the connection.
        let is_at_home = place.process.is_some() && place.port == their_port;
        if self.paths.is_open(site, their_site) && is_at_home {
            let answers = is_awake && self.paths.is_open(their_site, site);
            if is_held {
                self.cables.side_mut(other).iter_mut().for_each(|side| side.heard_at = now);
                if answers {
                    self.cables.side_mut(end).iter_mut().for_each(|side| side.heard_at = now);
                }
            } else if answers {
                return self.ended(end);
            }
        }
        let heard_at = self.cables.side(end).map_or(now, |side| side.heard_at);
        let next = (now + KEEP_ALIVE_EVERY).min(heard_at + IDLE_TIMEOUT).max(now + TICK_MIN);
        self.queue.push(next, Event::Tick(end));
    }

    /// Some paths are open again: what was held up arrives after all.
    pub(super) fn resume(&mut self, open: &[(usize, usize)]) {
        let mut ends = Vec::new();
        for (cable, held) in self.cables.open() {
            for side in 0..2 {
                let to = &held.sides[side];
                let is_waiting = !to.control.is_empty() || !to.registry.is_empty();
                if is_waiting && open.contains(&(held.sides[1 - side].site, to.site)) {
                    ends.push(End { cable, side });
                }
            }
        }
        for end in ends {
            // Its sender tries again now and then.
            let wait = self.chances.millis(0, 300);
            self.schedule(wait, Event::Arrival(end));
        }
    }

    /// The process at `site` is no more; the other ends hear so, or nothing any more.
    pub(super) fn abandon(&mut self, site: usize, says_so: bool) {
        for end in self.cables.ends_at(site) {
            if says_so {
                self.hang_up(end);
            }
            self.cables.shut(end);
        }
    }

    pub(super) fn site_of(&self, end: End) -> Option<usize> {
        Some(self.cables.side(end)?.site)
    }

    fn target(&self, end: End) -> Option<DialTarget> {
        Some(self.cables.get(end.cable)?.target.clone())
    }

    /// True if what is sent to this end gets there.
    fn is_passable(&self, to: End) -> bool {
        let ends = (self.site_of(to.other()), self.site_of(to));
        matches!(ends, (Some(from), Some(to)) if self.paths.is_open(from, to))
    }
}

/// Site 0 listens here, the others on the ports behind it.
pub(super) const PORT: u16 = 7_000;
/// How long a dialer that gets no answer waits before it sends again.
const CONNECT_AGAIN: Duration = Duration::from_millis(400);
/// How often an end shows that it is there.
const KEEP_ALIVE_EVERY: Duration = Duration::from_secs(2);
/// Between two looks.
const TICK_MIN: Duration = Duration::from_millis(1);
