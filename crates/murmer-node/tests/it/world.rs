//! A world for whole nodes: it carries words between them in order, makes and breaks connections, and
//! owns the time. It decides nothing a node should.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use murmer_membership::{Fixed, Member, MemberState, Membership, Swim, SwimConfig};
use murmer_node::{
    CloseReason, Control, DialTarget, Input, Introduction, JoinEnd, LinkId, Node, NodeConfig, Output, Peer,
    PlaceId, Refusal, Verdict, WatchEnd, Welcome, Withdrawal,
};
use murmer_registry::{Attributes, Message, Registration};
use murmer_wire::{ActorId, ActorNumber, Incarnation, Label, NodeId, NodeName, TypeName};

pub(crate) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) fn who(name: &str, incarnation: u64, port: u16) -> Introduction {
    let id = NodeId { name: NodeName::new(name).unwrap(), incarnation: Incarnation::from(incarnation) };
    Introduction { id, addr: SocketAddr::from(([10, 0, 0, 1], port)) }
}

pub(crate) fn member(who: &Introduction) -> Member {
    Member { id: who.id.clone(), addr: who.addr }
}

pub(crate) fn fixed(us: &Introduction, listed: &[Introduction]) -> Fixed {
    Fixed::new(member(us), listed.iter().map(member))
}

pub(crate) fn swim(us: &Introduction) -> Swim {
    Swim::new(member(us), SwimConfig::lan(), us.addr.port().into())
}

/// One word under way on a connection.
#[derive(Debug)]
enum Word {
    Hello,
    Welcome(Welcome),
    Refusal(Refusal),
    Control(Control),
    Registry(Message),
    Datagram(Bytes),
    /// The connection was closed there, or broke.
    Ended,
}

/// A connection: end 0 dialed, end 1 accepted.
#[derive(Debug)]
struct Cable {
    sites: [usize; 2],
    target: DialTarget,
    dial: u64,
    is_open: [bool; 2],
    is_introduced: [bool; 2],
    /// What is under way to each end.
    to: [VecDeque<Word>; 2],
}

/// A process, and what its node has said.
#[derive(Debug)]
pub(crate) struct Site<M> {
    pub(crate) who: Introduction,
    /// Where it is found, whatever it says.
    pub(crate) is_at: SocketAddr,
    pub(crate) node: Node<M>,
    /// Neither hears nor says anything; its connections seem alive.
    pub(crate) is_frozen: bool,
    /// Where the names of its seeds lead.
    pub(crate) seeds: Vec<SocketAddr>,
    /// Where the places lead that it was told of.
    pub(crate) places: BTreeMap<PlaceId, SocketAddr>,
    pub(crate) forgotten: Vec<PlaceId>,
    dials: u64,
    pub(crate) dialed: Vec<(Duration, SocketAddr)>,
    pub(crate) actors: BTreeMap<ActorId, Label>,
    pub(crate) states: BTreeMap<NodeId, MemberState>,
    pub(crate) joined: Vec<(Duration, JoinEnd)>,
    pub(crate) withdrawn: Option<Withdrawal>,
    pub(crate) left_at: Option<Duration>,
    pub(crate) refused: Vec<(NodeId, Refusal)>,
    pub(crate) closed: Vec<CloseReason>,
    pub(crate) misbehaved: usize,
    /// Actors here whose end others wait for.
    pub(crate) observed: BTreeSet<u64>,
    /// How watches of this site's have ended.
    pub(crate) told: BTreeMap<u64, WatchEnd>,
}

#[derive(Debug)]
pub(crate) struct World<M> {
    pub(crate) now: Duration,
    pub(crate) sites: Vec<Site<M>>,
    cables: Vec<Cable>,
    /// Between these pairs of sites nothing connects.
    pub(crate) cut: Vec<(usize, usize)>,
    /// What these dial there gets no answer, not even a failure.
    pub(crate) silent: Vec<(usize, usize)>,
}

