//! Processes: how they begin, end, come back, stand still, and meet others with their name.
//!
//! Doesn't know what their nodes make of it.

use std::net::SocketAddr;
use std::time::Duration;

use murmer_membership::{Member, Swim, SwimConfig};
use murmer_node::{Input, Introduction, Node, NodeConfig, Withdrawal};
use murmer_registry::RegistryConfig;
use murmer_wire::{Incarnation, NodeId, NodeName};

use super::links::PORT;
use super::{Boot, Event, Sim};
use crate::dice::hash;
use crate::fault::Fault;
use crate::origin::Origin;
use crate::paths::Pairs;
use crate::process::Process;
use crate::times::EPOCH_MS;

impl Sim {
    /// A process begins at a site, unless one runs there or, usually, one with its name does anywhere.
    pub(super) fn boot(&mut self, boot: Boot) {
        let Boot { site, has_seeds, anyway } = boot;
        let is_twin = site == self.recipe.nodes;
        let is_taken = self.is_running(self.sites[site].name) && !is_twin;
        if self.sites[site].process.is_some() || is_taken || !(self.is_faulty || anyway) {
            return;
        }
        self.healed_at = self.now;
        let listed =
            if self.menu.seeds_everywhere { self.recipe.nodes } else { SEEDS.min(self.recipe.nodes) };
        let seeds: Vec<_> = (0..listed).filter(|_| has_seeds).collect();
        let place = &mut self.sites[site];
        place.lives += 1;
        let random = hash(&[self.recipe.seed, site as u64, place.lives]);
        // A clock, as a process would read it at its start.
        let clock = EPOCH_MS + self.now.as_millis() as u64 - place.clock_behind.as_millis() as u64;
        let minted = Incarnation::mint(clock, random);
        let incarnation = place.at_least.take().map_or(minted, |at_least| minted.max(at_least));
        let name = NodeName::new(&format!("n{}", place.name)).expect("a letter and a number make a name");
        let addr = SocketAddr::from(([10, 0, 0, 1], place.port));
        let who = Introduction { id: NodeId { name, incarnation }, addr };
        let registry = self.registry_config();
        let config = NodeConfig {
            seeds: seeds.len(),
            random_seed: hash(&[random, 1]),
            registry,
            ..NodeConfig::default()
        };
        let member = Member { id: who.id.clone(), addr };
        let swim = Swim::new(member, SwimConfig::lan(), hash(&[random, 2]));
        let node = Node::new(self.now, who.clone(), swim, config);
        self.trace.note(self.now, &[8, site as u64, incarnation.as_u64()]);
        self.trace.say(self.now, || format!("BOOT {} at {addr}, seeds: {has_seeds}", who.id));
        self.origins.insert(who.id.clone(), Origin::default());
        self.sites[site].process = Some(Process {
            who,
            node,
            seeds,
            dials: 0,
            view: Default::default(),
            actors: Default::default(),
            last_actor: 0,
            watches: Default::default(),
            last_watch: 0,
            observed: Default::default(),
            is_leaving: false,
            links: Default::default(),
            current: Default::default(),
            touched: Vec::new(),
            has_new_links: false,
            has_forged: false,
        });
        self.drain(site);
    }

    fn registry_config(&self) -> RegistryConfig {
        let strength = self.menu.strength(Fault::SmallRings);
        if strength == 0.0 {
            return RegistryConfig::default();
        }
        RegistryConfig {
            ring_ops_max: 2 + (8.0 * strength) as usize,
            window_ops_max: 1 + (6.0 * strength) as usize,
            chunk_bytes_max: 40 + (100.0 * strength) as usize,
            ..RegistryConfig::default()
        }
    }

    /// A process ends without a word, and is to come back.
    pub(super) fn crash(&mut self) -> bool {
        let site = self.some_site(Fault::Crash);
        let says_so = self.dice(Fault::Crash).chance(0.3);
        let wait = self.dice(Fault::Crash).millis(100, 15_000);
        self.kill(site, says_so, wait)
    }

    fn kill(&mut self, site: usize, says_so: bool, wait: Duration) -> bool {
        let Some(process) = &self.sites[site].process else { return false };
        let (id, is_leaving) = (process.who.id.clone(), process.is_leaving);
        self.trace.say(self.now, || format!("FAULT crash {id} says so: {says_so}"));
        // Without a seed, the others have to come for it; they do as long as they have known it.
        let are_all_told = (0..self.recipe.nodes).filter(|at| *at != site).all(|at| {
            self.sites[at].process.as_ref().is_some_and(|other| {
                !other.seeds.is_empty() && other.node.members().iter().any(|(member, _)| member.id == id)
            })
        });
        let can_do_without =
            self.menu.seeds_everywhere && !is_leaving && are_all_told && site < self.recipe.nodes;
        self.end(site, says_so);
        self.come_back(site, wait, can_do_without);
        true
    }

