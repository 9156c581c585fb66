//! A few nodes, a clock and a network with a seed: links are made when dialed and break when cut,
//! datagrams are delayed and lost.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use murmer_membership::{Input, Member, MemberState, Membership, Output, PACKET_BYTES_MAX, Swim, SwimConfig};
use murmer_wire::NodeId;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use crate::bench::member;

pub(crate) const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) struct World {
    pub(crate) now: Duration,
    /// Of a thousand datagrams, how many are lost.
    pub(crate) loss: u32,
    /// How many milliseconds a datagram takes.
    pub(crate) delay: Range<u64>,
    /// Everything every node said, but for sends.
    pub(crate) log: Vec<(Duration, NodeId, Output)>,
    config: SwimConfig,
    rng: ChaCha8Rng,
    nodes: BTreeMap<NodeId, Node>,
    /// Both directions of every link.
    links: BTreeSet<(NodeId, NodeId)>,
    /// Both directions of every pair of names that can't talk.
    cuts: BTreeSet<(String, String)>,
    queue: BTreeMap<(Duration, u64), Event>,
    queued: u64,
}

struct Node {
    us: Member,
    machine: Swim,
    runs: bool,
    believed: BTreeMap<NodeId, MemberState>,
}

#[derive(Debug)]
enum Event {
    Arrives { from: NodeId, to: NodeId, packet: Bytes },
    Answers { from: NodeId, to: NodeId },
    Links { dialer: NodeId, to: Member },
    Withdraws(NodeId),
    IdlesOut { a: NodeId, b: NodeId },
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        Self::with_config(seed, SwimConfig::lan())
    }

    pub(crate) fn with_config(seed: u64, config: SwimConfig) -> Self {
        Self {
            now: Duration::ZERO,
            loss: 0,
            delay: 1..20,
            log: Vec::new(),
            config,
            rng: ChaCha8Rng::seed_from_u64(seed),
            nodes: BTreeMap::new(),
            links: BTreeSet::new(),
            cuts: BTreeSet::new(),
            queue: BTreeMap::new(),
            queued: 0,
        }
    }

    /// Nodes `n0`, `n1`, … that have all found each other through `n0`.
    pub(crate) fn mesh(seed: u64, size: usize) -> (Self, Vec<Member>) {
        Self::mesh_of(seed, size, SwimConfig::lan())
    }

    pub(crate) fn mesh_of(seed: u64, size: usize, config: SwimConfig) -> (Self, Vec<Member>) {
        let mut world = Self::with_config(seed, config);
        let members = world.start_mesh(size);
        world.run(secs(15));
        world.assert_mesh(&members);
        (world, members)
    }

    pub(crate) fn start_mesh(&mut self, size: usize) -> Vec<Member> {
        let members: Vec<_> = (0..size).map(|number| self.start(&format!("n{number}"), 1)).collect();
        for member in &members[1..] {
            self.dial(member, &members[0]);
        }
        members
    }

    pub(crate) fn start(&mut self, name: &str, life: u64) -> Member {
        let us = member(name, life);
        let machine = Swim::new(us.clone(), self.config.clone(), self.rng.random());
        let node = Node { us: us.clone(), machine, runs: true, believed: BTreeMap::new() };
        self.nodes.insert(us.id.clone(), node);
        us
    }

    pub(crate) fn dial(&mut self, dialer: &Member, to: &Member) {
        self.push(HANDSHAKE, Event::Links { dialer: dialer.id.clone(), to: to.clone() });
    }

    pub(crate) fn crash(&mut self, member: &Member) {
        self.nodes.get_mut(&member.id).expect("it was started").runs = false;
        self.break_links();
    }

    pub(crate) fn cut(&mut self, a: &[Member], b: &[Member]) {
        for (a, b) in a.iter().flat_map(|a| b.iter().map(move |b| (a, b))) {
            self.cuts.insert((a.id.name.to_string(), b.id.name.to_string()));
            self.cuts.insert((b.id.name.to_string(), a.id.name.to_string()));
        }
        self.break_links();
    }

    pub(crate) fn heal(&mut self) {
        self.cuts.clear();
    }

    /// The node leaves; with `notice`, it says so on its links as well.
    pub(crate) fn leave(&mut self, member: &Member, notice: bool) {
        self.say_goodbye(&member.id, notice);
        self.run(millis(100));
        self.crash(member);
    }

    fn say_goodbye(&mut self, node: &NodeId, notice: bool) {
        self.tell(node, Input::Leave);
        let peers: Vec<_> = self.links.iter().filter(|(a, _)| a == node).map(|(_, b)| b.clone()).collect();
        for peer in peers.iter().filter(|_| notice) {
            if self.can_talk(node, peer) {
                self.tell(peer, Input::PeerLeft(node.clone()));
            }
        }
    }

    pub(crate) fn run(&mut self, span: Duration) {
        let until = self.now + span;
        while self.step(until) {}
        self.now = until;
    }

    /// Runs until `done`, and returns how long that took.
    pub(crate) fn run_until(&mut self, limit: Duration, done: impl Fn(&Self) -> bool) -> Duration {
        let start = self.now;
        while !done(self) {
            assert!(self.step(start + limit), "not done within {limit:?}");
        }
        self.now - start
    }

    pub(crate) fn tell(&mut self, node: &NodeId, input: Input) {
        let Some(target) = self.nodes.get_mut(node).filter(|node| node.runs) else { return };
        target.machine.handle(self.now, input);
        let mut said = Vec::new();
        while let Some(output) = target.machine.poll() {
            if let Output::Changed { member, from, to } = &output {
                assert_eq!(target.believed.insert(member.id.clone(), *to), *from, "{node} about {member:?}");
                assert_ne!(*from, Some(*to));
            }
            said.push(output);
        }
        for (member, state) in target.machine.members() {
            assert_eq!(target.believed.get(&member.id), Some(&state), "{node} about {member:?}");
        }
        for output in said {
            self.perform(node, output);
        }
    }

    pub(crate) fn state(&self, at: &Member, about: &Member) -> Option<MemberState> {
        self.nodes[&at.id].believed.get(&about.id).copied()
    }

    /// What `about` became at `at` since `since`.
    pub(crate) fn history(&self, at: &Member, about: &Member, since: Duration) -> Vec<MemberState> {
        self.log
            .iter()
            .filter(|(when, node, _)| *when >= since && *node == at.id)
            .filter_map(|(_, _, output)| match output {
                Output::Changed { member, to, .. } if member.id == about.id => Some(*to),
                _ => None,
            })
            .collect()
    }

    /// Every change to `to` that any node saw.
    pub(crate) fn all_changes_to(&self, to: MemberState) -> Vec<(Duration, NodeId, NodeId)> {
        self.log
            .iter()
            .filter_map(|(at, node, output)| match output {
                Output::Changed { member, to: became, .. } if *became == to => {
                    Some((*at, node.clone(), member.id.clone()))
                }
                _ => None,
            })
            .collect()
    }

    /// When each node withdrew for want of a majority.
    pub(crate) fn outvoted(&self) -> BTreeMap<NodeId, Duration> {
        let outvoted = self.log.iter().filter(|(_, _, output)| *output == Output::Outvoted);
        outvoted.map(|(at, node, _)| (node.clone(), *at)).collect()
    }

    pub(crate) fn is_mesh(&self, members: &[Member]) -> bool {
        members
            .iter()
            .all(|a| members.iter().filter(|b| a != *b).all(|b| self.state(a, b) == Some(MemberState::Up)))
    }

    pub(crate) fn assert_mesh(&self, members: &[Member]) {
        for a in members {
            for b in members.iter().filter(|b| a != *b) {
                assert_eq!(self.state(a, b), Some(MemberState::Up), "{:?} about {:?}", a.id, b.id);
                assert!(self.links.contains(&(a.id.clone(), b.id.clone())), "{:?}–{:?}", a.id, b.id);
            }
        }
    }

    fn step(&mut self, until: Duration) -> bool {
        let timeout = self
            .nodes
            .values()
            .filter(|node| node.runs)
            .filter_map(|node| Some((node.machine.deadline()?, node.us.id.clone())))
            .min();
        let event = self.queue.first_key_value().map(|((at, _), _)| *at);
        match (event, timeout) {
            (Some(at), timeout) if at <= until && timeout.as_ref().is_none_or(|(due, _)| at <= *due) => {
                let (_, event) = self.queue.pop_first().expect("it has a first event");
                self.now = self.now.max(at);
                self.happen(event);
                true
            }
            (_, Some((due, node))) if due <= until => {
                self.now = self.now.max(due);
                self.tell(&node, Input::Timeout);
                true
            }
            _ => false,
        }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Arrives { from, to, packet } => {
                if self.links.contains(&(to.clone(), from.clone())) {
                    self.tell(&to, Input::Packet { from, packet });
                }
            }
            Event::Answers { from, to } => {
                if self.can_talk(&from, &to) {
                    self.tell(&to, Input::Alive(from));
                }
            }
            Event::Links { dialer, to } => {
                // A dial goes to an address; whoever lives there answers.
                let answering = self.nodes.values().find(|node| node.runs && node.us.addr == to.addr);
                let Some(peer) = answering.map(|node| node.us.clone()) else { return };
                if !self.can_talk(&dialer, &peer.id)
                    || self.links.contains(&(dialer.clone(), peer.id.clone()))
                {
                    return;
                }
                let us = self.nodes[&dialer].us.clone();
                self.links.insert((dialer.clone(), peer.id.clone()));
                self.links.insert((peer.id.clone(), dialer.clone()));
                self.tell(&peer.id, Input::Linked { member: us });
                self.tell(&dialer, Input::Linked { member: peer });
            }
            Event::Withdraws(node) => {
                self.say_goodbye(&node, true);
                self.nodes.get_mut(&node).expect("it was started").runs = false;
                self.break_links();
            }
            Event::IdlesOut { a, b } => {
                if !self.can_talk(&a, &b) && self.links.remove(&(a.clone(), b.clone())) {
                    self.tell(&a, Input::Unlinked(b));
                }
            }
        }
    }

    fn perform(&mut self, node: &NodeId, output: Output) {
        match &output {
            Output::Send { to, packet } => {
                assert!(packet.len() <= PACKET_BYTES_MAX);
                assert!(self.links.contains(&(node.clone(), to.clone())), "{node} sends to {to} unlinked");
                let delay = millis(self.rng.random_range(self.delay.clone()));
                if self.can_talk(node, to) && self.rng.random_range(0..1_000) >= self.loss {
                    let event = Event::Arrives { from: node.clone(), to: to.clone(), packet: packet.clone() };
                    self.push(delay, event);
                }
                return;
            }
            Output::Dial(to) => {
                self.push(HANDSHAKE, Event::Links { dialer: node.clone(), to: to.clone() });
            }
            Output::AskAlive(peer) => {
                // A stream: what is lost is sent again, so it comes, if late.
                let delay = millis(self.rng.random_range(2..300));
                if self.can_talk(node, peer) {
                    self.push(delay, Event::Answers { from: peer.clone(), to: node.clone() });
                }
            }
            Output::Outvoted => self.push(Duration::ZERO, Event::Withdraws(node.clone())),
            Output::Changed { .. }
            | Output::DownedByOthers { .. }
            | Output::Full(_)
            | Output::Misbehaved { .. } => {}
        }
        self.log.push((self.now, node.clone(), output));
    }

    fn can_talk(&self, a: &NodeId, b: &NodeId) -> bool {
        let runs = |id| self.nodes.get(id).is_some_and(|node| node.runs);
        runs(a) && runs(b) && !self.cuts.contains(&(a.name.to_string(), b.name.to_string()))
    }

    /// Links nothing comes through any more end once that is noticed.
    fn break_links(&mut self) {
        let dead: Vec<_> = self.links.iter().filter(|(a, b)| !self.can_talk(a, b)).cloned().collect();
        for (a, b) in dead {
            self.push(IDLE, Event::IdlesOut { a, b });
        }
    }

    fn push(&mut self, after: Duration, event: Event) {
        self.queued += 1;
        self.queue.insert((self.now + after, self.queued), event);
    }
}

const HANDSHAKE: Duration = millis(20);
const IDLE: Duration = secs(8);
