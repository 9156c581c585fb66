//! A large cluster on good lines, for its figures: how long until all agree, and what that costs.
//!
//! Whole nodes, as everywhere here, in a world that is plain on purpose: every word takes the same time, nothing
//! is lost but by a partition, and of what a node says of others only a number and an order-free hash are kept.
//! So a thousand nodes fit where a few hundred with all the checks of [`Sim`](crate::Sim) would not.

mod lines;
mod tally;

use std::net::SocketAddr;
use std::time::Duration;

use murmer_membership::{Member, Swim, SwimConfig};
use murmer_node::{Input, Introduction, Node, NodeConfig, Output};
use murmer_registry::{Attributes, Registration};
use murmer_wire::{ActorId, ActorNumber, Incarnation, Label, NodeId, NodeName, TypeName};

use self::lines::Lines;
pub use self::tally::{Bytes, Tally};
use crate::queue::Queue;
use crate::times::EPOCH_MS;

/// The nodes and the world between them.
#[derive(Debug)]
pub struct Scale {
    now: Duration,
    sites: Vec<Site>,
    lines: Lines,
    /// When each node wants to be called; outdated ones are skipped.
    alarms: Queue<usize>,
    /// All actors there are.
    all: Tally,
    /// Sites whose tally is that of all actors but their own.
    complete: usize,
}

#[derive(Debug)]
struct Site {
    who: Introduction,
    node: Node<Swim>,
    alarm_at: Option<Duration>,
    own: Vec<ActorNumber>,
    own_tally: Tally,
    known: Tally,
    last_actor: u64,
}

impl Scale {
    /// `nodes` that boot at one moment, with `actors` in all, dealt out evenly. The first three are everybody's seeds.
    ///
    /// # Panics
    ///
    /// With fewer than two nodes, or more than 1,024.
    pub fn new(nodes: usize, actors: usize) -> Self {
        assert!((2..=murmer_membership::MEMBERS_MAX).contains(&nodes), "2 to 1,024 nodes");
        let sites: Vec<_> = (0..nodes).map(|site| boot(site, nodes)).collect();
        let mut scale = Self {
            now: Duration::ZERO,
            lines: Lines::new(nodes),
            alarms: Queue::new(),
            sites,
            all: Tally::default(),
            complete: 0,
        };
        for site in 0..nodes {
            for _ in 0..actors / nodes + usize::from(site < actors % nodes) {
                scale.start(site);
            }
            scale.drain(site);
        }
        scale
    }

    /// Ends one actor in a hundred and starts as many, on all nodes at one moment. How many that is.
    pub fn churn(&mut self) -> usize {
        let mut changes = 0;
        for site in 0..self.sites.len() {
            let count = self.sites[site].own.len().div_ceil(100);
            for _ in 0..count {
                self.stop_first(site);
                self.start(site);
            }
            self.drain(site);
            changes += 2 * count;
        }
        changes
    }

    /// Cuts every line between the first half of the nodes and the second.
    pub fn cut(&mut self) {
        self.lines.cut(self.now);
    }

    /// Mends all lines.
    pub fn heal(&mut self) {
        self.lines.heal(self.now);
    }

    /// Lets time pass until every node knows all actors of all others, and how long that took; `None` if it is not
    /// so `within` that long.
    pub fn converge(&mut self, within: Duration) -> Option<Duration> {
        let (began, until) = (self.now, self.now + within);
        self.recount();
        while self.complete < self.sites.len() {
            if !self.step(until) {
                return None;
            }
        }
        Some(self.now - began)
    }

    /// Lets `span` pass.
    pub fn run(&mut self, span: Duration) {
        let until = self.now + span;
        while self.step(until) {}
        self.now = until;
    }

    /// What has been sent so far, by all nodes together.
    pub fn sent(&self) -> Bytes {
        self.lines.sent
    }

    /// Whether some nodes hold others to be in any state but up.
    pub fn has_doubts(&self) -> bool {
        let others = self.sites.len() - 1;
        let is_up = |state| state == murmer_membership::MemberState::Up;
        self.sites
            .iter()
            .any(|site| site.node.members().iter().filter(|(_, state)| is_up(*state)).count() != others)
    }

    /// The next thing that happens before `until`; false if there is none.
    fn step(&mut self, until: Duration) -> bool {
        let alarm_at = self.alarms.next_at();
        let word_at = self.lines.next_at();
        let Some(at) = alarm_at.into_iter().chain(word_at).min().filter(|at| *at <= until) else {
            return false;
        };
        self.now = self.now.max(at);
        if word_at == Some(at) {
            if let Some((site, input)) = self.lines.pop(self.now) {
                self.tell(site, input);
            }
        } else if let Some((at, site)) = self.alarms.pop_until(at)
            && self.sites[site].alarm_at == Some(at)
        {
            self.sites[site].alarm_at = None;
            self.tell(site, Input::Timeout);
        }
        true
    }

