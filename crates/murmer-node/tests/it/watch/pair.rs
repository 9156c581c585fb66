//! Two nodes' watches, and what is between them: connections that each end hears of in its own time, words and
//! messages under way, and a list of what is true.
//!
//! End 0 watches, end 1 is watched. Every notice is held against the list as it is given.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use murmer_node::{
    EndCause, EndReason, LinkId, Standing, WatchEnd, WatchWord, Watching, WatchingInput, WatchingOutput,
};
use murmer_wire::{ActorId, ActorNumber, NodeId};

use crate::world::{ms, who};

/// What comes to one end of a connection.
#[derive(Debug, Clone)]
pub(crate) enum Item {
    Linked,
    Word(WatchWord),
    Broken,
}

#[derive(Debug, Clone, Default)]
struct Cable {
    to: [VecDeque<Item>; 2],
    /// Who has not let it in yet, and loses what comes until then.
    is_new_to: [bool; 2],
    /// What is sent by now arrives nowhere.
    is_broken: bool,
}

#[derive(Debug, Clone)]
struct End {
    watching: Watching,
    links: BTreeSet<usize>,
    current: Option<usize>,
}

/// A message from a target to a watcher.
#[derive(Debug, Clone)]
struct Message {
    from: u64,
    to: u64,
    cable: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Told {
    Open,
    GivenUp,
    By(WatchEnd),
}

#[derive(Debug, Clone)]
pub(crate) struct Pair {
    pub(crate) now: Duration,
    ends: [End; 2],
    cables: Vec<Cable>,
    /// Neither accepted nor lost.
    messages: Vec<Message>,
    /// Tickets, whom they are for, and how many of the messages to them are waited for.
    flushes: Vec<(u64, u64, usize)>,
    observed: BTreeSet<u64>,
    /// The actors there were at end 1, and how those ended that have.
    pub(crate) actors: BTreeMap<u64, Option<EndReason>>,
    /// By watch: target, watcher, and what became of it.
    pub(crate) watches: BTreeMap<u64, (u64, Option<u64>, Told)>,
    /// Whether end 0 ever held end 1 to be down, or heard it leave.
    over: Option<WatchEnd>,
    pub(crate) standing: Standing,
    /// The most that was under way on one connection to one end.
    pub(crate) under_way_max: usize,
    pub(crate) misbehaved: usize,
}

impl Pair {
    pub(crate) fn new(actors: &[u64]) -> Self {
        let end = || End { watching: Watching::new(), links: BTreeSet::new(), current: None };
        Self {
            now: ms(1_000),
            ends: [end(), end()],
            cables: Vec::new(),
            messages: Vec::new(),
            flushes: Vec::new(),
            observed: BTreeSet::new(),
            actors: actors.iter().map(|actor| (*actor, None)).collect(),
            watches: BTreeMap::new(),
            over: None,
            standing: Standing::Member,
            under_way_max: 0,
            misbehaved: 0,
        }
    }

    /// The same, with a connection that both ends know of.
    pub(crate) fn linked(actors: &[u64]) -> Self {
        let mut pair = Self::new(actors);
        pair.connect();
        pair.settle();
        pair
    }

    pub(crate) fn watch(&mut self, watch: u64, target: u64, watcher: Option<u64>) {
        self.watches.insert(watch, (target, watcher, Told::Open));
        let target = ActorId { node: id(1), number: ActorNumber(target) };
        let (watcher, standing) = (watcher.map(ActorNumber), self.standing);
        self.tell(0, WatchingInput::Watch { watch, target, watcher, standing });
    }

    /// As an actor does: what is told of already is not given up.
    pub(crate) fn unwatch(&mut self, watch: u64) {
        let told = &mut self.watches.get_mut(&watch).unwrap().2;
        if *told == Told::Open {
            *told = Told::GivenUp;
        }
        self.tell(0, WatchingInput::Unwatch(watch));
    }

    pub(crate) fn end(&mut self, actor: u64, cause: EndCause) {
        let reason = EndReason::from(cause);
        let Some(state) = self.actors.get_mut(&actor).filter(|state| state.is_none()) else { return };
        *state = Some(reason.clone());
        if self.observed.remove(&actor) {
            self.tell(1, WatchingInput::Ended { actor: ActorNumber(actor), reason });
        }
    }

    /// Actor `from` of end 1 sends actor `to` of end 0 something, if it can.
    pub(crate) fn send(&mut self, from: u64, to: u64) {
        let is_alive = self.actors.get(&from).is_some_and(Option::is_none);
        if let Some(cable) = self.ends[1].current.filter(|cable| is_alive && !self.cables[*cable].is_broken) {
            self.messages.push(Message { from, to, cable });
        }
    }

    /// The mailbox takes the oldest message under way.
    pub(crate) fn accept(&mut self) {
        if !self.messages.is_empty() {
            let message = self.messages.remove(0);
            self.flush(&[message.to]);
        }
    }

    /// Another connection, which neither end knows of yet.
    pub(crate) fn connect(&mut self) {
        self.cables.push(Cable { is_new_to: [true; 2], ..Cable::default() });
    }

