//! The loop: the next event, one node's turn, what it wants done, and a look at what it says.
//!
//! Doesn't decide what a node should; doesn't know what time it really is.

mod checks;
mod faults;
mod links;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use murmer_node::{CloseReason, Input, Output, Verdict};
use murmer_wire::{ActorId, Label, NodeId};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use crate::cable::{Cable, End, Packet, Word};
use crate::process::Process;
use crate::trace::Trace;

/// A cluster, and the world around it.
#[derive(Debug)]
pub struct Sim {
    seed: u64,
    now: Duration,
    rng: ChaCha8Rng,
    /// One place per name; what runs there, if anything does.
    sites: Vec<Option<Process>>,
    cables: Vec<Cable>,
    /// Between these pairs of sites nothing passes.
    cuts: BTreeMap<u64, Vec<(usize, usize)>>,
    last_cut: u64,
    /// By time, then in the order in which they were planned.
    events: BTreeMap<(Duration, u64), Event>,
    last_event: u64,
    untold: VecDeque<(usize, Input)>,
    loss: f64,
    delay_max: Duration,
    seeds_everywhere: bool,
    is_faulty: bool,
    /// Every actor there ever was, and its label.
    ledger: BTreeMap<ActorId, Label>,
    /// When a node last reported that anything was not as before.
    changed_at: Duration,
    happened: Happened,
    trace: Trace,
}

/// How much has happened, so that a run without faults isn't taken for a proof.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Happened {
    /// Partitions, of two sites or of one from all others.
    pub partitions: u64,
    /// Processes that ended without a word to the cluster.
    pub crashes: u64,
    /// Graceful leaves.
    pub leaves: u64,
    /// Actors registered.
    pub registrations: u64,
    /// Actors of others that nodes have reported.
    pub sightings: u64,
    /// Members that were held to be down.
    pub downs: u64,
}

/// Something that is to happen at a certain time.
#[derive(Debug)]
enum Event {
    Arrival(End),
    Packet(Packet),
    HandshakeTimeout(usize),
    Idle(End),
    Close(End),
    Fault,
    Work,
    Heal(u64),
    Boot { site: usize, has_seeds: bool },
    LeaveOverdue { site: usize, id: NodeId },
}

impl Sim {
    /// A cluster of `nodes` sites that boot within a second; all else is up to `seed`.
    ///
    /// # Panics
    ///
    /// With fewer than two nodes, or more than a hundred.
    pub fn new(seed: u64, nodes: usize) -> Self {
        assert!((2..=100).contains(&nodes), "a cluster of 2 to 100 nodes");
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let loss = rng.random_range(0.0..=0.2);
        let delay_max = Duration::from_micros(rng.random_range(100..=20_000));
        let mut sim = Self {
            seed,
            now: Duration::from_secs(1),
            sites: (0..nodes).map(|_| None).collect(),
            cables: Vec::new(),
            cuts: BTreeMap::new(),
            last_cut: 0,
            events: BTreeMap::new(),
            last_event: 0,
            untold: VecDeque::new(),
            loss,
            delay_max,
            seeds_everywhere: rng.random_bool(0.5),
            rng,
            is_faulty: true,
            ledger: BTreeMap::new(),
            changed_at: Duration::ZERO,
            happened: Happened::default(),
            trace: Trace::new(),
        };
        for site in 0..nodes {
            let wait = Duration::from_millis(sim.rng.random_range(0..1_000));
            sim.schedule(wait, Event::Boot { site, has_seeds: true });
        }
        sim.schedule(FAULTS_AFTER, Event::Fault);
        sim.schedule(Duration::ZERO, Event::Work);
        sim
    }

