//! What goes wrong, as the seed says, and the work that goes on meanwhile.
//!
//! Doesn't know what nodes make of it.

use std::net::SocketAddr;
use std::time::Duration;

use murmer_membership::{Member, Swim, SwimConfig};
use murmer_node::{Input, Introduction, Node, NodeConfig};
use murmer_registry::{Attributes, Registration};
use murmer_wire::{ActorId, ActorNumber, Incarnation, Label, NodeId, NodeName, TypeName};
use rand::RngExt;

use super::links::PORT;
use super::{Event, Sim};
use crate::cable::{End, Word};
use crate::process::Process;

impl Sim {
    /// One thing goes wrong, and the next is planned.
    pub(super) fn fault(&mut self) {
        if !self.is_faulty {
            return;
        }
        let wait = self.span(100, 4_000);
        self.schedule(wait, Event::Fault);
        let site = self.rng.random_range(0..self.sites.len());
        match self.rng.random_range(0..8) {
            0..=3 => self.partition(site),
            4 | 5 => self.crash(site),
            6 => self.leave(site),
            _ => self.sever(site),
        }
    }

    /// Nothing passes between some sites and the others, for a while.
    fn partition(&mut self, site: usize) {
        let count = self.sites.len();
        let isolate = self.rng.random_bool(0.5);
        let other = (site + 1 + self.rng.random_range(0..count - 1)) % count;
        let pairs: Vec<_> =
            (0..count).filter(|at| *at != site && (isolate || *at == other)).map(|at| (site, at)).collect();
        self.trace.record(self.now, format_args!("FAULT cut {pairs:?}"));
        self.happened.partitions += 1;
        self.last_cut += 1;
        self.cuts.insert(self.last_cut, pairs);
        for cable in self.open_cables().into_iter().filter(|cable| self.is_cut(*cable)).collect::<Vec<_>>() {
            self.fall_silent(End { cable, side: 0 });
            self.fall_silent(End { cable, side: 1 });
        }
        let wait = self.span(200, 20_000);
        self.schedule(wait, Event::Heal(self.last_cut));
    }

    pub(super) fn heal(&mut self, cut: u64) {
        let was_cut: Vec<_> = self.open_cables().into_iter().filter(|cable| self.is_cut(*cable)).collect();
        if self.cuts.remove(&cut).is_some() {
            self.trace.record(self.now, format_args!("FAULT healed {cut}"));
            for cable in was_cut {
                if !self.is_cut(cable) {
                    self.resume(cable);
                }
            }
        }
    }

    pub(super) fn is_cut(&self, cable: usize) -> bool {
        let [one, other] = self.cables[cable].sites();
        self.cuts.values().flatten().any(|pair| *pair == (one, other) || *pair == (other, one))
    }

    fn crash(&mut self, site: usize) {
        let Some(process) = self.sites[site].take() else { return };
        let says_so = self.rng.random_bool(0.3);
        self.trace.record(self.now, format_args!("FAULT crash {} says so: {says_so}", process.who.id));
        self.happened.crashes += 1;
        self.abandon(site, says_so);
        // Without a seed, the others have to come for it; they do as long as they have known it.
        let others_know = (0..self.sites.len()).filter(|at| *at != site).all(|at| {
            self.sites[at].as_ref().is_some_and(|other| {
                !other.seeds.is_empty()
                    && other.node.members().iter().any(|(member, _)| member.id == process.who.id)
            })
        });
        let has_seeds =
            !(self.seeds_everywhere && !process.is_leaving && others_know && self.rng.random_bool(0.5));
        let wait = self.span(100, 15_000);
        self.schedule(wait, Event::Boot { site, has_seeds });
    }

    fn leave(&mut self, site: usize) {
        let Some(process) = self.sites[site].as_mut().filter(|process| !process.is_leaving) else { return };
        process.is_leaving = true;
        process.actors.clear();
        let id = process.who.id.clone();
        self.trace.record(self.now, format_args!("FAULT leave {id}"));
        self.happened.leaves += 1;
        self.schedule(LEAVE_BOUND, Event::LeaveOverdue { site, id });
        self.tell(site, Input::Leave);
    }

    /// A leave is done: the process ends, and closes what it had.
    pub(super) fn left(&mut self, site: usize) {
        self.sites[site] = None;
        self.abandon(site, true);
        let wait = if self.is_faulty { self.span(100, 15_000) } else { BOOT_SOON };
        self.schedule(wait, Event::Boot { site, has_seeds: true });
    }

    /// Some connections of this site break, as both ends notice.
    fn sever(&mut self, site: usize) {
        self.trace.record(self.now, format_args!("FAULT sever {site}"));
        for cable in self.open_cables() {
            if self.cables[cable].sites().contains(&site) && self.rng.random_bool(0.5) {
                self.close(End { cable, side: 0 });
            }
        }
    }

