//! Connections, as QUIC gives them: in order while they live, ended as a whole, silent when the path is.
//!
//! The control and the registry stream of one connection don't wait for each other. A close loses what
//! was under way behind some point. What a partition holds up arrives after it, unless an end has given
//! up by then.
//!
//! Doesn't know why a node wants a connection, nor why the path is cut.

use std::time::Duration;

use bytes::Bytes;
use murmer_node::{DialTarget, Input, Introduction, Peer};
use rand::RngExt;

use super::{Event, Sim};
use crate::cable::{Cable, End, Lane, Packet, Side, Word};

impl Sim {
    pub(super) fn dial(&mut self, site: usize, target: DialTarget) {
        let Some(process) = self.sites[site].as_mut() else { return };
        process.dials += 1;
        let dial = process.dials;
        let there = match &target {
            DialTarget::Seed(seed) => process.seeds[*seed],
            DialTarget::Peer(who) => usize::from(who.addr.port() - PORT),
        };
        let at = self.cables.len();
        let dialer = Side { site, is_open: true, ..Side::default() };
        let acceptor = Side { site: there, ..Side::default() };
        self.cables.push(Cable { target, dial, sides: [dialer, acceptor] });
        // Connecting takes a round trip of its own.
        let connect = self.delay() + self.delay();
        self.send_after(connect, End { cable: at, side: 1 }, Word::Hello);
        self.schedule(HANDSHAKE_TIMEOUT, Event::HandshakeTimeout(at));
    }

    pub(super) fn handshake_timed_out(&mut self, cable: usize) {
        let side = &self.cables[cable].sides[0];
        if side.is_open && !side.is_introduced {
            self.close(End { cable, side: 0 });
        }
    }

    pub(super) fn send(&mut self, from: End, word: Word) {
        if self.side(from).is_open {
            self.send_after(Duration::ZERO, from.other(), word);
        }
    }

    fn send_after(&mut self, wait: Duration, to: End, word: Word) {
        let at = self.now + wait + self.delay();
        let side = self.side_mut(to);
        let lane = if matches!(word, Word::Registry(_)) { &mut side.registry } else { &mut side.control };
        let at = lane.back().map_or(at, |(before, _)| at.max(*before));
        lane.push_back((at, word));
        self.schedule(at - self.now, Event::Arrival(to));
    }

    pub(super) fn send_packet(&mut self, from: End, packet: Bytes) {
        let is_lost = self.rng.random_bool(self.loss);
        let wait = self.delay();
        if self.side(from).is_open && !is_lost {
            self.schedule(wait, Event::Packet(Packet { to: from.other(), packet }));
        }
    }

    pub(super) fn packet_arrived(&mut self, Packet { to, packet }: Packet) {
        let side = self.side(to);
        if side.is_open && side.is_introduced && !self.is_cut(to.cable) {
            self.tell(side.site, Input::Datagram { link: to.link(), packet });
        }
    }

    /// Whatever has arrived at this end by now is heard, the registry's stream once there is a peer.
    pub(super) fn arrived(&mut self, to: End) {
        while !self.is_cut(to.cable) {
            let now = self.now;
            let side = self.side_mut(to);
            let is_due = |lane: &Lane| lane.front().is_some_and(|(at, _)| *at <= now);
            let word = if is_due(&side.control) {
                side.control.pop_front()
            } else if side.is_introduced && is_due(&side.registry) {
                side.registry.pop_front()
            } else {
                None
            };
            let Some((_, word)) = word else { break };
            self.hear(to, word);
        }
    }