/// Alpha, beta and gamma, that have met: each has registered an actor of its own, numbered from 1.
pub(crate) fn three() -> World<Swim> {
    let mut world = World::new();
    let alpha = who("alpha", 1, 1);
    for (port, name) in (1..).zip(["alpha", "beta", "gamma"]) {
        let us = who(name, 1, port);
        let seeds = [alpha.addr];
        let at = world.boot(&us, swim(&us), if port == 1 { &[] } else { &seeds });
        world.register(at, port.into());
    }
    world.run(ms(2_000));
    assert_eq!((world.known(0, 2), world.known(1, 2)), (vec![3], vec![3]));
    world
}

impl<M: Membership> World<M> {
    pub(crate) fn new() -> Self {
        Self { now: ms(1_000), sites: Vec::new(), cables: Vec::new(), cut: Vec::new(), silent: Vec::new() }
    }

    pub(crate) fn boot(&mut self, who: &Introduction, membership: M, seeds: &[SocketAddr]) -> usize {
        self.boot_with(who, membership, seeds, NodeConfig::default())
    }

    /// A node with some of its settings.
    pub(crate) fn boot_with(
        &mut self,
        who: &Introduction,
        membership: M,
        seeds: &[SocketAddr],
        config: NodeConfig,
    ) -> usize {
        let at = self.sites.len();
        let config = NodeConfig { seeds: seeds.len(), random_seed: at as u64 + 1, ..config };
        let node = Node::new(self.now, who.clone(), membership, config);
        self.sites.push(Site {
            who: who.clone(),
            is_at: who.addr,
            node,
            is_frozen: false,
            seeds: seeds.to_vec(),
            places: BTreeMap::new(),
            forgotten: Vec::new(),
            dials: 0,
            dialed: Vec::new(),
            actors: BTreeMap::new(),
            states: BTreeMap::new(),
            joined: Vec::new(),
            withdrawn: None,
            left_at: None,
            refused: Vec::new(),
            closed: Vec::new(),
            misbehaved: 0,
            observed: BTreeSet::new(),
            told: BTreeMap::new(),
        });
        self.drain(at);
        at
    }

    /// Registers actor `number` there under a label that says whose it is.
    pub(crate) fn register(&mut self, at: usize, number: u64) {
        let label = Label::new(&format!("{}/{number}", self.sites[at].who.id)).ok();
        let actor_type = TypeName::new("test::Actor").unwrap();
        let (number, attributes) = (ActorNumber(number), Attributes::default());
        self.tell(at, Input::Register(Registration { number, label, actor_type, attributes }));
    }

    pub(crate) fn tell(&mut self, at: usize, input: Input) {
        if !self.sites[at].is_frozen {
            self.sites[at].node.handle(self.now, input);
            self.drain(at);
        }
    }

    /// A discovery tells a node of a place.
    pub(crate) fn found(&mut self, at: usize, place: u64, addr: SocketAddr) {
        let place = PlaceId(place);
        self.sites[at].places.insert(place, addr);
        self.tell(at, Input::Found { place, addrs: vec![addr] });
    }

    /// Tells a node that no connection of this world belongs to: what it wants done is not.
    pub(crate) fn tell_deaf(&mut self, at: usize, input: Input) {
        self.sites[at].node.handle(self.now, input);
        while let Some(output) = self.sites[at].node.poll() {
            self.sites[at].note(self.now, output);
        }
    }

    /// Somebody dials, whether its node wants it or not.
    pub(crate) fn dial(&mut self, at: usize, target: DialTarget) {
        let addr = match &target {
            DialTarget::Seed(seed) => self.sites[at].seeds[*seed],
            DialTarget::Place(place) => self.sites[at].places[place],
            DialTarget::Peer(who) => who.addr,
        };
        self.sites[at].dialed.push((self.now, addr));
        self.sites[at].dials += 1;
        let there = self.sites.iter().rposition(|site| site.is_at == addr && !site.is_frozen);
        let is_cut = |other| self.cut.contains(&(at, other)) || self.cut.contains(&(other, at));
        let dial = self.sites[at].dials;
        let mut cable = Cable {
            sites: [at, at],
            target,
            dial,
            is_open: [true; 2],
            is_introduced: [false; 2],
            to: [VecDeque::new(), VecDeque::new()],
        };
        match there.filter(|there| !is_cut(*there)) {
            Some(there) => {
                cable.sites[1] = there;
                if !self.silent.contains(&(at, there)) {
                    cable.to[1].push_back(Word::Hello);
                }
            }
            None => cable.to[0].push_back(Word::Ended),
        }
        self.cables.push(cable);
    }

