//! The loop: the next event, one node's turn, what it wants done, and a look at what it says.
//!
//! Doesn't decide what a node should; doesn't know what time it really is.

mod checks;
mod faults;
mod forge;
mod healed;
mod hearsay;
mod life;
mod links;
mod net;
mod turn;
mod watching;
mod work;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use murmer_node::Input;
use murmer_wire::NodeId;

use crate::cable::{Cables, End, Packet};
use crate::dice::Dice;
use crate::fault::Fault;
use crate::happened::Happened;
use crate::menu::Menu;
use crate::origin::Origin;
use crate::paths::{Pairs, Paths};
use crate::process::Site;
use crate::queue::Queue;
use crate::recipe::Recipe;
use crate::trace::Trace;
use crate::violation::{Failure, Violation};

/// A cluster, and the world around it.
#[derive(Debug)]
pub struct Sim {
    recipe: Recipe,
    menu: Menu,
    now: Duration,
    /// One place per name, and one more for somebody who claims another's.
    sites: Vec<Site>,
    cables: Cables,
    paths: Paths,
    queue: Queue<Event>,
    /// How many events this moment has had.
    steps_at_once: u32,
    untold: VecDeque<(usize, Input)>,
    /// One stream per kind of fault.
    dice: Vec<Dice>,
    /// For the work that goes on.
    work: Dice,
    /// For what is nobody's fault: when processes begin, how much of a stream a close loses.
    chances: Dice,
    is_faulty: bool,
    /// Nothing on the menu is a reason to hold a member to be down.
    is_tame: bool,
    /// Somebody forges, so peers may be said to misbehave.
    has_forgers: bool,
    /// Every life there ever was.
    origins: BTreeMap<NodeId, Origin>,
    /// When a node last reported that anything was not as before.
    changed_at: Duration,
    /// When somebody who could have been linked was last dialed, by who it is, and as a seed.
    dialed_at: Duration,
    seed_dialed_at: Duration,
    /// When the last thing was mended.
    healed_at: Duration,
    happened: Happened,
    trace: Trace,
    violation: Option<Violation>,
}

/// Something that is to happen at a certain time.
#[derive(Debug)]
enum Event {
    Arrival(End),
    Packet(Packet),
    /// A node's deadline may have passed.
    Wake(usize),
    /// A late node gets what has waited for it.
    Turn(usize),
    HandshakeTimeout(usize),
    /// An end sends its keep-alive, and looks how long it has heard nothing.
    Tick(End),
    Close(End),
    Fault(Fault),
    Cut {
        pairs: Pairs,
        span: Duration,
    },
    Heal(u64),
    Quicken(usize),
    Work,
    Boot(Boot),
    LeaveOverdue {
        site: usize,
        id: NodeId,
    },
}

/// A process is to begin.
#[derive(Debug, Clone, Copy)]
struct Boot {
    site: usize,
    has_seeds: bool,
    /// Though faults have ended, and though the name may be in use.
    anyway: bool,
}

impl Sim {
    /// A cluster as `recipe` says, whose processes begin within a second.
    ///
    /// # Panics
    ///
    /// With fewer than two nodes, or more than a hundred.
    pub fn new(recipe: &Recipe) -> Self {
        Self::build(recipe, false)
    }

    /// The same, for showing its last events.
    pub(crate) fn with_words(recipe: &Recipe) -> Self {
        Self::build(recipe, true)
    }

    fn build(recipe: &Recipe, has_words: bool) -> Self {
        let nodes = recipe.nodes;
        assert!((2..=100).contains(&nodes), "a cluster of 2 to 100 nodes");
        let menu = Menu::draw(recipe);
        let dice = |purpose| Dice::new(recipe.seed, purpose);
        let mut sim = Self {
            now: Duration::from_secs(1),
            sites: (0..=nodes)
                .map(|at| Site { name: at, port: links::PORT + at as u16, ..Site::default() })
                .collect(),
            cables: Cables::default(),
            paths: Paths::new(recipe.seed, nodes + 1),
            queue: Queue::new(),
            steps_at_once: 0,
            untold: VecDeque::new(),
            dice: Fault::ALL.map(|fault| dice(STREAMS + fault as u64)).to_vec(),
            work: dice(WORK),
            chances: dice(CHANCES),
            is_faulty: true,
            is_tame: menu.is_tame(),
            has_forgers: menu.has(Fault::ForgedGossip) || menu.has(Fault::ForgedWords),
            origins: BTreeMap::new(),
            changed_at: Duration::ZERO,
            dialed_at: Duration::ZERO,
            seed_dialed_at: Duration::ZERO,
            healed_at: Duration::ZERO,
            happened: Happened::default(),
            trace: Trace::new(has_words),
            violation: None,
            recipe: recipe.clone(),
            menu,
        };
        for site in 0..nodes {
            let wait = sim.chances.millis(0, 999);
            sim.schedule(wait, Event::Boot(Boot { site, has_seeds: true, anyway: false }));
        }
        let events: Vec<_> = sim.menu.faults().filter(|fault| fault.is_event()).collect();
        for fault in events {
            sim.plan(fault, FAULTS_AFTER);
        }
        sim.schedule(Duration::ZERO, Event::Work);
        sim
    }

