//! Registries joined by simulated links, checked after every step.
//!
//! Links keep order. They can be cut, lose a message or repeat one, as a test tells them to.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use murmer_registry::{
    Attributes, Entry, Input, Message, Misbehaviour, Op, Output, Record, Registration, Registry,
    RegistryConfig, View,
};
use murmer_wire::{
    ActorId, ActorNumber, GroupName, GroupSet, Incarnation, Label, NodeId, NodeName, TypeName, Visibility,
    decode, encode,
};

pub(crate) const MS: Duration = Duration::from_millis(1);
pub(crate) const SECOND: Duration = Duration::from_secs(1);

pub(crate) fn node(name: &str) -> NodeId {
    node_booted(name, 1)
}

pub(crate) fn node_booted(name: &str, unix_millis: u64) -> NodeId {
    NodeId { name: NodeName::new(name).unwrap(), incarnation: Incarnation::mint(unix_millis, 0) }
}

pub(crate) fn registration(number: u64, label: &str) -> Registration {
    let (label, actor_type) = (Some(Label::new(label).unwrap()), TypeName::new("chat::Room").unwrap());
    Registration { number: ActorNumber(number), label, actor_type, attributes: Attributes::default() }
}

/// Listed, and in these groups.
pub(crate) fn in_groups(groups: &[&str]) -> Attributes {
    let groups = GroupSet::new(groups.iter().map(|name| GroupName::new(name).unwrap()));
    Attributes { visibility: Visibility::Listed, groups }
}

pub(crate) fn record(number: u64, label: &str, lamport: u64) -> Record {
    let Registration { number, label, actor_type, attributes } = registration(number, label);
    Record { number, label, actor_type, lamport, attributes }
}

pub(crate) struct Member {
    pub(crate) id: NodeId,
    pub(crate) registry: Registry,
    /// What the events add up to.
    pub(crate) known: BTreeMap<ActorId, Arc<Entry>>,
    pub(crate) view: View,
    /// What a test registered here.
    pub(crate) own: BTreeMap<ActorNumber, Registration>,
    pub(crate) synced: Vec<NodeId>,
    pub(crate) left: Vec<NodeId>,
    pub(crate) misbehaved: Vec<Misbehaviour>,
    pub(crate) diverged: usize,
    pub(crate) events: usize,
    pub(crate) updates: usize,
    linked: Vec<bool>,
    /// The log as it was sent to anyone, by position.
    pub(crate) log: BTreeMap<u64, Op>,
    pub(crate) chunks_sent: usize,
}

pub(crate) struct Net {
    pub(crate) now: Duration,
    pub(crate) members: Vec<Member>,
    pub(crate) wires: BTreeMap<(usize, usize), VecDeque<Message>>,
}

impl Net {
    pub(crate) fn new(names: &[&str]) -> Self {
        Self::with_config(names, &RegistryConfig::default())
    }

    pub(crate) fn with_config(names: &[&str], config: &RegistryConfig) -> Self {
        Self::of(names.iter().map(|name| node(name)).collect(), config)
    }

    pub(crate) fn of(ids: Vec<NodeId>, config: &RegistryConfig) -> Self {
        let count = ids.len();
        let member = |id: NodeId| Member {
            registry: Registry::new(id.clone(), config.clone()),
            id,
            known: BTreeMap::new(),
            view: View::new(),
            own: BTreeMap::new(),
            synced: Vec::new(),
            left: Vec::new(),
            misbehaved: Vec::new(),
            diverged: 0,
            events: 0,
            updates: 0,
            linked: vec![false; count],
            log: BTreeMap::new(),
            chunks_sent: 0,
        };
        Self { now: SECOND, members: ids.into_iter().map(member).collect(), wires: BTreeMap::new() }
    }

    /// Gives one input, takes all outputs and checks what must hold at any time.
    pub(crate) fn handle(&mut self, at: usize, input: Input) {
        let ids: Vec<_> = self.members.iter().map(|member| member.id.clone()).collect();
        self.members[at].registry.handle(self.now, input);
        while let Some(output) = self.members[at].registry.poll() {
            if let Output::Send { to, message } = output {
                let to = ids.iter().position(|id| *id == to).unwrap();
                self.members[at].note_sent(&message);
                self.wires.entry((at, to)).or_default().push_back(message);
            } else {
                self.members[at].note(output);
            }
        }
        self.check_prefix(at);
    }

