//! One node's control plane, whole: links, dials, membership, registry, watches.
//!
//! Membership decides first, the registry follows, the shell hears last: `settle` moves what one
//! decided to the next until nothing moves. A broken link is not a death, and a death is never
//! inferred from one; a link only says where the next word to a peer can go.
//!
//! Doesn't know how a connection is made, nor what an actor is.

mod admission;
mod challenge;
mod dials;
mod discovery;
mod input;
mod join;
mod leaving;
mod links;
mod output;
mod quarantine;
mod settle;
mod stats;
mod watching;

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::time::Duration;

use murmer_membership::{Member, MemberState, Membership};
use murmer_registry::{Mark, Registry, RegistryConfig};
use murmer_wire::NodeId;

use self::challenge::{Challenges, Word};
use self::dials::{Dials, Loss};
use self::join::Join;
use self::leaving::Leaving;
use self::links::Links;
use self::quarantine::Quarantine;
use crate::handshake::Refusal;
use crate::protocol::{Control, Introduction};
use crate::watch::{Watching, WatchingInput};

pub use self::dials::{DialTarget, PlaceId};
pub use self::input::{Input, LinkId, Peer};
pub use self::output::{CloseReason, JoinEnd, Output, Withdrawal};
pub use self::stats::NodeStats;

/// Settings of a [`Node`].
#[derive(Debug, Clone)]
pub struct NodeConfig {
    /// How many seeds the shell can dial; they are named by their position.
    pub seeds: usize,
    /// How long joining may take before it is said to have ended, though it goes on.
    ///
    /// Seconds; the default is 3 s. Only a node with seeds, or that discovers others, waits at all.
    pub join_wait: Duration,
    /// Whether the shell looks for others, and may say that it [found](Input::Found) some. Default: no.
    pub discovers: bool,
    /// Whether members learnt from others are dialed, and newcomers told of members. Default: yes.
    ///
    /// Without it, links are to seeds and to those that dial; one that was linked is dialed again when it is
    /// lost. What membership itself tells others is not held back: it needs that to watch.
    pub gossip: bool,
    /// How the registry batches and paces.
    pub registry: RegistryConfig,
    /// Where the jitter of dials comes from.
    pub random_seed: u64,
}

impl Default for NodeConfig {
    fn default() -> Self {
        Self {
            seeds: 0,
            join_wait: Duration::from_secs(3),
            discovers: false,
            gossip: true,
            registry: RegistryConfig::default(),
            random_seed: 0,
        }
    }
}

/// One node's decisions.
#[derive(Debug)]
pub struct Node<M> {
    us: Introduction,
    gossip: bool,
    discovers: bool,
    membership: M,
    /// What membership is still to be told, once it has said all it had to say.
    untold: VecDeque<murmer_membership::Input>,
    registry: Registry,
    watching: Watching,
    links: Links,
    dials: Dials,
    challenges: Challenges,
    quarantine: Quarantine,
    join: Join,
    leaving: Leaving,
    is_withdrawn: bool,
    out: VecDeque<Output>,
}

impl<M: Membership> Node<M> {
    /// A node that boots at `now`.
    pub fn new(now: Duration, us: Introduction, membership: M, config: NodeConfig) -> Self {
        let mut node = Self {
            registry: Registry::new(us.id.clone(), config.registry),
            us,
            gossip: config.gossip,
            discovers: config.discovers,
            membership,
            untold: VecDeque::new(),
            watching: Watching::new(),
            links: Links::default(),
            dials: Dials::new(now, config.seeds, config.random_seed),
            challenges: Challenges::default(),
            quarantine: Quarantine::default(),
            join: Join::new(now, config.seeds > 0 || config.discovers, config.join_wait),
            leaving: Leaving::default(),
            is_withdrawn: false,
            out: VecDeque::new(),
        };
        node.settle(now);
        node
    }