    /// The process at `site` is no more.
    fn end(&mut self, site: usize, says_so: bool) {
        self.abandon(site, says_so);
        let place = &mut self.sites[site];
        place.process = None;
        place.inbox.clear();
        (place.lag, place.paused_until, place.wake_at) = (Duration::ZERO, Duration::ZERO, None);
    }

    /// The name that was used at `site` gets a new process where it belongs, after a while.
    fn come_back(&mut self, site: usize, wait: Duration, can_do_without_seeds: bool) {
        let home = self.sites[site].name;
        let mut has_seeds = true;
        if self.modifies(Fault::Moved) {
            let place = &mut self.sites[home];
            if place.process.is_none() {
                place.moves += 1;
                place.port = PORT + home as u16 + 1_000 * place.moves;
            }
            self.happened.add(Fault::Moved);
        } else if can_do_without_seeds && self.modifies(Fault::Seedless) {
            has_seeds = false;
            self.happened.add(Fault::Seedless);
        }
        self.sites[home].clock_behind = Duration::ZERO;
        if self.modifies(Fault::ClockBack) {
            self.sites[home].clock_behind = self.dice(Fault::ClockBack).millis(1_000, 3_600_000);
            self.happened.add(Fault::ClockBack);
        }
        self.schedule(wait, Event::Boot(Boot { site: home, has_seeds, anyway: false }));
    }

    /// Whether a process comes back differently: in no more than four of five cases.
    fn modifies(&mut self, fault: Fault) -> bool {
        let strength = self.menu.strength(fault);
        self.is_faulty && strength > 0.0 && self.dice(fault).chance(0.8 * strength)
    }

    pub(super) fn leave(&mut self, site: usize) -> bool {
        let place = &mut self.sites[site];
        let Some(process) = place.process.as_mut().filter(|process| !process.is_leaving) else {
            return false;
        };
        process.is_leaving = true;
        process.actors.clear();
        let id = process.who.id.clone();
        place.late_until = place.late_until.max(self.now);
        if let Some(origin) = self.origins.get_mut(&id) {
            origin.running.clear();
            origin.is_leaving = true;
        }
        self.trace.say(self.now, || format!("FAULT leave {id}"));
        self.schedule(LEAVE_BOUND, Event::LeaveOverdue { site, id });
        self.tell(site, Input::Leave);
        true
    }

    /// A process leaves while some of the others don't hear it.
    pub(super) fn leave_cut(&mut self) -> bool {
        let site = self.some_site(Fault::LeaveCut);
        let pairs: Vec<_> = (0..self.sites.len())
            .filter(|other| *other != site && self.dice(Fault::LeaveCut).chance(0.6))
            .flat_map(|other| [(site, other), (other, site)])
            .collect();
        let span = self.dice(Fault::LeaveCut).millis(500, 12_000);
        self.cut_for(&Pairs::from(pairs), span);
        self.leave(site)
    }

    pub(super) fn leave_overdue(&mut self, site: usize, id: &NodeId) {
        let place = &self.sites[site];
        if place.process.as_ref().is_none_or(|process| process.who.id != *id) {
            return;
        }
        // One that gets everything late, the end of its own patience too, leaves late.
        let until = place.late_until + LEAVE_BOUND + place.lag;
        if until > self.now {
            return self.schedule(until - self.now, Event::LeaveOverdue { site, id: id.clone() });
        }
        let what = format!("{id} takes too long to leave");
        self.violated("leave ends", || what);
    }

    /// A leave is done: the process ends, and closes what it had.
    pub(super) fn left(&mut self, site: usize) {
        self.end(site, true);
        let home = self.sites[site].name;
        if self.is_faulty {
            let wait = self.chances.millis(100, 15_000);
            self.come_back(site, wait, false);
        } else if home < SEEDS {
            // Once all is to heal, only those that are seeds have to come back.
            self.schedule(BOOT_SOON, Event::Boot(Boot { site: home, has_seeds: true, anyway: true }));
        }
    }

