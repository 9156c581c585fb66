//! Connections and what is under way on them: in order, each word for the same time.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use bytes::BytesMut;
use murmer_node::{
    CloseReason, Control, DialTarget, Input, Introduction, LinkId, Output, Peer, Refusal, Verdict,
};
use murmer_registry::Message;
use murmer_wire::encode;

use super::{Bytes, Site, site_of};
use crate::queue::Queue;
use crate::times::{DUPLICATE_FOR, HANDSHAKE_TIMEOUT, IDLE_TIMEOUT};

/// All connections.
#[derive(Debug)]
pub(super) struct Lines {
    nodes: usize,
    cables: BTreeMap<u64, Cable>,
    last_cable: u64,
    under_way: Queue<(LinkId, Word)>,
    /// What nodes hear at once.
    inputs: VecDeque<(usize, Input)>,
    /// Since when the halves are apart.
    cut_at: Option<Duration>,
    /// What can't pass until then.
    held: Vec<(LinkId, Word)>,
    pub(super) sent: Bytes,
    scratch: BytesMut,
}

#[derive(Debug)]
struct Cable {
    target: DialTarget,
    dial: u64,
    sites: [usize; 2],
    is_open: [bool; 2],
    is_introduced: [bool; 2],
}

#[derive(Debug)]
enum Word {
    Hello(Introduction),
    Welcome(murmer_node::Welcome),
    Refusal(Refusal),
    Control(Control),
    Registry(Message),
    Packet(bytes::Bytes),
    Ended,
    /// Nothing has come for too long, if that is still so.
    Idle,
    /// As [`Idle`](Self::Idle), of a connection that isn't there yet.
    NoAnswer,
    CloseDuplicate,
}

impl Lines {
    pub(super) fn new(nodes: usize) -> Self {
        Self {
            nodes,
            cables: BTreeMap::new(),
            last_cable: 0,
            under_way: Queue::new(),
            inputs: VecDeque::new(),
            cut_at: None,
            held: Vec::new(),
            sent: Bytes::default(),
            scratch: BytesMut::new(),
        }
    }

    pub(super) fn cut(&mut self, now: Duration) {
        self.cut_at = Some(now);
        let apart: Vec<_> =
            self.cables.iter().filter(|(_, cable)| self.is_apart(cable.sites)).map(|(id, _)| *id).collect();
        for cable in apart {
            for side in 0..2 {
                self.put(now + IDLE_TIMEOUT, LinkId(cable * 2 + side), Word::Idle);
            }
        }
    }

    pub(super) fn heal(&mut self, now: Duration) {
        self.cut_at = None;
        for (link, word) in std::mem::take(&mut self.held) {
            self.put(now + DELAY, link, word);
        }
    }

    pub(super) fn next_at(&self) -> Option<Duration> {
        self.under_way.next_at()
    }

    pub(super) fn take_input(&mut self) -> Option<(usize, Input)> {
        self.inputs.pop_front()
    }

    /// The next word, as what it means to whom; `None` if to nobody.
    pub(super) fn pop(&mut self, now: Duration) -> Option<(usize, Input)> {
        let (_, (link, word)) = self.under_way.pop_until(now)?;
        self.arrive(now, link, word);
        self.inputs.pop_front()
    }

    /// Does what a node wants done; what it only tells is passed over.
    pub(super) fn perform(&mut self, now: Duration, site: usize, sites: &[Site], output: Output) {
        match output {
            Output::Dial(target) => self.dial(now, site, sites, target),
            Output::Verdict { link, verdict: Verdict::Welcome(welcome) } => {
                self.send(now, link, Word::Welcome(welcome));
            }
            Output::Verdict { link, verdict: Verdict::Refused(refusal) } => {
                self.send(now, link, Word::Refusal(refusal));
                self.end(link);
            }
            Output::Close { link, reason: CloseReason::Duplicate } => {
                self.put(now + DUPLICATE_FOR, link, Word::CloseDuplicate);
            }
            Output::Close { link, .. } => self.close(now, link),
            Output::Control { link, message } => {
                self.sent.control += self.len(&message);
                self.send(now, link, Word::Control(message));
            }
            Output::Registry { link, message } => {
                self.sent.registry += self.len(&message);
                self.send(now, link, Word::Registry(message));
            }
            Output::Datagram { link, packet } => {
                self.sent.swim += packet.len() as u64;
                // Not held up by a cut: lost.
                if self.cables.get(&(link.0 / 2)).is_some_and(|cable| !self.is_apart(cable.sites)) {
                    self.send(now, link, Word::Packet(packet));
                }
            }
            // The rest is for the shell to know; nothing here follows from it.
            told => drop(told),
        }
    }

    fn dial(&mut self, now: Duration, site: usize, sites: &[Site], target: DialTarget) {
        let there = match &target {
            DialTarget::Seed(seed) => *seed,
            DialTarget::Place(place) => place.0 as usize,
            DialTarget::Peer(who) => site_of(who.addr),
        };
        self.last_cable += 1;
        let cable = Cable {
            target,
            dial: self.last_cable,
            sites: [site, there],
            is_open: [true, false],
            is_introduced: [false; 2],
        };
        self.cables.insert(self.last_cable, cable);
        let dialer = LinkId(self.last_cable * 2);
        // The round trips of the connection and of the proof.
        self.put(now + 4 * DELAY, LinkId(dialer.0 + 1), Word::Hello(sites[site].who.clone()));
        self.put(now + HANDSHAKE_TIMEOUT, dialer, Word::NoAnswer);
    }