    /// Lets `span` of virtual time pass, with faults unless [`settle`](Self::settle) has ended them.
    ///
    /// # Panics
    ///
    /// When a node says what can't be: with the kind of violation, the seed and the last events.
    pub fn run(&mut self, span: Duration) {
        let end = self.now + span;
        let (mut at, mut steps) = (self.now, 0);
        while let Some(due) = self.next_at().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            self.step();
            steps = if at == self.now { steps + 1 } else { 0 };
            at = self.now;
            if steps > STEPS_AT_ONCE_MAX {
                self.violated("liveness", format_args!("time does not pass"));
            }
        }
        self.now = end;
    }

    /// Ends all faults and all work, heals what is broken, and waits until the cluster must agree.
    ///
    /// # Panics
    ///
    /// When it doesn't, as [`run`](Self::run) does.
    pub fn settle(&mut self) {
        for site in 0..self.sites.len() {
            if site < faults::SEEDS || self.rng.random_bool(0.7) {
                self.boot(site, true);
            }
        }
        self.is_faulty = false;
        self.loss = 0.0;
        for cut in self.cuts.keys().copied().collect::<Vec<_>>() {
            self.heal(cut);
        }
        self.trace.record(self.now, format_args!("SETTLE"));
        self.run(AGREE_WITHIN);
        self.check_agreement();
        let agreed_at = self.now;
        self.run(QUIET_FOR);
        if self.changed_at > agreed_at {
            self.violated("liveness", format_args!("it was not quiet after it had settled"));
        }
        self.check_agreement();
    }

    /// A number that stands for all that has happened.
    pub const fn trace_hash(&self) -> u64 {
        self.trace.hash()
    }

    /// How much has happened.
    pub const fn happened(&self) -> Happened {
        self.happened
    }

    fn schedule(&mut self, wait: Duration, event: Event) {
        self.last_event += 1;
        self.events.insert((self.now + wait, self.last_event), event);
    }

    fn next_at(&self) -> Option<Duration> {
        let deadlines = self.sites.iter().flatten().filter_map(|process| process.node.deadline());
        deadlines.chain(self.events.keys().next().map(|(at, _)| *at)).min()
    }

    /// One event, or the deadlines that have passed.
    fn step(&mut self) {
        if let Some(entry) = self.events.first_entry().filter(|entry| entry.key().0 <= self.now) {
            let event = entry.remove();
            return self.take_place(event);
        }
        for site in 0..self.sites.len() {
            let deadline = self.sites[site].as_ref().and_then(|process| process.node.deadline());
            if deadline.is_some_and(|at| at <= self.now) {
                self.tell(site, Input::Timeout);
            }
        }
    }

    fn take_place(&mut self, event: Event) {
        match event {
            Event::Arrival(end) => self.arrived(end),
            Event::Packet(packet) => self.packet_arrived(packet),
            Event::HandshakeTimeout(cable) => self.handshake_timed_out(cable),
            Event::Idle(end) => self.idle(end),
            Event::Close(end) => self.close(end),
            Event::Fault => self.fault(),
            Event::Work => self.work(),
            Event::Heal(cut) => self.heal(cut),
            Event::Boot { site, has_seeds } => self.boot(site, has_seeds),
            Event::LeaveOverdue { site, id } => {
                if self.sites[site].as_ref().is_some_and(|process| process.who.id == id) {
                    self.violated("liveness", format_args!("{id} takes too long to leave"));
                }
            }
        }
    }

    fn tell(&mut self, site: usize, input: Input) {
        self.untold.push_back((site, input));
        // Inside another node's turn, this one's comes after it.
        if self.untold.len() == 1 {
            while let Some((site, input)) = self.untold.front_mut() {
                let (site, input) = (*site, std::mem::replace(input, Input::Timeout));
                if let Some(process) = self.sites[site].as_mut() {
                    // A packet was seen when it was sent.
                    if !matches!(input, Input::Timeout | Input::Datagram { .. }) {
                        self.trace.record(self.now, format_args!("n{site} <- {input:?}"));
                    }
                    process.node.handle(self.now, input);
                    self.drain(site);
                }
                self.untold.pop_front();
            }
        }
    }

    fn drain(&mut self, site: usize) {
        while let Some(output) = self.sites[site].as_mut().and_then(|process| process.node.poll()) {
            self.trace.record(self.now, format_args!("n{site} -> {output:?}"));
            self.perform(site, output);
        }
        self.check_view(site);
    }

    fn perform(&mut self, site: usize, output: Output) {
        match output {
            Output::Dial(target) => self.dial(site, target),
            Output::Verdict { link, verdict: Verdict::Welcome(welcome) } => {
                self.send(End::of(link), Word::Welcome(welcome));
            }
            Output::Verdict { link, verdict: Verdict::Refused(refusal) } => {
                self.send(End::of(link), Word::Refusal(refusal));
                self.side_mut(End::of(link)).is_open = false;
                self.tell(site, Input::Unlinked(link));
            }
            // Streams move to the other connection before this one ends.
            Output::Close { link, reason: CloseReason::Duplicate } => {
                self.schedule(DUPLICATE_FOR, Event::Close(End::of(link)));
            }
            Output::Close { link, .. } => self.close(End::of(link)),
            Output::Control { link, message } => self.send(End::of(link), Word::Control(message)),
            Output::Registry { link, message } => self.send(End::of(link), Word::Registry(message)),
            Output::Datagram { link, packet } => self.send_packet(End::of(link), packet),
            Output::LeaveDone => self.left(site),
            told => self.observe(site, told),
        }
    }
}

/// When the first fault may come.
const FAULTS_AFTER: Duration = Duration::from_secs(3);
/// How long a connection that lost against another goes on.
const DUPLICATE_FOR: Duration = Duration::from_millis(250);
/// How long after healing all nodes must know the same: a dial of a seed that left, which may be half a
/// minute away, and what comes of it.
const AGREE_WITHIN: Duration = Duration::from_secs(45);
/// How long that must stay so, so that dialing has ended.
const QUIET_FOR: Duration = Duration::from_secs(10);
/// How many events one moment may have.
const STEPS_AT_ONCE_MAX: u32 = 10_000;