    /// Applies one input. Drain [`poll`](Self::poll) before the next one.
    pub fn handle(&mut self, now: Duration, input: Input) {
        debug_assert!(self.out.is_empty(), "drain the outputs first");
        match input {
            Input::Introduced { link, peer } => self.introduced(now, link, peer),
            Input::Unlinked(link) => self.unlinked(now, link),
            Input::Control { link, message } => self.word(now, link, Word::Control(message)),
            Input::Registry { link, message } => self.word(now, link, Word::Registry(message)),
            Input::Datagram { link, packet } => {
                if let Some(peer) = self.links.peer(link).filter(|_| !self.leaving.has_begun()) {
                    let from = peer.id.clone();
                    self.tell_membership(now, murmer_membership::Input::Packet { from, packet });
                }
            }
            Input::DialFailed { target, refusal } => self.dial_failed(now, target, refusal),
            Input::SeedIs { seed, id } => self.seed_is(now, seed, &id),
            Input::Found { place, addrs } => self.found(now, place, addrs),
            Input::Gone(place) => self.gone(place),
            Input::PlaceIs { place, id } => self.place_is(now, place, &id),
            Input::Register(registration) => {
                self.registry_hears(now, murmer_registry::Input::Register(registration));
            }
            Input::Update { number, attributes } => {
                self.registry_hears(now, murmer_registry::Input::Update { number, attributes });
            }
            Input::Deregister(number) => {
                self.registry_hears(now, murmer_registry::Input::Deregister(number));
            }
            Input::Watch { watch, target, watcher } => {
                let standing = self.standing(&target.node);
                self.watching_hears(now, WatchingInput::Watch { watch, target, watcher, standing });
            }
            Input::Unwatch(watch) => self.watching_hears(now, WatchingInput::Unwatch(watch)),
            Input::Ended { actor, reason } => {
                self.watching_hears(now, WatchingInput::Ended { actor, reason });
            }
            Input::Flushed(ticket) => self.watching_hears(now, WatchingInput::Flushed(ticket)),
            Input::Down(peer) => self.tell_membership(now, murmer_membership::Input::Down(peer)),
            Input::Leave => self.leave(now),
            Input::Timeout => self.timeout(now),
        }
        self.settle(now);
    }

