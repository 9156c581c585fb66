//! One connection in memory: two ends, what is under way between them, and when who gives up.
//!
//! Paths, delays and who is bound where come in with every call, as [`Paths`].

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::end::{End, Packet};
use super::trace::Trace;
use super::wakes::Wakes;
use crate::dice::Dice;
use crate::line::Line;
use crate::{ConnectionEnd, Faults, Limits};

/// An end of a link: the dialer's or the acceptor's. An index into everything a link has two of.
pub(super) type Side = usize;
pub(super) const DIALER: Side = 0;
pub(super) const ACCEPTOR: Side = 1;

pub(super) const fn other(side: Side) -> Side {
    1 - side
}

pub(super) struct Link {
    pub(super) addrs: [SocketAddr; 2],
    pub(super) binding: [u8; 32],
    pub(super) ends: [End; 2],
    /// Whether the application has let go of the end.
    pub(super) released: [bool; 2],
    /// Packets under way from a side, and when they arrive.
    wires: [VecDeque<(Instant, Packet)>; 2],
    datagrams: [VecDeque<(Instant, Bytes)>; 2],
    lines: [Line; 2],
    datagram_lines: [Line; 2],
    dice: Dice,
}

/// The network between the two sides, at this moment.
pub(super) struct Paths {
    /// Whether packets from a side arrive.
    pub(super) open: [bool; 2],
    /// Whether anybody is bound at a side's address.
    pub(super) bound: [bool; 2],
    pub(super) faults: Faults,
}

impl Link {
    pub(super) fn new(addrs: [SocketAddr; 2], binding: [u8; 32], dice: Dice, ends: [End; 2]) -> Self {
        Self {
            addrs,
            binding,
            ends,
            released: [false; 2],
            wires: Default::default(),
            datagrams: Default::default(),
            lines: Default::default(),
            datagram_lines: Default::default(),
            dice,
        }
    }

    /// Closes a side's end, and sends word of it if the path is open.
    pub(super) fn close(
        &mut self,
        side: Side,
        now: Instant,
        paths: &Paths,
        packet: Packet,
        wakes: &mut Wakes,
    ) {
        if self.ends[side].ended.is_some() {
            return;
        }
        self.collect(now, paths);
        self.ends[side].end(ConnectionEnd::ClosedHere, wakes);
        self.send(side, now, paths, packet);
    }

    /// A side's end vanishes, with what it had under way.
    pub(super) fn crash(&mut self, side: Side, wakes: &mut Wakes) {
        self.ends[side].end(ConnectionEnd::ClosedHere, wakes);
        self.wires[side].clear();
        self.datagrams[side].clear();
    }

    /// Sends a datagram from a side; the oldest under way make room for it.
    pub(super) fn send_datagram(
        &mut self,
        side: Side,
        now: Instant,
        paths: &Paths,
        datagram: Bytes,
        limits: &Limits,
    ) {
        let (faults, len) = (&paths.faults, datagram.len());
        let stats = &mut self.ends[side].stats;
        stats.datagrams_sent += 1;
        stats.packets_sent += 1;
        stats.bytes_sent += len as u64;
        let passed_at = self.datagram_lines[side].pass_or_drop(now, len, faults.bandwidth);
        let Some(passed_at) = passed_at.filter(|_| paths.open[side] && !faults.loses(&mut self.dice)) else {
            stats.packets_lost += 1;
            return;
        };
        let times = 1 + usize::from(faults.duplicates(&mut self.dice));
        let under_way = &mut self.datagrams[side];
        for _ in 0..times {
            let arrives_at = passed_at + faults.travel(&mut self.dice);
            let place = under_way.partition_point(|(at, _)| *at <= arrives_at);
            under_way.insert(place, (arrives_at, datagram.clone()));
        }
        let mut bytes: usize = under_way.iter().map(|(_, datagram)| datagram.len()).sum();
        while bytes > limits.datagram_send_buffer {
            bytes -= under_way.pop_front().map_or(0, |(_, datagram)| datagram.len());
        }
    }

    /// Does all that is due.
    pub(super) fn step(
        &mut self,
        now: Instant,
        paths: &Paths,
        limits: &Limits,
        wakes: &mut Wakes,
        trace: &mut Trace,
    ) {
        loop {
            while self.deliver(now, paths, limits, wakes, trace) {}
            self.listen(now, paths);
            if !self.give_up(now, limits, wakes) {
                return;
            }
        }
    }

    /// When there is something to do for a side's end next, if nothing else happens.
    pub(super) fn deadline(&self, side: Side, paths: &Paths, limits: &Limits) -> Option<Instant> {
        let end = &self.ends[side];
        if end.ended.is_some() {
            return None;
        }
        let peer = other(side);
        let packet = self.wires[peer].front().filter(|_| paths.open[peer]).map(|(at, _)| *at);
        let datagram = self.datagrams[peer].front().map(|(at, _)| *at);
        let idle = end.unheard_since.map(|since| since + limits.idle_timeout);
        [packet, datagram, idle, end.reset_at].into_iter().flatten().min()
    }