    /// Connections that are not broken.
    pub(crate) fn open(&self) -> Vec<usize> {
        (0..self.cables.len()).filter(|cable| !self.cables[*cable].is_broken).collect()
    }

    /// Breaks a connection: what is under way may still arrive, or is lost with it.
    pub(crate) fn sever(&mut self, cable: usize, is_lost: bool) {
        let broken = &mut self.cables[cable];
        if std::mem::replace(&mut broken.is_broken, true) {
            return;
        }
        for to in &mut broken.to {
            if is_lost {
                to.clear();
            }
            to.push_back(Item::Broken);
        }
        let (lost, rest) = std::mem::take(&mut self.messages).into_iter().partition(|one| one.cable == cable);
        self.messages = rest;
        let lost: Vec<Message> = lost;
        self.flush(&lost.iter().map(|message| message.to).collect::<Vec<_>>());
    }

    /// `at` holds the other end to be over: as a node does, it lets go of all links first.
    pub(crate) fn over(&mut self, at: usize, has_left: bool) {
        for cable in std::mem::take(&mut self.ends[at].links) {
            self.tell(at, WatchingInput::Unlinked(link(cable, at)));
            self.sever(cable, false);
        }
        self.ends[at].current = None;
        self.tell(at, WatchingInput::Current { peer: id(1 - at), link: None });
        if at == 0 {
            self.over = Some(if has_left { WatchEnd::NodeLeft } else { WatchEnd::NodeDown });
        }
        self.tell(at, WatchingInput::Over { peer: id(1 - at), has_left });
    }

    pub(crate) fn met(&mut self) {
        self.standing = Standing::Member;
        self.tell(0, WatchingInput::Met(id(1)));
    }

    pub(crate) fn pass(&mut self, span: Duration) {
        self.now += span;
        if self.ends[0].watching.deadline().is_some_and(|at| at <= self.now) {
            self.over = Some(WatchEnd::NodeDown);
            self.tell(0, WatchingInput::Timeout);
        }
    }

    pub(crate) fn deadline(&self) -> Option<Duration> {
        self.ends[0].watching.deadline()
    }

    /// A word of an earlier session comes again, over whatever connection there is.
    pub(crate) fn repeat(&mut self, to: usize, word: WatchWord) {
        if let Some(cable) = self.ends[to].current {
            self.tell(to, WatchingInput::Word { peer: id(1 - to), link: link(cable, to), word });
        }
    }

    /// Where something is under way, and to which end; two further if that end has not let the connection in.
    pub(crate) fn under_way(&self) -> Vec<(usize, usize)> {
        let ends = (0..self.cables.len()).flat_map(|cable| (0..4).map(move |way| (cable, way)));
        ends.filter(|&(cable, way)| match way {
            0 | 1 => !self.cables[cable].to[way].is_empty(),
            new => self.cables[cable].is_new_to[new - 2],
        })
        .collect()
    }

    /// What comes next to this end arrives; or, two further, it lets the connection in.
    pub(crate) fn deliver(&mut self, (cable, way): (usize, usize)) -> Item {
        let end = way % 2;
        let item = match way {
            0 | 1 => self.cables[cable].to[end].pop_front().unwrap(),
            _ => Item::Linked,
        };
        match item.clone() {
            Item::Linked => {
                self.cables[cable].is_new_to[end] = false;
                self.ends[end].links.insert(cable);
                if end == 0 && self.over.is_some() {
                    self.met();
                }
            }
            Item::Word(word) if self.ends[end].links.contains(&cable) => {
                let word = WatchingInput::Word { peer: id(1 - end), link: link(cable, end), word };
                self.tell(end, word);
            }
            // The end knows nothing of that connection any more.
            Item::Word(_) => {}
            Item::Broken => {
                self.cables[cable].is_new_to[end] = false;
                self.ends[end].links.remove(&cable);
                self.tell(end, WatchingInput::Unlinked(link(cable, end)));
            }
        }
        // The latest connection is the current one.
        let current = self.ends[end].links.last().copied();
        if current != self.ends[end].current {
            self.ends[end].current = current;
            let link = current.map(|cable| link(cable, end));
            self.tell(end, WatchingInput::Current { peer: id(1 - end), link });
        }
        item
    }

    /// All that is under way arrives, until nothing is.
    pub(crate) fn settle(&mut self) {
        for _ in 0..1_000_000 {
            self.accept();
            match self.under_way().first() {
                Some(next) => drop(self.deliver(*next)),
                None if self.messages.is_empty() => return,
                None => {}
            }
        }
        panic!("the nodes never stop talking");
    }

    /// What became of a watch.
    pub(crate) fn told(&self, watch: u64) -> &Told {
        &self.watches[&watch].2
    }

    /// Watches that each end holds: ours, and those of the peer.
    pub(crate) fn held(&self) -> [(usize, usize); 2] {
        [self.ends[0].watching.len(), self.ends[1].watching.len()]
    }

