//! Everything a network in memory is: who is bound where, the links, the faults.
//!
//! Told the time and what happens; says who is to be woken, in `wakes`.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::end::{End, Packet};
use super::link::{ACCEPTOR, DIALER, Link, Paths, Side, other};
use super::trace::Trace;
use super::wakes::Wakes;
use crate::admission::Admission;
use crate::dice::Dice;
use crate::{DatagramError, Faults, Limits};

pub(super) struct State {
    pub(super) faults: Faults,
    pub(super) wakes: Wakes,
    pub(super) trace: Trace,
    limits: Limits,
    dice: Dice,
    next_id: u64,
    next_port: u16,
    /// Paths that are cut, as (from, to).
    cuts: BTreeSet<(SocketAddr, SocketAddr)>,
    hosts: BTreeMap<SocketAddr, Host>,
    links: BTreeMap<LinkId, Link>,
    routes: Arc<Notify>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LinkId(u64);

/// One transport that is bound: its address, and which of those that were ever bound there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct HostId {
    pub(super) addr: SocketAddr,
    life: u64,
}

struct Host {
    life: u64,
    links: BTreeMap<LinkId, Side>,
    /// Dialed by others, not accepted yet.
    incoming: VecDeque<LinkId>,
    admission: Admission,
    /// Whoever waits to accept.
    news: Arc<Notify>,
    /// The task that wakes up when something is due, and when that will be.
    pump: Arc<Notify>,
    due_at: Option<Instant>,
}

/// What a new transport waits for.
pub(super) struct Bound {
    pub(super) id: HostId,
    pub(super) news: Arc<Notify>,
    pub(super) pump: Arc<Notify>,
}

/// What became of a dial.
pub(super) enum Dialed {
    Linked(LinkId),
    Refused,
    /// There is no way to anybody there, at the moment.
    NoRoute,
    /// The dialer is gone.
    Closed,
}

impl State {
    pub(super) fn new(seed: u64, limits: Limits, routes: Arc<Notify>) -> Self {
        Self {
            faults: Faults::default(),
            wakes: Wakes::default(),
            trace: Trace::default(),
            limits,
            dice: Dice::new(seed),
            next_id: 0,
            next_port: FIRST_PORT,
            cuts: BTreeSet::new(),
            hosts: BTreeMap::new(),
            links: BTreeMap::new(),
            routes,
        }
    }

    pub(super) fn bind(&mut self, now: Instant, mut addr: SocketAddr) -> io::Result<Bound> {
        if addr.port() == 0 {
            addr.set_port(self.free_port(addr).ok_or(io::ErrorKind::AddrNotAvailable)?);
        }
        if self.hosts.contains_key(&addr) {
            return Err(io::ErrorKind::AddrInUse.into());
        }
        let host = Host {
            life: self.fresh_id(),
            links: BTreeMap::new(),
            incoming: VecDeque::new(),
            admission: Admission::new(&self.limits),
            news: Arc::default(),
            pump: Arc::default(),
            due_at: None,
        };
        let id = HostId { addr, life: host.life };
        let bound = Bound { id, news: host.news.clone(), pump: host.pump.clone() };
        self.hosts.insert(addr, host);
        self.paths_changed(now);
        Ok(bound)
    }

    /// Ends a transport; peers are told, if they can be.
    pub(super) fn close(&mut self, now: Instant, id: HostId) {
        if self.host(id).is_some() {
            self.remove_host(now, id.addr, |state, now, link, side| {
                state.close_end(now, link, side, 0, Bytes::new());
            });
        }
    }

    /// The same without a word to anybody.
    pub(super) fn crash(&mut self, now: Instant, addr: SocketAddr) {
        self.remove_host(now, addr, Self::crash_end);
    }

    fn crash_end(&mut self, now: Instant, link: LinkId, side: Side) {
        if let Some(found) = self.links.get_mut(&link) {
            found.crash(side, &mut self.wakes);
        }
        self.touch(now, link);
    }

    pub(super) fn cut(&mut self, now: Instant, from: SocketAddr, to: SocketAddr) {
        self.cuts.insert((from, to));
        self.paths_changed(now);
    }