    /// The process at `site` is no more; the other ends hear so, or nothing any more.
    fn abandon(&mut self, site: usize, says_so: bool) {
        for cable in self.open_cables() {
            for side in 0..2 {
                let end = End { cable, side };
                if self.side(end).site != site {
                    continue;
                }
                if says_so {
                    self.hang_up(end);
                }
                let side = self.side_mut(end);
                side.is_open = false;
                side.control.retain(|(_, word)| matches!(word, Word::Hello));
                side.registry.clear();
                if !says_so {
                    self.fall_silent(end.other());
                }
            }
        }
    }

    pub(super) fn boot(&mut self, site: usize, has_seeds: bool) {
        // Once all is to heal, only those that are seeds have to come back.
        if self.sites[site].is_some() || !(self.is_faulty || site < SEEDS) {
            return;
        }
        // A clock, as a process would read it at its start.
        let incarnation = Incarnation::mint(EPOCH_MS + self.now.as_millis() as u64, self.rng.random());
        let name = NodeName::new(&format!("n{site}")).expect("a letter and a number make a name");
        let addr = SocketAddr::from(([10, 0, 0, 1], PORT + site as u16));
        let who = Introduction { id: NodeId { name, incarnation }, addr };
        self.trace.record(self.now, format_args!("BOOT {} seeds: {has_seeds}", who.id));
        let listed = if self.seeds_everywhere { self.sites.len() } else { SEEDS.min(self.sites.len()) };
        let seeds: Vec<_> = (0..listed).filter(|_| has_seeds).collect();
        let config =
            NodeConfig { seeds: seeds.len(), random_seed: self.rng.random(), ..NodeConfig::default() };
        let member = Member { id: who.id.clone(), addr };
        let swim = Swim::new(member, SwimConfig::lan(), self.rng.random());
        let node = Node::new(self.now, who.clone(), swim, config);
        self.sites[site] = Some(Process {
            who,
            node,
            seeds,
            dials: 0,
            view: Default::default(),
            actors: Default::default(),
            last_actor: 0,
            is_leaving: false,
        });
        self.drain(site);
    }

    /// Somebody starts or stops an actor.
    pub(super) fn work(&mut self) {
        if !self.is_faulty {
            return;
        }
        let wait = self.span(5, 500);
        self.schedule(wait, Event::Work);
        let site = self.rng.random_range(0..self.sites.len());
        let Some(process) = self.sites[site].as_ref().filter(|process| !process.is_leaving) else { return };
        let count = process.actors.len();
        let chosen =
            if count == 0 { None } else { process.actors.iter().nth(self.rng.random_range(0..count)) };
        let chosen = chosen.map(|(number, label)| (*number, label.clone()));
        match (self.rng.random_range(0..4), chosen) {
            (0, Some((number, _))) => self.stop(site, number),
            // A stop and a start under one label, without a moment in between.
            (1, Some((number, label))) => {
                self.stop(site, number);
                self.start(site, label);
            }
            (_, Some((number, _))) if count >= ACTORS_MAX => self.stop(site, number),
            _ => {
                let label = format!("label/{}", self.rng.random_range(0..LABELS));
                self.start(site, Label::new(&label).expect("a word and a number make a label"));
            }
        }
    }

    fn start(&mut self, site: usize, label: Label) {
        let Some(process) = self.sites[site].as_mut() else { return };
        process.last_actor += 1;
        let number = ActorNumber(process.last_actor);
        process.actors.insert(number, label.clone());
        self.ledger.insert(ActorId { node: process.who.id.clone(), number }, label.clone());
        self.happened.registrations += 1;
        let actor_type = TypeName::new("sim::Actor").expect("a path is a type's name");
        let (label, attributes) = (Some(label), Attributes::default());
        self.tell(site, Input::Register(Registration { number, label, actor_type, attributes }));
    }

    fn stop(&mut self, site: usize, number: ActorNumber) {
        let Some(process) = self.sites[site].as_mut() else { return };
        process.actors.remove(&number);
        self.tell(site, Input::Deregister(number));
    }

    /// Milliseconds, `from..=to`.
    fn span(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(self.rng.random_range(from..=to))
    }
}

/// Some day of our time, in milliseconds since 1970.
const EPOCH_MS: u64 = 1_750_000_000_000;
/// How many sites are given as seeds, unless all are.
pub(super) const SEEDS: usize = 2;
const BOOT_SOON: Duration = Duration::from_millis(100);
/// How many labels there are: so few that they meet.
const LABELS: u32 = 8;
/// How many actors a process has, at most.
const ACTORS_MAX: usize = 12;
/// How long a leave may take.
const LEAVE_BOUND: Duration = Duration::from_secs(1);