    /// A process has to give up its identity.
    pub(super) fn withdrew(&mut self, site: usize, why: Withdrawal) {
        let Some(process) = &self.sites[site].process else { return };
        let id = process.who.id.clone();
        let is_possible = match why {
            Withdrawal::NameInUse => self.happened.count(Fault::Twin) > 0,
            // Nobody is voted out under the policy that all have here.
            Withdrawal::Minority => false,
            // What is said in a member's name by another is not held against it.
            Withdrawal::Quarantined { .. } => process.has_forged,
            Withdrawal::Stale { .. } => {
                self.happened.count(Fault::ClockBack) + self.happened.count(Fault::Twin) > 0
            }
        };
        if !is_possible {
            self.violated("identity", || format!("{id} withdraws, unrivalled: {why:?}"));
        }
        self.happened.withdrawals += 1;
        self.healed_at = self.now;
        self.end(site, true);
        match why {
            Withdrawal::Stale { at_least } | Withdrawal::Quarantined { at_least } => {
                // A seed of its own each time: two lives must never be one.
                let random = hash(&[self.recipe.seed, site as u64, self.sites[site].lives, 3]);
                self.sites[site].at_least = Some(at_least.above(random));
                self.schedule(BOOT_SOON, Event::Boot(Boot { site, has_seeds: true, anyway: true }));
            }
            Withdrawal::NameInUse | Withdrawal::Minority => {
                // Whoever minds the process tries again, where the name belongs.
                let site = self.sites[site].name;
                let wait = self.chances.millis(1_000, 3_000);
                self.schedule(wait, Event::Boot(Boot { site, has_seeds: true, anyway: true }));
            }
        }
    }

    /// A process does nothing for a while, and then gets all that has queued.
    pub(super) fn pause(&mut self) -> bool {
        let site = self.some_site(Fault::Pause);
        let span = self.dice(Fault::Pause).millis(100, 14_000);
        let until = self.now + span;
        let place = &mut self.sites[site];
        if place.process.is_none() || place.paused_until > self.now {
            return false;
        }
        place.paused_until = until;
        place.late_until = until;
        self.trace.say(self.now, || format!("FAULT pause n{site} for {span:?}"));
        true
    }

    /// A process gets everything late, for a while.
    pub(super) fn slow(&mut self) -> bool {
        let site = self.some_site(Fault::Slow);
        let (lag, span) =
            (self.dice(Fault::Slow).millis(10, 500), self.dice(Fault::Slow).millis(1_000, 20_000));
        let place = &mut self.sites[site];
        if place.process.is_none() || place.lag > Duration::ZERO {
            return false;
        }
        place.lag = lag;
        self.trace.say(self.now, || format!("FAULT n{site} is {lag:?} late for {span:?}"));
        self.schedule(span, Event::Quicken(site));
        true
    }

    pub(super) fn quicken(&mut self, site: usize) {
        self.sites[site].lag = Duration::ZERO;
        self.rearm(site);
    }

    /// A second process begins under a name that is taken.
    pub(super) fn twin(&mut self) -> bool {
        let site = self.recipe.nodes;
        let victim = self.dice(Fault::Twin).below(site);
        let is_older = self.dice(Fault::Twin).chance(0.3);
        if self.sites[site].process.is_some() || self.sites[victim].process.is_none() {
            return false;
        }
        self.sites[site].name = victim;
        self.sites[site].clock_behind = Duration::from_secs(if is_older { 3_600 } else { 0 });
        self.trace.say(self.now, || format!("FAULT a second n{victim}"));
        self.boot(Boot { site, has_seeds: true, anyway: true });
        true
    }

    /// Many processes end, and begin at the same moment.
    pub(super) fn storm(&mut self) -> bool {
        let wait = self.dice(Fault::Storm).millis(100, 10_000);
        for site in 0..self.recipe.nodes {
            let says_so = self.dice(Fault::Storm).chance(0.3);
            if self.dice(Fault::Storm).chance(0.7) {
                self.kill(site, says_so, wait);
            }
        }
        true
    }

    /// True if some process bears the name that belongs to site `name`.
    pub(super) fn is_running(&self, name: usize) -> bool {
        self.sites.iter().any(|place| place.name == name && place.process.is_some())
    }
}

/// How many sites are given as seeds, unless all are.
pub(super) const SEEDS: usize = 2;
pub(super) const BOOT_SOON: Duration = Duration::from_millis(100);
/// How long a leave may take.
const LEAVE_BOUND: Duration = Duration::from_secs(1);