    /// The next thing to do, oldest first.
    pub fn poll(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    /// When to call `handle` with `Timeout`.
    pub fn deadline(&self) -> Option<Duration> {
        if self.is_withdrawn {
            return None;
        }
        [
            self.membership.deadline(),
            self.registry.deadline(),
            self.watching.deadline(),
            self.dials.deadline(),
            self.challenges.deadline(),
            self.join.deadline(),
            self.leaving.deadline(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// The other members, and how they are.
    pub fn members(&self) -> Vec<(Member, MemberState)> {
        self.membership.members().map(|(member, state)| (member.clone(), state)).collect()
    }

    /// How one of them is; `None` for one that is not known, or no longer.
    pub fn state_of(&self, peer: &NodeId) -> Option<MemberState> {
        self.membership.members().find(|(member, _)| member.id == *peer).map(|(_, state)| state)
    }

    /// How much of a peer's log is applied here; `None` for a peer that never was linked, or is over.
    pub fn applied(&self, peer: &NodeId) -> Option<u64> {
        self.registry.versions().find(|(origin, _)| *origin == peer).map(|(_, applied)| applied)
    }

    /// How many items its maps and queues hold together, actors and watches apart: a number that must stay in proportion
    /// to the number of nodes, whatever peers say.
    pub fn held(&self) -> usize {
        let registries = self.registry.versions().count();
        let members = self.membership.members().count();
        let waiting = self.join.len() + self.leaving.len() + self.challenges.len();
        let watching = self.watching.peers();
        self.links.len() + self.dials.len() + waiting + registries + members + watching + self.untold.len()
    }

    /// All that has been said of this node's actors by now.
    pub fn mark(&self) -> Mark {
        self.registry.mark()
    }

    /// The members that can be reached and have not said that they hold everything up to `mark`. Those that
    /// can't be reached are not waited for.
    pub fn holdouts(&self, mark: &mut Mark) -> Vec<NodeId> {
        let members = self.membership.members();
        let at_hand = members.filter(|(_, state)| matches!(state, MemberState::Up | MemberState::Suspect));
        let mut holds = |id: &NodeId| self.registry.is_held(mark, id);
        at_hand.filter(|(member, _)| !holds(&member.id)).map(|(member, _)| member.id.clone()).collect()
    }

    /// Where the next word to `peer` goes.
    pub fn link_to(&self, peer: &NodeId) -> Option<LinkId> {
        self.links.current(peer)
    }

    /// The place where words to `peer` go is a new one: both registries start over there, and so do watches.
    fn current_changed(&mut self, now: Duration, peer: &NodeId) {
        let current = self.links.current(peer);
        if let Some(link) = current {
            self.out.push_back(Output::Current { peer: peer.clone(), link: Some(link) });
            self.join.linked(peer);
            self.registry_hears(now, murmer_registry::Input::PeerLinked(peer.clone()));
        } else {
            self.out.push_back(Output::Current { peer: peer.clone(), link: None });
            self.registry_hears(now, murmer_registry::Input::PeerUnlinked(peer.clone()));
        }
        self.watching_hears(now, WatchingInput::Current { peer: peer.clone(), link: current });
    }

    fn unlinked(&mut self, now: Duration, link: LinkId) {
        self.watching_hears(now, WatchingInput::Unlinked(link));
        let lost = self.challenges.link_lost(link);
        if let Some(newcomer) = lost.newcomer.filter(|newcomer| newcomer.dialed) {
            self.dials.failed(now, &DialTarget::Peer(newcomer.who));
        }
        self.link_gone(now, link);
        // With another link left, the holder is asked again there.
        for freed in lost.unanswered {
            self.introduced_again(now, freed);
        }
    }

    fn link_gone(&mut self, now: Duration, link: LinkId) {
        let Some(gone) = self.links.remove(link) else { return };
        if gone.was_current {
            self.current_changed(now, &gone.peer);
        }
        if self.links.current(&gone.peer).is_none() {
            self.leaving.forget(&gone.peer);
            self.tell_membership(now, murmer_membership::Input::Unlinked(gone.peer.clone()));
            self.want_if_member(now, &gone.peer);
            self.dials.lost(now, &gone.peer, Loss::Other);
        }
    }

    /// Hears what came on a stream, unless its peer isn't in yet.
    fn word(&mut self, now: Duration, link: LinkId, word: Word) {
        match self.challenges.keep(link, word) {
            Some(Word::Control(message)) => self.control(now, link, message),
            Some(Word::Registry(message)) => {
                // A link that is not, or no longer, the current one carries words of an earlier session.
                let peer = self.links.peer(link).map(|peer| peer.id.clone());
                if let Some(from) = peer.filter(|peer| self.links.current(peer) == Some(link)) {
                    self.registry_hears(now, murmer_registry::Input::Message { from, message });
                }
            }
            None => {}
        }
    }

    fn control(&mut self, now: Duration, link: LinkId, message: Control) {
        let Some(peer) = self.links.peer(link).cloned() else { return };
        match message {
            Control::Ping(number) => {
                self.out.push_back(Output::Control { link, message: Control::Pong(number) });
            }
            Control::Pong(number) => {
                if let Some(defended) = self.challenges.answered(number, link) {
                    self.refuse(now, defended.link, &defended.peer, Refusal::NameInUse);
                }
                for (link, reason) in self.links.carried_both_ways(link) {
                    self.out.push_back(Output::Close { link, reason });
                }
                self.tell_membership(now, murmer_membership::Input::Alive(peer.id));
            }
            Control::Leave => {
                self.out.push_back(Output::Control { link, message: Control::LeaveAck });
                self.tell_membership(now, murmer_membership::Input::PeerLeft(peer.id));
            }
            Control::LeaveAck => self.leaving.acknowledged(&peer.id),
            Control::Manifest(manifest) => {
                self.out.push_back(Output::Manifest { peer: peer.id, manifest });
            }
            Control::Watching(word) => {
                self.watching_hears(now, WatchingInput::Word { peer: peer.id, link, word });
            }
        }
    }

    fn seed_is(&mut self, now: Duration, seed: usize, id: &NodeId) {
        if *id == self.us.id {
            self.dials.seed_is_us(seed);
            if self.dials.has_only_us_as_seeds() && !self.discovers {
                self.join.nobody();
            }
        } else {
            self.dials.seed_answered(now, seed, id, self.links.current(id).is_some());
        }
    }

    fn dial_failed(&mut self, now: Duration, target: DialTarget, refusal: Option<Refusal>) {
        match refusal {
            Some(Refusal::NameInUse) => self.withdraw(Withdrawal::NameInUse),
            Some(Refusal::Stale { at_least }) => self.withdraw(Withdrawal::Stale { at_least }),
            Some(Refusal::Quarantined { at_least }) => self.withdraw(Withdrawal::Quarantined { at_least }),
            Some(Refusal::Full) | None => {}
        }
        if let DialTarget::Peer(peer) = &target {
            self.join.unreachable(&peer.id);
        }
        self.dials.failed(now, &target);
    }

    /// This process is not, or no longer, the one that holds its name.
    fn withdraw(&mut self, why: Withdrawal) {
        if !self.is_withdrawn && !self.leaving.has_begun() {
            self.is_withdrawn = true;
            self.out.push_back(Output::Withdraw(why));
        }
    }

    fn timeout(&mut self, now: Duration) {
        for lost in self.challenges.expired(now) {
            self.supersede(now, lost);
        }
        if due(self.membership.deadline(), now) {
            self.tell_membership(now, murmer_membership::Input::Timeout);
        }
        if due(self.registry.deadline(), now) {
            self.registry_hears(now, murmer_registry::Input::Timeout);
        }
        if due(self.watching.deadline(), now) {
            self.watching_hears(now, WatchingInput::Timeout);
        }
        self.leaving.timeout(now);
        self.join.timeout(now, self.discovers && self.dials.has_nobody_in_sight());
        while let Some(target) = self.dials.due(now) {
            match target {
                // The dial would lead to that one, and its link replace the one there is.
                DialTarget::Peer(who) if self.links.has_another_at(who.addr, &who.id.name) => {
                    self.dial_failed(now, DialTarget::Peer(who), None);
                }
                target => self.out.push_back(Output::Dial(target)),
            }
        }
    }
}

fn due(deadline: Option<Duration>, now: Duration) -> bool {
    deadline.is_some_and(|at| at <= now)
}