    fn hear(&mut self, to: End, word: Word) {
        let site = self.side(to).site;
        if matches!(word, Word::Hello) {
            let dialer = self.side(to.other());
            let who = self.sites[dialer.site].as_ref().filter(|_| dialer.is_open).map(|it| it.who.clone());
            // Without a process here, nobody answers at all.
            if let Some(who) = who.filter(|_| self.sites[site].is_some()) {
                self.side_mut(to).is_open = true;
                self.introduce(to, who, Vec::new());
            }
            return;
        }
        if !self.side(to).is_open {
            return;
        }
        let link = to.link();
        match word {
            Word::Hello => {}
            Word::Welcome(welcome) => {
                self.introduce(to, welcome.node.clone(), welcome.members);
                if let DialTarget::Seed(seed) = self.cables[to.cable].target {
                    self.tell(site, Input::SeedIs { seed, id: welcome.node.id });
                }
            }
            Word::Refusal(refusal) => {
                self.side_mut(to).is_open = false;
                let target = self.cables[to.cable].target.clone();
                self.tell(site, Input::DialFailed { target, refusal: Some(refusal) });
            }
            Word::Control(message) => self.tell(site, Input::Control { link, message }),
            Word::Registry(message) => self.tell(site, Input::Registry { link, message }),
            Word::Ended => self.ended(to),
        }
    }

    fn introduce(&mut self, to: End, who: Introduction, members: Vec<Introduction>) {
        let side = self.side_mut(to);
        side.is_introduced = true;
        let site = side.site;
        let dial = self.cables[to.cable].dial;
        let peer = Peer { seen_at: who.addr, who, dialed: to.side == 0, dial, members };
        self.tell(site, Input::Introduced { link: to.link(), peer });
    }

    /// This end closes, or has given up: it hears so at once, the other end when word gets there.
    pub(super) fn close(&mut self, end: End) {
        if self.side(end).is_open {
            self.hang_up(end);
            self.ended(end);
        }
    }

    /// The other end is told, and may not get what was under way before.
    pub(super) fn hang_up(&mut self, end: End) {
        let keep = self.rng.random_range(0..4);
        // An end that is closed already has said so, and that word is not lost to a second close.
        if !self.side(end).is_open {
            return;
        }
        let other = self.side_mut(end.other());
        other.control.truncate(keep);
        other.registry.truncate(keep);
        self.send(end, Word::Ended);
    }

    fn ended(&mut self, end: End) {
        let side = self.side_mut(end);
        side.is_open = false;
        let (site, was_introduced) = (side.site, side.is_introduced);
        if was_introduced {
            self.tell(site, Input::Unlinked(end.link()));
        } else if end.side == 0 {
            let target = self.cables[end.cable].target.clone();
            self.tell(site, Input::DialFailed { target, refusal: None });
        }
    }

    /// Nothing comes from the other end from now on.
    pub(super) fn fall_silent(&mut self, end: End) {
        let now = self.now;
        let side = self.side_mut(end);
        if side.is_open && side.silent_since.is_none() {
            side.silent_since = Some(now);
            self.schedule(IDLE_TIMEOUT, Event::Idle(end));
        }
    }

    pub(super) fn idle(&mut self, end: End) {
        let side = self.side(end);
        let since = side.silent_since.filter(|_| side.is_open);
        if since.is_some_and(|since| since + IDLE_TIMEOUT <= self.now) {
            self.close(end);
        }
    }

    /// The path may be open again: what was held up arrives after all.
    pub(super) fn resume(&mut self, cable: usize) {
        for side in 0..2 {
            let end = End { cable, side };
            if self.side(end.other()).is_open {
                self.side_mut(end).silent_since = None;
            }
            let wait = self.delay();
            let side = self.side(end);
            if !side.control.is_empty() || !side.registry.is_empty() {
                self.schedule(wait, Event::Arrival(end));
            }
        }
    }

    pub(super) fn side(&self, end: End) -> &Side {
        &self.cables[end.cable].sides[end.side]
    }

    pub(super) fn side_mut(&mut self, end: End) -> &mut Side {
        &mut self.cables[end.cable].sides[end.side]
    }

    /// Both ends of all connections that are open anywhere.
    pub(super) fn open_cables(&self) -> Vec<usize> {
        (0..self.cables.len()).filter(|cable| self.cables[*cable].is_open()).collect()
    }

    fn delay(&mut self) -> Duration {
        let micros = self.rng.random_range(0..=self.delay_max.as_micros() as u64);
        Duration::from_micros(micros)
    }
}

/// Site 0 listens here, the others on the ports behind it.
pub(super) const PORT: u16 = 7_000;
/// From the first packet to being let in.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(3);
/// How long a connection may be silent, its keep-alives included.
const IDLE_TIMEOUT: Duration = Duration::from_secs(8);