    fn tell(&mut self, site: usize, input: Input) {
        self.sites[site].node.handle(self.now, input);
        self.drain(site);
    }

    fn drain(&mut self, site: usize) {
        while let Some(output) = self.sites[site].node.poll() {
            match output {
                Output::ActorAdded(entry) => self.tallied(site, |tally| tally.add(&entry.id)),
                Output::ActorRemoved(id) => self.tallied(site, |tally| tally.remove(&id)),
                output => self.lines.perform(self.now, site, &self.sites, output),
            }
        }
        while let Some((site, input)) = self.lines.take_input() {
            self.tell(site, input);
        }
        let at = self.sites[site].node.deadline();
        if at.is_some_and(|at| self.sites[site].alarm_at.is_none_or(|alarm_at| at < alarm_at)) {
            self.sites[site].alarm_at = at;
            at.into_iter().for_each(|at| self.alarms.push(at, site));
        }
    }

    fn tallied(&mut self, site: usize, change: impl FnOnce(&mut Tally)) {
        let before = self.is_complete(site);
        change(&mut self.sites[site].known);
        let after = self.is_complete(site);
        self.complete = self.complete + usize::from(after) - usize::from(before);
    }

    fn is_complete(&self, site: usize) -> bool {
        let site = &self.sites[site];
        site.known.is_rest_of(&self.all, &site.own_tally)
    }

    fn recount(&mut self) {
        self.complete = (0..self.sites.len()).filter(|site| self.is_complete(*site)).count();
    }

    fn start(&mut self, at: usize) {
        let site = &mut self.sites[at];
        site.last_actor += 1;
        let number = ActorNumber(site.last_actor);
        site.own.push(number);
        let id = ActorId { node: site.who.id.clone(), number };
        site.own_tally.add(&id);
        self.all.add(&id);
        let label = Some(Label::new(&format!("user/{at}/{}", site.last_actor)).expect("a short label"));
        let actor_type = TypeName::new("sim::Actor").expect("a path is a type's name");
        let attributes = Attributes::default();
        self.hand(at, Input::Register(Registration { number, label, actor_type, attributes }));
    }

    fn stop_first(&mut self, at: usize) {
        let site = &mut self.sites[at];
        let number = site.own.remove(0);
        let id = ActorId { node: site.who.id.clone(), number };
        site.own_tally.remove(&id);
        self.all.remove(&id);
        self.hand(at, Input::Deregister(number));
    }

    /// As [`tell`](Self::tell), of a change of many: what comes of it is looked at once, after the last.
    fn hand(&mut self, at: usize, input: Input) {
        self.sites[at].node.handle(self.now, input);
        let mut outputs = Vec::new();
        while let Some(output) = self.sites[at].node.poll() {
            outputs.push(output);
        }
        for output in outputs {
            self.lines.perform(self.now, at, &self.sites, output);
        }
    }
}

fn boot(site: usize, nodes: usize) -> Site {
    let name = NodeName::new(&format!("n{site}")).expect("a letter and a number");
    let id = NodeId { name, incarnation: Incarnation::mint(EPOCH_MS + site as u64, site as u64) };
    let who = Introduction { id, addr: addr_of(site) };
    let member = Member { id: who.id.clone(), addr: who.addr };
    let membership = Swim::new(member, SwimConfig::lan(), site as u64);
    let config = NodeConfig { seeds: SEEDS.min(nodes), random_seed: site as u64, ..NodeConfig::default() };
    let node = Node::new(Duration::ZERO, who.clone(), membership, config);
    Site {
        who,
        node,
        alarm_at: None,
        own: Vec::new(),
        own_tally: Tally::default(),
        known: Tally::default(),
        last_actor: 0,
    }
}

/// Where a site listens: its number in the last two bytes.
fn addr_of(site: usize) -> SocketAddr {
    SocketAddr::from(([10, 0, (site >> 8) as u8, site as u8], 7_100))
}

fn site_of(addr: SocketAddr) -> usize {
    match addr {
        SocketAddr::V4(addr) => {
            let [.., high, low] = addr.ip().octets();
            usize::from(high) << 8 | usize::from(low)
        }
        SocketAddr::V6(_) => unreachable!("sites have addresses of four bytes"),
    }
}

const SEEDS: usize = 3;