    pub(crate) fn register(&mut self, at: usize, number: u64, label: &str) {
        self.register_as(at, registration(number, label));
    }

    pub(crate) fn register_as(&mut self, at: usize, registration: Registration) {
        self.members[at].own.insert(registration.number, registration.clone());
        self.handle(at, Input::Register(registration));
    }

    pub(crate) fn update(&mut self, at: usize, number: u64, attributes: Attributes) {
        let number = ActorNumber(number);
        self.members[at].own.get_mut(&number).unwrap().attributes = attributes.clone();
        self.handle(at, Input::Update { number, attributes });
    }

    pub(crate) fn deregister(&mut self, at: usize, number: u64) {
        self.members[at].own.remove(&ActorNumber(number));
        self.handle(at, Input::Deregister(ActorNumber(number)));
    }

    /// Tells both ends, unless one knows already.
    pub(crate) fn link(&mut self, a: usize, b: usize) {
        for (at, peer) in [(a, b), (b, a)] {
            if !self.members[at].linked[peer] {
                self.members[at].linked[peer] = true;
                let id = self.members[peer].id.clone();
                self.handle(at, Input::PeerLinked(id));
            }
        }
    }

    /// Cuts the link and loses what is on it.
    pub(crate) fn unlink(&mut self, a: usize, b: usize) {
        for (at, peer) in [(a, b), (b, a)] {
            self.wires.remove(&(at, peer));
            if std::mem::take(&mut self.members[at].linked[peer]) {
                let id = self.members[peer].id.clone();
                self.handle(at, Input::PeerUnlinked(id));
            }
        }
    }

    /// One side gives the other up; that one may not know.
    pub(crate) fn down(&mut self, at: usize, peer: usize) {
        let id = self.members[peer].id.clone();
        self.members[at].linked[peer] = false;
        self.handle(at, Input::PeerDown(id.clone()));
        assert!(self.members[at].known.keys().all(|actor| actor.node != id), "phantoms after PeerDown");
    }

    /// Delivers the first message on a wire; false if there is none.
    pub(crate) fn deliver(&mut self, from: usize, to: usize) -> bool {
        let Some(message) = self.wires.get_mut(&(from, to)).and_then(VecDeque::pop_front) else {
            return false;
        };
        let mut bytes = BytesMut::new();
        encode(&message, &mut bytes).unwrap();
        assert!(bytes.len() <= 256 << 10, "a message of {} bytes", bytes.len());
        let from = self.members[from].id.clone();
        self.handle(to, Input::Message { from, message: decode(&bytes).unwrap() });
        true
    }

    /// Delivers everything, with no time passing.
    pub(crate) fn settle(&mut self) {
        for _ in 0..1_000_000 {
            let busy = self.wires.iter().find(|(_, wire)| !wire.is_empty()).map(|(ends, _)| *ends);
            let Some((from, to)) = busy else { return };
            self.deliver(from, to);
        }
        panic!("messages without end");
    }

    /// Lets time pass, with timers and deliveries as they come.
    pub(crate) fn run(&mut self, span: Duration) {
        let end = self.now + span;
        self.settle();
        for _ in 0..1_000_000 {
            let deadlines = self.members.iter().enumerate();
            let next = deadlines.filter_map(|(at, m)| m.registry.deadline().map(|due| (due, at))).min();
            let Some((due, at)) = next.filter(|(due, _)| *due <= end) else {
                self.now = end;
                return;
            };
            self.now = self.now.max(due);
            self.handle(at, Input::Timeout);
            let again = self.members[at].registry.deadline();
            assert!(again.is_none_or(|again| again > self.now), "a timer that doesn't move on");
            self.settle();
        }
        panic!("timers without end");
    }