    fn send(&mut self, now: Duration, from: LinkId, word: Word) {
        if self.is_open(from) {
            self.put(now + DELAY, LinkId(from.0 ^ 1), word);
        }
    }

    fn put(&mut self, at: Duration, to: LinkId, word: Word) {
        self.under_way.push(at, (to, word));
    }

    fn arrive(&mut self, now: Duration, to: LinkId, word: Word) {
        let Some(cable) = self.cables.get(&(to.0 / 2)) else { return };
        let side = (to.0 % 2) as usize;
        let (site, is_apart) = (cable.sites[side], self.is_apart(cable.sites));
        match word {
            Word::Idle if is_apart => self.close(now, to),
            Word::NoAnswer if !cable.is_introduced[0] => self.close(now, to),
            Word::CloseDuplicate => self.close(now, to),
            Word::Idle | Word::NoAnswer => {}
            word if is_apart => self.held.push((to, word)),
            Word::Hello(who) => {
                let is_open = cable.is_open[0];
                if is_open && let Some(cable) = self.cables.get_mut(&(to.0 / 2)) {
                    cable.is_open[1] = true;
                    self.introduce(to, who, Vec::new());
                }
            }
            word if !self.is_open(to) => drop(word),
            Word::Welcome(welcome) => {
                let id = welcome.node.id.clone();
                let answered = match &cable.target {
                    DialTarget::Seed(seed) => Some(Input::SeedIs { seed: *seed, id }),
                    DialTarget::Place(place) => Some(Input::PlaceIs { place: *place, id }),
                    DialTarget::Peer(_) => None,
                };
                self.introduce(to, welcome.node, welcome.members);
                self.inputs.extend(answered.map(|answered| (site, answered)));
            }
            Word::Refusal(refusal) => {
                let target = cable.target.clone();
                self.shut(to);
                self.inputs.push_back((site, Input::DialFailed { target, refusal: Some(refusal) }));
            }
            Word::Control(message) => self.inputs.push_back((site, Input::Control { link: to, message })),
            Word::Registry(message) => self.inputs.push_back((site, Input::Registry { link: to, message })),
            Word::Packet(packet) => self.inputs.push_back((site, Input::Datagram { link: to, packet })),
            Word::Ended => self.end(to),
        }
    }

    fn introduce(&mut self, to: LinkId, who: Introduction, members: Vec<Introduction>) {
        let Some(cable) = self.cables.get_mut(&(to.0 / 2)) else { return };
        let side = (to.0 % 2) as usize;
        cable.is_introduced[side] = true;
        let peer = Peer { seen_at: who.addr, who, dialed: side == 0, dial: cable.dial, members };
        self.inputs.push_back((cable.sites[side], Input::Introduced { link: to, peer }));
    }

    /// This end closes: it hears so at once, the other end when word gets there.
    fn close(&mut self, now: Duration, link: LinkId) {
        if self.is_open(link) {
            self.send(now, link, Word::Ended);
            self.end(link);
        }
    }

    /// This end is over, and its node hears of it.
    fn end(&mut self, link: LinkId) {
        let Some(cable) = self.cables.get(&(link.0 / 2)) else { return };
        let side = (link.0 % 2) as usize;
        if !cable.is_open[side] {
            return;
        }
        let site = cable.sites[side];
        if cable.is_introduced[side] {
            self.inputs.push_back((site, Input::Unlinked(link)));
        } else if side == 0 {
            let target = cable.target.clone();
            self.inputs.push_back((site, Input::DialFailed { target, refusal: None }));
        }
        self.shut(link);
    }

    fn shut(&mut self, link: LinkId) {
        let Some(cable) = self.cables.get_mut(&(link.0 / 2)) else { return };
        cable.is_open[(link.0 % 2) as usize] = false;
        // What is still on its way finds nothing.
        if cable.is_open == [false; 2] && cable.is_introduced != [false; 2] {
            self.cables.remove(&(link.0 / 2));
        }
    }

    fn is_open(&self, link: LinkId) -> bool {
        self.cables.get(&(link.0 / 2)).is_some_and(|cable| cable.is_open[(link.0 % 2) as usize])
    }

    fn is_apart(&self, sites: [usize; 2]) -> bool {
        let half = |site| site < self.nodes / 2;
        self.cut_at.is_some() && half(sites[0]) != half(sites[1])
    }

    fn len(&mut self, message: &impl serde::Serialize) -> u64 {
        self.scratch.clear();
        encode(message, &mut self.scratch).expect("a message has a known shape");
        (FRAME_BYTES + self.scratch.len()) as u64
    }
}

/// One way, everywhere: machines of one site.
pub(super) const DELAY: Duration = Duration::from_micros(500);
/// What a frame's length takes.
const FRAME_BYTES: usize = 4;