    /// Once everything has arrived over a connection: nothing is owed, and nothing is left that isn't wanted.
    pub(crate) fn check_settled(&self) {
        let open: Vec<_> = self.watches.values().filter(|(.., told)| *told == Told::Open).collect();
        for (target, ..) in &open {
            assert_eq!(self.actors.get(target), Some(&None), "nobody was told of actor {target}");
        }
        assert_eq!(self.held(), [(open.len(), 0), (0, open.len())]);
        let wanted: BTreeSet<_> = open.iter().map(|(target, ..)| *target).collect();
        assert_eq!(self.observed, wanted);
        assert!(self.flushes.is_empty());
    }

    fn tell(&mut self, at: usize, input: WatchingInput) {
        self.ends[at].watching.handle(self.now, input);
        let mut told = Vec::new();
        while let Some(output) = self.ends[at].watching.poll() {
            match output {
                WatchingOutput::Send { link, word } => self.word(at, link, word),
                WatchingOutput::Observe(actor) => {
                    let reason = match self.actors.get(&actor.0) {
                        Some(None) => {
                            assert!(self.observed.insert(actor.0), "observed twice");
                            continue;
                        }
                        Some(Some(reason)) => reason.clone(),
                        None => EndCause::NeverExisted.into(),
                    };
                    told.push(WatchingInput::Ended { actor, reason });
                }
                WatchingOutput::Unobserve(actor) => assert!(self.observed.remove(&actor.0)),
                WatchingOutput::Flush { ticket, watcher } => {
                    let to = watcher.number.0;
                    match self.messages.iter().filter(|message| message.to == to).count() {
                        0 => told.push(WatchingInput::Flushed(ticket)),
                        waits_for => self.flushes.push((ticket, to, waits_for)),
                    }
                }
                WatchingOutput::Told { watch, reason } => self.note(watch, reason),
                WatchingOutput::Misbehaved { .. } => self.misbehaved += 1,
            }
        }
        for input in told {
            self.tell(at, input);
        }
    }

    fn word(&mut self, at: usize, link: LinkId, word: WatchWord) {
        let (index, end) = ((link.0 / 2) as usize, (link.0 % 2) as usize);
        assert_eq!(end, at, "a link of somebody else's");
        let cable = &mut self.cables[index];
        if self.ends[at].links.contains(&index) && !cable.is_broken {
            cable.to[1 - end].push_back(Item::Word(word));
            self.under_way_max = self.under_way_max.max(cable.to[1 - end].len());
        }
    }

    fn note(&mut self, watch: u64, reason: WatchEnd) {
        let (target, watcher, told) = self.watches.get_mut(&watch).unwrap();
        assert_eq!(*told, Told::Open, "told of watch {watch} again, or though it was given up: {reason:?}");
        match &reason {
            WatchEnd::Ended(end) => {
                let never = EndReason::from(EndCause::NeverExisted);
                let truth = self.actors.get(target).map_or(Some(&never), Option::as_ref);
                let is_true = truth.is_some_and(|truth| is_beginning(&end.cause, &truth.cause));
                assert!(is_true, "that is not how actor {target} ended");
                let ahead = self.messages.iter().find(|one| one.from == *target && Some(one.to) == *watcher);
                assert!(ahead.is_none(), "told of watch {watch} before the target's last message");
            }
            WatchEnd::NodeDown | WatchEnd::NodeLeft => {
                let standing = match self.standing {
                    Standing::Down => Some(WatchEnd::NodeDown),
                    Standing::Left => Some(WatchEnd::NodeLeft),
                    Standing::Member | Standing::Unmet | Standing::Ourselves => None,
                };
                assert!(self.over.as_ref().or(standing.as_ref()) == Some(&reason), "not so: {reason:?}");
            }
        }
        *told = Told::By(reason);
    }

    /// Some messages to these are not under way any more.
    fn flush(&mut self, to: &[u64]) {
        for to in to {
            let waiting = self.flushes.iter_mut().filter(|(_, watcher, _)| watcher == to);
            waiting.for_each(|(.., left)| *left -= usize::from(*left > 0));
        }
        let (done, rest) = std::mem::take(&mut self.flushes).into_iter().partition(|(.., left)| *left == 0);
        self.flushes = rest;
        let done: Vec<(u64, u64, usize)> = done;
        for (ticket, ..) in done {
            self.tell(1, WatchingInput::Flushed(ticket));
        }
    }
}

/// Whether it is the same, but for a text that may be cut.
fn is_beginning(told: &EndCause, truth: &EndCause) -> bool {
    match (told, truth) {
        (EndCause::Panicked(told), EndCause::Panicked(truth))
        | (EndCause::StartFailed(told), EndCause::StartFailed(truth)) => truth.starts_with(told),
        (told, truth) => told == truth,
    }
}

fn id(end: usize) -> NodeId {
    who(["alpha", "beta"][end], 1, 1).id
}

fn link(cable: usize, end: usize) -> LinkId {
    LinkId((cable * 2 + end) as u64)
}