    pub(super) fn mend(&mut self, now: Instant, which: impl Fn((SocketAddr, SocketAddr)) -> bool) {
        self.cuts.retain(|cut| !which(*cut));
        self.paths_changed(now);
    }

    /// Whether a handshake between the two can succeed now; `None` if the dialer is gone.
    pub(super) fn has_route(&self, from: HostId, to: SocketAddr) -> Option<bool> {
        self.host(from)?;
        let cut = self.cuts.contains(&(from.addr, to)) || self.cuts.contains(&(to, from.addr));
        Some(self.hosts.contains_key(&to) && !cut)
    }

    /// Connects the two, if nothing has come between them.
    pub(super) fn dial(&mut self, from: HostId, to: SocketAddr) -> Dialed {
        match self.has_route(from, to) {
            None => return Dialed::Closed,
            Some(false) => return Dialed::NoRoute,
            Some(true) => {}
        }
        let id = LinkId(self.fresh_id());
        let (binding, dice) = (self.dice.bytes(), Dice::new(self.dice.roll()));
        let Some(acceptor) = self.hosts.get_mut(&to) else { return Dialed::NoRoute };
        let Some(place) = acceptor.admission.admit(from.addr.ip()) else { return Dialed::Refused };
        let ends = [End::new(true, &self.limits, None), End::new(false, &self.limits, Some(place))];
        self.links.insert(id, Link::new([from.addr, to], binding, dice, ends));
        acceptor.incoming.push_back(id);
        acceptor.links.insert(id, ACCEPTOR);
        self.wakes.notify(&acceptor.news);
        if let Some(dialer) = self.hosts.get_mut(&from.addr) {
            // A transport that dials itself has both ends; the acceptor's stands for the pair.
            dialer.links.entry(id).or_insert(DIALER);
        }
        Dialed::Linked(id)
    }

    /// The next connection dialed by somebody, once there is one; `Err` if the transport is gone.
    pub(super) fn accept(&mut self, id: HostId) -> Result<Option<LinkId>, ()> {
        let host = self.hosts.get_mut(&id.addr).filter(|host| host.life == id.life).ok_or(())?;
        Ok(host.incoming.pop_front())
    }

    /// Does what is due for a transport. When to come again, or `Err` if the transport is gone.
    pub(super) fn pump(&mut self, now: Instant, id: HostId) -> Result<Option<Instant>, ()> {
        let host = self.hosts.get_mut(&id.addr).filter(|host| host.life == id.life).ok_or(())?;
        // The earliest there is, so that nothing below asks for the call that is running.
        host.due_at = Some(now);
        let links: Vec<LinkId> = host.links.keys().copied().collect();
        for &link in &links {
            self.touch(now, link);
        }
        let mut due_at: Option<Instant> = None;
        for link in links.iter().filter_map(|link| self.links.get(link)) {
            let paths = self.paths(link);
            for side in [DIALER, ACCEPTOR].into_iter().filter(|side| link.addrs[*side] == id.addr) {
                let due = link.deadline(side, &paths, &self.limits);
                due_at = due_at.into_iter().chain(due).min();
            }
        }
        if let Some(host) = self.hosts.get_mut(&id.addr) {
            host.due_at = due_at;
        }
        Ok(due_at)
    }

    pub(super) fn link(&self, id: LinkId) -> &Link {
        self.links.get(&id).expect("a link stays until both ends are released")
    }

    /// Does something with an end, and what follows from it.
    pub(super) fn with_end<R>(
        &mut self,
        now: Instant,
        link: LinkId,
        side: Side,
        act: impl FnOnce(&mut End, &Limits, &mut Wakes) -> R,
    ) -> R {
        let found = self.links.get_mut(&link).expect("a link stays until both ends are released");
        let result = act(&mut found.ends[side], &self.limits, &mut self.wakes);
        self.touch(now, link);
        result
    }

    pub(super) fn send_datagram(
        &mut self,
        now: Instant,
        link: LinkId,
        side: Side,
        datagram: Bytes,
    ) -> Result<(), DatagramError> {
        let found = self.link(link);
        if let Some(end) = &found.ends[side].ended {
            return Err(DatagramError::Connection(end.clone()));
        }
        if datagram.len() > DATAGRAM_BYTES_MAX {
            return Err(DatagramError::TooLarge { len: datagram.len(), max: DATAGRAM_BYTES_MAX });
        }
        let paths = self.paths(found);
        if let Some(found) = self.links.get_mut(&link) {
            found.send_datagram(side, now, &paths, datagram, &self.limits);
        }
        self.touch(now, link);
        Ok(())
    }