    /// Everyone holds exactly what the others registered.
    pub(crate) fn check_converged(&self) {
        for member in &self.members {
            let held = member.known.values();
            let held: Vec<_> = held.map(|e| (e.id.clone(), (&e.label, &e.attributes))).collect();
            let others = self.members.iter().filter(|other| other.id != member.id);
            let mut wanted: Vec<_> = others
                .flat_map(|other| {
                    let id = |number| ActorId { node: other.id.clone(), number };
                    other.own.values().map(move |own| (id(own.number), (&own.label, &own.attributes)))
                })
                .collect();
            wanted.sort_by(|(one, _), (other, _)| one.cmp(other));
            let differing = held.iter().zip(&wanted).find(|(held, wanted)| held != wanted);
            let counts = (held.len(), wanted.len());
            assert!(held == wanted, "{} holds {counts:?}, first {differing:?}", member.id);
            assert_eq!(member.misbehaved, [], "{}", member.id);
            assert_eq!(member.diverged, 0);
        }
    }

    pub(crate) fn labels(&self, at: usize) -> Vec<&str> {
        self.members[at].known.values().map(|entry| entry.label.as_ref().unwrap().as_str()).collect()
    }

    /// What a node holds of a peer is what replaying a prefix of the peer's log gives.
    fn check_prefix(&self, at: usize) {
        let member = &self.members[at];
        for (origin, applied) in member.registry.versions() {
            let Some(log) = self.members.iter().find(|m| m.id == *origin).map(|m| &m.log) else { continue };
            if log.range(..=applied).count() as u64 != applied {
                continue;
            }
            let mut replayed = BTreeMap::new();
            for (_, op) in log.range(..=applied) {
                match op {
                    Op::ActorAdd(record) => {
                        replayed.insert(record.number, record.clone());
                    }
                    Op::ActorUpdate { number, attributes } => {
                        replayed.get_mut(number).unwrap().attributes = attributes.clone();
                    }
                    Op::ActorRemove { number } => {
                        replayed.remove(number).unwrap();
                    }
                    Op::Leave => replayed.clear(),
                }
            }
            let held = member.known.values().filter(|entry| entry.id.node == *origin);
            let held = held.map(|e| (e.id.number, e.label.clone(), e.lamport, e.attributes.clone()));
            let held: Vec<_> = held.collect();
            let wanted = replayed.into_values().map(|r| (r.number, r.label, r.lamport, r.attributes));
            let wanted: Vec<_> = wanted.collect();
            let counts = (held.len(), wanted.len());
            assert!(held == wanted, "{} holds no prefix of {origin}: {counts:?}", member.id);
        }
    }
}

impl Member {
    fn note(&mut self, output: Output) {
        self.events += 1;
        match output {
            Output::Added(entry) => {
                self.view.add(entry.clone());
                assert_ne!(entry.id.node, self.id, "a peer added one of ours");
                assert_eq!(self.known.insert(entry.id.clone(), entry), None, "added twice");
            }
            Output::Updated(entry) => {
                self.updates += 1;
                assert!(self.view.add(entry.clone()).is_some());
                let before = self.known.insert(entry.id.clone(), entry.clone()).unwrap();
                assert_ne!(before.attributes, entry.attributes, "told again of an actor that is as it was");
                assert_eq!(*before, Entry { attributes: before.attributes.clone(), ..(*entry).clone() });
            }
            Output::Removed(entry) => {
                self.view.remove(&entry.id);
                assert_eq!(self.known.remove(&entry.id), Some(entry), "removed another than was added");
            }
            Output::Left(peer) => self.left.push(peer),
            Output::Synced(peer) => self.synced.push(peer),
            Output::Diverged(_) => self.diverged += 1,
            Output::Misbehaved { what, .. } => self.misbehaved.push(what),
            other => panic!("{other:?}"),
        }
    }

    fn note_sent(&mut self, message: &Message) {
        match message {
            Message::Ops { first, ops, .. } => {
                for (position, op) in (*first..).zip(ops) {
                    let before = self.log.insert(position, op.clone());
                    assert!(before.is_none_or(|before| before == *op), "position {position} changed");
                }
            }
            Message::Snapshot(_) => self.chunks_sent += 1,
            _ => {}
        }
    }
}