    /// Where something is under way, and to whom.
    pub(crate) fn under_way(&self) -> Vec<(usize, usize)> {
        let ends = (0..self.cables.len()).flat_map(|cable| [(cable, 0), (cable, 1)]);
        ends.filter(|&(cable, end)| {
            let cable = &self.cables[cable];
            !cable.to[end].is_empty() && !self.sites[cable.sites[end]].is_frozen
        })
        .collect()
    }

    /// The next word under way to this end arrives.
    pub(crate) fn deliver(&mut self, (at, end): (usize, usize)) {
        let cable = &mut self.cables[at];
        let word = cable.to[end].pop_front().unwrap();
        let (site, other, target) = (cable.sites[end], cable.sites[1 - end], cable.target.clone());
        if !cable.is_open[end] {
            return;
        }
        let link = LinkId((at * 2 + end) as u64);
        match word {
            Word::Hello => self.introduce(at, end, other, Vec::new()),
            Word::Welcome(welcome) => {
                self.introduce(at, end, other, welcome.members);
                let id = welcome.node.id;
                match target {
                    DialTarget::Seed(seed) => self.tell(site, Input::SeedIs { seed, id }),
                    DialTarget::Place(place) => self.tell(site, Input::PlaceIs { place, id }),
                    DialTarget::Peer(_) => {}
                }
            }
            Word::Refusal(refusal) => {
                cable.is_open = [false; 2];
                self.tell(site, Input::DialFailed { target, refusal: Some(refusal) });
            }
            Word::Control(message) => self.tell(site, Input::Control { link, message }),
            Word::Registry(message) => self.tell(site, Input::Registry { link, message }),
            Word::Datagram(packet) => self.tell(site, Input::Datagram { link, packet }),
            Word::Ended => self.ended(at, end),
        }
    }

    /// Everything under way arrives, until nothing is.
    pub(crate) fn settle(&mut self) {
        for _ in 0..100_000 {
            let Some(next) = self.under_way().first().copied() else { return };
            self.deliver(next);
        }
        panic!("the nodes never stop talking");
    }

    /// Lets `span` pass; words take no time.
    pub(crate) fn run(&mut self, span: Duration) {
        let until = self.now + span;
        for _ in 0..1_000_000 {
            self.settle();
            let awake = self.sites.iter().filter(|site| !site.is_frozen);
            match awake.filter_map(|site| site.node.deadline()).min().filter(|at| *at <= until) {
                Some(at) => self.now = self.now.max(at),
                None => {
                    self.now = until;
                    return;
                }
            }
            self.tick();
        }
        panic!("time does not pass");
    }

    /// Tells everybody whose deadline has passed.
    pub(crate) fn tick(&mut self) {
        for at in 0..self.sites.len() {
            if self.sites[at].node.deadline().is_some_and(|deadline| deadline <= self.now) {
                self.tell(at, Input::Timeout);
            }
        }
    }

    /// Breaks all connections between two sites, as both ends will notice.
    pub(crate) fn sever(&mut self, one: usize, other: usize) {
        for cable in &mut self.cables {
            if cable.sites == [one, other] || cable.sites == [other, one] {
                cable.to.iter_mut().for_each(|to| {
                    to.clear();
                    to.push_back(Word::Ended);
                });
            }
        }
    }

    /// How many connections two sites have, as either of them sees it.
    pub(crate) fn connections(&self, one: usize, other: usize) -> usize {
        let between = |cable: &&Cable| cable.sites == [one, other] || cable.sites == [other, one];
        self.cables.iter().filter(between).filter(|cable| cable.is_open.contains(&true)).count()
    }

    /// The connection over which `at` speaks to `other`.
    pub(crate) fn current(&self, at: usize, other: usize) -> Option<u64> {
        self.sites[at].node.link_to(&self.sites[other].who.id).map(|link| link.0 / 2)
    }

    /// The actors of `other` that `at` knows.
    pub(crate) fn known(&self, at: usize, other: usize) -> Vec<u64> {
        let theirs = self.sites[at].actors.keys().filter(|id| id.node == self.sites[other].who.id);
        theirs.map(|id| id.number.0).collect()
    }