    /// Puts what the ends have to say on the wires.
    fn collect(&mut self, now: Instant, paths: &Paths) {
        for side in [DIALER, ACCEPTOR] {
            let end = &mut self.ends[side];
            if end.ended.is_some() {
                end.out.clear();
                if !paths.open[side] {
                    // Nobody is left to send it again.
                    self.wires[side].clear();
                }
            }
            for packet in std::mem::take(&mut self.ends[side].out) {
                self.send(side, now, paths, packet);
            }
        }
    }

    /// Puts a packet on a side's wire, behind those that are there.
    fn send(&mut self, side: Side, now: Instant, paths: &Paths, packet: Packet) {
        let (faults, len) = (&paths.faults, packet.len());
        let stats = &mut self.ends[side].stats;
        stats.packets_sent += 1;
        stats.bytes_sent += len as u64;
        let mut arrives_at = self.lines[side].pass(now, PACKET_BYTES + len, faults.bandwidth);
        arrives_at += faults.travel(&mut self.dice);
        if faults.loses(&mut self.dice) {
            stats.packets_lost += 1;
            arrives_at += faults.round_trip() + RESENT_AFTER;
        }
        let wire = &mut self.wires[side];
        arrives_at = wire.back().map_or(arrives_at, |(at, _)| arrives_at.max(*at));
        wire.push_back((arrives_at, packet));
    }

    /// Hands over what has arrived; true if that may have caused more.
    fn deliver(
        &mut self,
        now: Instant,
        paths: &Paths,
        limits: &Limits,
        wakes: &mut Wakes,
        trace: &mut Trace,
    ) -> bool {
        self.collect(now, paths);
        let mut delivered = false;
        for side in [DIALER, ACCEPTOR] {
            let from_to = [self.addrs[side], self.addrs[other(side)]];
            let end = &mut self.ends[other(side)];
            while self.datagrams[side].front().is_some_and(|(at, _)| *at <= now) {
                let datagram = self.datagrams[side].pop_front().filter(|_| paths.open[side]);
                if let Some((_, datagram)) = datagram.filter(|_| end.ended.is_none()) {
                    end.stats.datagrams_received += 1;
                    end.stats.packets_received += 1;
                    end.stats.bytes_received += datagram.len() as u64;
                    trace.datagram(now, from_to, &datagram);
                    end.take_datagram(datagram, limits, wakes);
                }
            }
            while paths.open[side] && self.wires[side].front().is_some_and(|(at, _)| *at <= now) {
                delivered = true;
                let packet = self.wires[side].pop_front();
                if let Some((_, packet)) = packet.filter(|_| end.ended.is_none()) {
                    end.stats.packets_received += 1;
                    end.stats.bytes_received += packet.len() as u64;
                    trace.packet(now, from_to, &packet);
                    end.take(packet, limits, wakes);
                }
            }
        }
        delivered
    }

    /// Notes who hears whom. An end that lives and is connected keeps saying so, as keep-alives would.
    fn listen(&mut self, now: Instant, paths: &Paths) {
        for side in [DIALER, ACCEPTOR] {
            let peer = other(side);
            let peer_ended = self.ends[peer].ended.is_some();
            let closing = self.wires[peer].iter().any(|(_, packet)| matches!(packet, Packet::Close { .. }));
            let disowned = peer_ended && !closing && paths.bound[peer] && paths.open == [true; 2];
            let end = &mut self.ends[side];
            end.unheard_since = (peer_ended || !paths.open[peer]).then(|| end.unheard_since.unwrap_or(now));
            end.reset_at = disowned.then(|| end.reset_at.unwrap_or(now + 2 * paths.faults.delay));
        }
    }

    /// Ends what has waited long enough; true if that was so.
    fn give_up(&mut self, now: Instant, limits: &Limits, wakes: &mut Wakes) -> bool {
        let mut gave_up = false;
        for end in self.ends.iter_mut().filter(|end| end.ended.is_none()) {
            let why = if end.reset_at.is_some_and(|at| at <= now) {
                ConnectionEnd::Reset
            } else if end.unheard_since.is_some_and(|since| since + limits.idle_timeout <= now) {
                ConnectionEnd::TimedOut
            } else {
                continue;
            };
            end.end(why, wakes);
            gave_up = true;
        }
        gave_up
    }
}

/// What a packet takes of the bandwidth beside its bytes.
const PACKET_BYTES: usize = 40;
/// How long a sender takes to notice a loss, beside the round trip.
const RESENT_AFTER: Duration = Duration::from_millis(10);