    /// Lets `span` of virtual time pass, with faults unless [`settle`](Self::settle) has ended them.
    ///
    /// # Errors
    ///
    /// What did not hold. Time has stopped there.
    pub fn run(&mut self, span: Duration) -> Result<(), Box<Failure>> {
        let end = self.now + span;
        while self.violation.is_none() {
            let Some((at, event)) = self.queue.pop_until(end) else {
                self.now = end;
                break;
            };
            self.steps_at_once = if at > self.now { 0 } else { self.steps_at_once + 1 };
            self.now = self.now.max(at);
            self.happened.events += 1;
            if self.steps_at_once > STEPS_AT_ONCE_MAX {
                self.violated("time passes", || format!("{STEPS_AT_ONCE_MAX} events at one moment"));
            }
            self.take_place(event);
        }
        self.verdict()
    }

    /// A number that stands for all that has happened.
    pub const fn trace_hash(&self) -> u64 {
        self.trace.hash()
    }

    /// How much has happened.
    pub const fn happened(&self) -> Happened {
        self.happened
    }

    fn verdict(&self) -> Result<(), Box<Failure>> {
        let Some(violation) = self.violation.clone() else { return Ok(()) };
        Err(Box::new(self.failure(violation)))
    }

    pub(crate) fn failure(&self, violation: Violation) -> Failure {
        let (recipe, menu) = (self.recipe.clone(), self.menu_drawn());
        Failure { recipe, menu, violation, events: self.trace.to_string() }
    }

    /// The time it is there.
    pub(crate) const fn now(&self) -> Duration {
        self.now
    }

    fn menu_drawn(&self) -> Menu {
        Menu::draw(&self.recipe)
    }

    /// Something does not hold. The first such thing counts, since what follows may follow from it.
    fn violated(&mut self, rule: &'static str, what: impl FnOnce() -> String) {
        if self.violation.is_none() {
            self.violation = Some(Violation { rule, what: what(), at: self.now });
        }
    }

    fn schedule(&mut self, wait: Duration, event: Event) {
        self.queue.push(self.now + wait, event);
    }

    fn dice(&mut self, fault: Fault) -> &mut Dice {
        &mut self.dice[fault as usize]
    }

    fn take_place(&mut self, event: Event) {
        match event {
            Event::Arrival(end) => self.arrived(end),
            Event::Packet(packet) => self.packet_arrived(packet),
            Event::Wake(site) => self.wake(site),
            Event::Turn(site) => self.late_turn(site),
            Event::HandshakeTimeout(cable) => self.handshake_timed_out(cable),
            Event::Tick(end) => self.tick(end),
            Event::Close(end) => self.close(end),
            Event::Fault(fault) => self.fault(fault),
            Event::Cut { pairs, span } => self.cut_for(&pairs, span),
            Event::Heal(cut) => self.heal(cut),
            Event::Quicken(site) => self.quicken(site),
            Event::Work => self.work(),
            Event::Boot(boot) => self.boot(boot),
            Event::LeaveOverdue { site, id } => self.leave_overdue(site, &id),
        }
    }
}

/// When the first fault may come: the cluster has formed by then.
const FAULTS_AFTER: Duration = Duration::from_secs(3);
/// How many events one moment may have.
const STEPS_AT_ONCE_MAX: u32 = 20_000;
/// Which stream is for what.
const WORK: u64 = 2;
const CHANCES: u64 = 3;
const STREAMS: u64 = 1_000;