    pub(crate) fn state(&self, at: usize, other: usize) -> Option<MemberState> {
        self.sites[at].states.get(&self.sites[other].who.id).copied()
    }

    fn introduce(&mut self, at: usize, end: usize, other: usize, members: Vec<Introduction>) {
        let cable = &mut self.cables[at];
        cable.is_introduced[end] = true;
        let site = cable.sites[end];
        let (who, dial) = (self.sites[other].who.clone(), cable.dial);
        let peer = Peer { seen_at: self.sites[other].is_at, who, dialed: end == 0, dial, members };
        self.tell(site, Input::Introduced { link: LinkId((at * 2 + end) as u64), peer });
    }

    fn ended(&mut self, at: usize, end: usize) {
        let cable = &mut self.cables[at];
        cable.is_open[end] = false;
        let (site, target) = (cable.sites[end], cable.target.clone());
        if cable.is_introduced[end] {
            self.tell(site, Input::Unlinked(LinkId((at * 2 + end) as u64)));
        } else {
            self.tell(site, Input::DialFailed { target, refusal: None });
        }
    }

    fn drain(&mut self, at: usize) {
        let (mut closed, mut flushed) = (Vec::new(), Vec::new());
        while let Some(output) = self.sites[at].node.poll() {
            match output {
                Output::Dial(target) => self.dial(at, target),
                Output::Verdict { link, verdict: Verdict::Welcome(welcome) } => {
                    self.send(at, link, Word::Welcome(welcome));
                }
                Output::Verdict { link, verdict: Verdict::Refused(refusal) } => {
                    self.send(at, link, Word::Refusal(refusal));
                }
                Output::Close { link, reason } => {
                    self.sites[at].closed.push(reason);
                    self.send(at, link, Word::Ended);
                    closed.push(link);
                }
                Output::Control { link, message } => self.send(at, link, Word::Control(message)),
                Output::Registry { link, message } => self.send(at, link, Word::Registry(message)),
                Output::Datagram { link, packet } => self.send(at, link, Word::Datagram(packet)),
                // No messages are under way here.
                Output::Flush { ticket, .. } => flushed.push(Input::Flushed(ticket)),
                told => self.sites[at].note(self.now, told),
            }
        }
        for input in flushed {
            self.tell(at, input);
        }
        for link in closed {
            let (cable, end) = ((link.0 / 2) as usize, (link.0 % 2) as usize);
            self.cables[cable].is_open[end] = false;
            self.tell(at, Input::Unlinked(link));
        }
    }

    fn send(&mut self, at: usize, link: LinkId, word: Word) {
        let (index, end) = ((link.0 / 2) as usize, (link.0 % 2) as usize);
        let cable = &mut self.cables[index];
        assert_eq!(cable.sites[end], at, "a link of somebody else's");
        if cable.is_open[end] {
            cable.to[1 - end].push_back(word);
        }
    }
}

impl<M> Site<M> {
    fn note(&mut self, now: Duration, output: Output) {
        match output {
            Output::Forgotten(place) => self.forgotten.push(place),
            Output::MemberChanged { member, to, .. } => drop(self.states.insert(member.id, to)),
            Output::ActorAdded(entry) => {
                let label = entry.label.clone().unwrap();
                assert!(self.actors.insert(entry.id.clone(), label).is_none(), "added twice");
            }
            Output::ActorRemoved(id) => assert!(self.actors.remove(&id).is_some(), "removed twice"),
            Output::Refused { peer, refusal } => self.refused.push((peer.id, refusal)),
            Output::Joined(end) => self.joined.push((now, end)),
            Output::Withdraw(why) => assert!(self.withdrawn.replace(why).is_none(), "withdrawn twice"),
            Output::LeaveDone => assert!(self.left_at.replace(now).is_none(), "left twice"),
            Output::Misbehaved { .. } => self.misbehaved += 1,
            Output::Observe(actor) => assert!(self.observed.insert(actor.0), "observed twice"),
            Output::Unobserve(actor) => assert!(self.observed.remove(&actor.0)),
            Output::Told { watch, reason } => {
                assert!(self.told.insert(watch, reason).is_none(), "told twice of one watch");
            }
            _ => {}
        }
    }
}