    pub(super) fn close_end(&mut self, now: Instant, link: LinkId, side: Side, code: u32, reason: Bytes) {
        let paths = self.paths(self.link(link));
        if let Some(found) = self.links.get_mut(&link) {
            found.close(side, now, &paths, Packet::Close { code, reason }, &mut self.wakes);
        }
        self.touch(now, link);
    }

    /// The application has let go of an end. What nobody holds any more is forgotten.
    pub(super) fn release(&mut self, now: Instant, link: LinkId, side: Side) {
        self.close_end(now, link, side, 0, Bytes::new());
        let Some(found) = self.links.get_mut(&link) else { return };
        found.released[side] = true;
        if found.released == [true; 2] {
            let addrs = found.addrs;
            self.links.remove(&link);
            for addr in addrs {
                if let Some(host) = self.hosts.get_mut(&addr) {
                    host.links.remove(&link);
                }
            }
        }
    }

    /// Takes a transport off the network; `end` does its part to each of its ends.
    fn remove_host(
        &mut self,
        now: Instant,
        addr: SocketAddr,
        mut end: impl FnMut(&mut Self, Instant, LinkId, Side),
    ) {
        let Some(host) = self.hosts.remove(&addr) else { return };
        for (&link, &side) in &host.links {
            if self.link(link).addrs == [addr; 2] {
                // It has nobody but itself to say goodbye to.
                self.crash_end(now, link, other(side));
                self.crash_end(now, link, side);
            } else {
                end(self, now, link, side);
            }
        }
        for link in host.incoming {
            self.release(now, link, ACCEPTOR);
        }
        for news in [&host.news, &host.pump, &self.routes.clone()] {
            self.wakes.notify(news);
        }
    }

    fn paths_changed(&mut self, now: Instant) {
        for link in self.links.keys().copied().collect::<Vec<_>>() {
            self.touch(now, link);
        }
        self.wakes.notify(&self.routes.clone());
    }

    /// Lets a link do what is due, and sees to it that somebody comes back for the rest.
    fn touch(&mut self, now: Instant, id: LinkId) {
        let Some(link) = self.links.get(&id) else { return };
        let paths = self.paths(link);
        let Some(link) = self.links.get_mut(&id) else { return };
        link.step(now, &paths, &self.limits, &mut self.wakes, &mut self.trace);
        for side in [DIALER, ACCEPTOR] {
            let Some(due_at) = link.deadline(side, &paths, &self.limits) else { continue };
            let Some(host) = self.hosts.get_mut(&link.addrs[side]) else { continue };
            if host.due_at.is_none_or(|at| due_at < at) {
                host.due_at = Some(due_at);
                self.wakes.notify(&host.pump);
            }
        }
    }

    fn paths(&self, link: &Link) -> Paths {
        let [dialer, acceptor] = link.addrs;
        let open = |from, to| !self.cuts.contains(&(from, to));
        Paths {
            open: [open(dialer, acceptor), open(acceptor, dialer)],
            bound: [self.hosts.contains_key(&dialer), self.hosts.contains_key(&acceptor)],
            faults: self.faults,
        }
    }

    fn host(&self, id: HostId) -> Option<&Host> {
        self.hosts.get(&id.addr).filter(|host| host.life == id.life)
    }

    fn free_port(&mut self, addr: SocketAddr) -> Option<u16> {
        for _ in FIRST_PORT..=u16::MAX {
            let port = self.next_port;
            self.next_port = port.checked_add(1).unwrap_or(FIRST_PORT);
            if !self.hosts.contains_key(&SocketAddr::new(addr.ip(), port)) {
                return Some(port);
            }
        }
        None
    }

    const fn fresh_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }
}

/// What fits into a packet of QUIC's smallest MTU.
pub(super) const DATAGRAM_BYTES_MAX: usize = 1_162;
/// Where picked ports begin: the range that IANA assigns to nobody.
const FIRST_PORT: u16 = 49_152;
