//! One test for each law of the registry: what a node holds of a log, in whatever pieces the log came, is
//! what the naive reading of it gives.
//!
//! The log is somebody's who only exists here, so that it can be cut, repeated and turned around at will.
//! That whole nodes agree, and on whom they pick, is in [`crate::properties`].

use std::collections::BTreeMap;
use std::sync::Arc;

use allocation_counter::measure;
use murmer_registry::{
    Attributes, Entry, Input, Message, Op, Output, Record, Registry, RegistryConfig, Versions, View,
};
use murmer_wire::{ActorNumber, Label, NodeId, TypeName, Visibility};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::net::{MS, SECOND, in_groups, node, node_booted, record, registration};

/// A log that its node can have, from a list of whims.
fn log(whims: &[(u8, u8, u8)]) -> Vec<Op> {
    let mut live: Vec<ActorNumber> = Vec::new();
    let mut lamport = 0;
    let ops = whims.iter().map(|&(what, which, how)| {
        lamport += 1;
        let at = usize::from(which) % live.len().max(1);
        match what % 4 {
            0 if !live.is_empty() => Op::ActorRemove { number: live.remove(at) },
            1 if !live.is_empty() => Op::ActorUpdate { number: live[at], attributes: said(how, lamport) },
            _ => {
                live.push(ActorNumber(lamport));
                let label = Label::new(&format!("label-{}", which % 3)).ok().filter(|_| how % 5 != 0);
                let attributes = said(how, lamport);
                Op::ActorAdd(Record { label, attributes, ..record(lamport, "x", lamport) })
            }
        }
    });
    ops.collect()
}

/// Never what was said before.
fn said(how: u8, turn: u64) -> Attributes {
    let visibility = if how & 1 == 0 { Visibility::Listed } else { Visibility::Unlisted };
    Attributes { visibility, ..in_groups(&["all", &format!("turn-{turn}")]) }
}

fn whims() -> impl Strategy<Value = Vec<(u8, u8, u8)>> {
    vec(any::<(u8, u8, u8)>(), 1..60)
}

/// What the first `applied` ops of a log amount to.
fn replayed(log: &[Op], applied: u64) -> BTreeMap<ActorNumber, Record> {
    let mut live = BTreeMap::new();
    for op in &log[..applied as usize] {
        match op.clone() {
            Op::ActorAdd(record) => drop(live.insert(record.number, record)),
            Op::ActorUpdate { number, attributes } => live.get_mut(&number).unwrap().attributes = attributes,
            Op::ActorRemove { number } => drop(live.remove(&number)),
            Op::Leave => live.clear(),
        }
    }
    live
}

/// A registry that hears a log of somebody's.
struct Reader {
    origin: NodeId,
    registry: Registry,
    now: std::time::Duration,
    known: BTreeMap<ActorNumber, Arc<Entry>>,
    told: Vec<(u8, ActorNumber)>,
    asked_after: Vec<Option<u64>>,
}

impl Reader {
    fn new() -> Self {
        let registry = Registry::new(node("reader"), RegistryConfig::default());
        let (known, told, asked_after) = (BTreeMap::new(), Vec::new(), Vec::new());
        let mut reader = Self { origin: node("origin"), registry, now: SECOND, known, told, asked_after };
        reader.link();
        reader
    }

    fn link(&mut self) {
        self.tell(Input::PeerLinked(self.origin.clone()));
        let versions = Versions { session: 1, heard: 0, applied: 0, lamport: 0, waiting: 0 };
        self.hear(Message::Versions(versions));
    }

    fn hear(&mut self, message: Message) {
        self.tell(Input::Message { from: self.origin.clone(), message });
    }

    /// The ops of `log` from position `first` on, `count` of them.
    fn hear_ops(&mut self, log: &[Op], first: usize, count: usize) {
        let ops = log[first - 1..(first - 1 + count).min(log.len())].to_vec();
        self.hear(Message::Ops { origin: self.origin.clone(), first: first as u64, ops });
    }

    fn tell(&mut self, input: Input) {
        self.registry.handle(self.now, input);
        while let Some(output) = self.registry.poll() {
            match output {
                Output::Added(entry) => {
                    self.told.push((0, entry.id.number));
                    assert!(self.known.insert(entry.id.number, entry).is_none(), "added twice");
                }
                Output::Updated(entry) => {
                    self.told.push((1, entry.id.number));
                    assert!(self.known.insert(entry.id.number, entry).is_some(), "updated, and not there");
                }
                Output::Removed(entry) => {
                    self.told.push((2, entry.id.number));
                    assert_eq!(self.known.remove(&entry.id.number), Some(entry), "removed another");
                }
                Output::Send { message: Message::Again { after }, .. } => self.asked_after.push(after),
                Output::Misbehaved { what, .. } => panic!("{what:?}"),
                _ => {}
            }
        }
    }

    fn applied(&self) -> u64 {
        self.registry.versions().map(|(_, applied)| applied).sum()
    }

    /// It holds what reading the log up to where it is gives.
    fn check(&self, log: &[Op]) {
        let told = |record: &Record| (record.label.clone(), record.lamport, record.attributes.clone());
        let held =
            self.known.values().map(|e| (e.id.number, (e.label.clone(), e.lamport, e.attributes.clone())));
        let wanted = replayed(log, self.applied());
        let wanted: Vec<_> = wanted.values().map(|record| (record.number, told(record))).collect();
        assert_eq!(held.collect::<Vec<_>>(), wanted, "no prefix of the log");
    }
}

/// Cuts a log into batches: where each begins, and how long it is.
fn cut(len: usize, cuts: &[u8]) -> Vec<(usize, usize)> {
    let (mut first, mut batches) = (1, Vec::new());
    let mut sizes = cuts.iter().map(|size| 1 + usize::from(*size) % 7).cycle();
    while first <= len {
        let count = sizes.next().unwrap_or(1).min(len + 1 - first);
        batches.push((first, count));
        first += count;
    }
    batches
}

fn cuts() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 1..10)
}

proptest! {
    #[test]
    fn prefix_at_any_time_a_copy_is_a_prefix_of_the_log(whims in whims(), hops in vec(any::<(u8, u8)>(), 1..60)) {
        let log = log(&whims);
        let mut reader = Reader::new();
        for (first, count) in hops {
            let first = 1 + usize::from(first) % log.len();
            reader.hear_ops(&log, first, 1 + usize::from(count) % 9);
            reader.check(&log);
        }
    }

    #[test]
    fn idempotence_what_comes_again_changes_nothing(whims in whims(), cuts in cuts(), times in vec(1..4usize, 1..9)) {
        let log = log(&whims);
        let (mut once, mut often) = (Reader::new(), Reader::new());
        for ((first, count), times) in cut(log.len(), &cuts).into_iter().zip(times.into_iter().cycle()) {
            once.hear_ops(&log, first, count);
            for _ in 0..times {
                often.hear_ops(&log, first, count);
            }
        }
        prop_assert_eq!(&once.told, &often.told);
        prop_assert_eq!(&once.known, &often.known);
        often.check(&log);
    }

    #[test]
    fn permutation_the_order_in_which_batches_come_does_not_matter(
        whims in whims(), cuts in cuts(), shuffle in any::<u64>(),
    ) {
        let log = log(&whims);
        let mut batches = cut(log.len(), &cuts);
        batches.sort_by_key(|(first, _)| (*first as u64).wrapping_mul(shuffle | 1).rotate_left(17));
        let mut reader = Reader::new();
        // As often as there are batches, whatever the order, at least one more is next in line.
        for _ in 0..batches.len() {
            for (first, count) in &batches {
                reader.hear_ops(&log, *first, *count);
                reader.check(&log);
            }
        }
        prop_assert_eq!(reader.applied(), log.len() as u64);
        let mut in_order = Reader::new();
        in_order.hear_ops(&log, 1, log.len());
        prop_assert_eq!(reader.told, in_order.told);
    }

    #[test]
    fn rebatching_how_a_log_is_cut_does_not_matter(whims in whims(), one in cuts(), other in cuts()) {
        let log = log(&whims);
        let [one, other] = [one, other].map(|cuts| {
            let mut reader = Reader::new();
            cut(log.len(), &cuts).into_iter().for_each(|(first, count)| reader.hear_ops(&log, first, count));
            reader.check(&log);
            (reader.told, reader.known)
        });
        prop_assert_eq!(one, other);
    }

    #[test]
    fn gap_safety_nothing_behind_a_gap_is_applied_and_it_is_asked_for(
        whims in whims(), cuts in cuts(), lost in any::<prop::sample::Index>(),
    ) {
        let log = log(&whims);
        let batches = cut(log.len(), &cuts);
        let lost = lost.index(batches.len());
        let mut reader = Reader::new();
        for (at, (first, count)) in batches.iter().enumerate().filter(|(at, _)| *at != lost) {
            reader.hear_ops(&log, *first, *count);
            prop_assert!(at < lost || reader.applied() as usize == batches[lost].0 - 1);
            reader.check(&log);
        }
        let gap = batches[lost].0 as u64 - 1;
        if lost + 1 < batches.len() {
            prop_assert_eq!(reader.asked_after.first(), Some(&Some(gap)));
            reader.hear_ops(&log, gap as usize + 1, log.len());
            prop_assert_eq!(reader.applied(), log.len() as u64);
        }
        reader.check(&log);
    }

    #[test]
    fn ownership_nobody_touches_the_actors_of_others(whims in whims(), lies in whims(), first in 1..9u64) {
        let log = log(&whims);
        let mut reader = Reader::new();
        reader.hear_ops(&log, 1, log.len());
        reader.tell(Input::Register(registration(1, "ours")));
        let (known, told) = (reader.known.clone(), reader.told.len());
        let (liar, head) = (node("liar"), reader.registry.head());
        reader.registry.handle(SECOND, Input::PeerLinked(liar.clone()));
        while reader.registry.poll().is_some() {}
        for origin in [reader.origin.clone(), node("reader")] {
            for first in [first, log.len() as u64 + 1] {
                let ops = self::log(&lies);
                let message = Message::Ops { origin: origin.clone(), first, ops };
                reader.registry.handle(SECOND, Input::Message { from: liar.clone(), message });
                let outputs: Vec<_> = std::iter::from_fn(|| reader.registry.poll()).collect();
                let is_blamed = matches!(&outputs[..], [Output::Misbehaved { peer, .. }] if *peer == liar);
                prop_assert!(is_blamed, "{:?}", outputs);
            }
        }
        prop_assert_eq!((&reader.known, reader.told.len()), (&known, told));
        prop_assert_eq!(reader.registry.head(), head);
    }

    #[test]
    fn no_phantom_of_a_node_that_is_down_nothing_is_held_whatever_still_comes(
        whims in whims(), cuts in cuts(), end in any::<prop::sample::Index>(),
    ) {
        let log = log(&whims);
        let batches = cut(log.len(), &cuts);
        let end = end.index(batches.len());
        let mut reader = Reader::new();
        batches[..end].iter().for_each(|(first, count)| reader.hear_ops(&log, *first, *count));
        reader.tell(Input::PeerDown(reader.origin.clone()));
        for (first, count) in &batches {
            reader.hear_ops(&log, *first, *count);
            prop_assert!(reader.known.is_empty());
        }
        prop_assert_eq!(reader.registry.versions().count(), 0);
    }

    #[test]
    fn restart_whoever_comes_back_or_again_starts_from_nothing(
        whims in whims(), cuts in cuts(), heard in any::<prop::sample::Index>(), is_reborn: bool,
    ) {
        let log = log(&whims);
        let mut reader = Reader::new();
        let heard = heard.index(log.len());
        if heard > 0 {
            reader.hear_ops(&log, 1, heard);
        }
        reader.tell(Input::PeerDown(reader.origin.clone()));
        if is_reborn {
            reader.origin = node_booted("origin", 2);
        }
        reader.now += 10 * MS;
        reader.link();
        prop_assert_eq!(reader.applied(), 0);
        for (first, count) in cut(log.len(), &cuts) {
            reader.hear_ops(&log, first, count);
            reader.check(&log);
        }
        prop_assert_eq!(reader.applied(), log.len() as u64);
        prop_assert!(reader.known.values().all(|entry| entry.id.node == reader.origin));
    }
}

/// What 100,000 changes of the same 100 actors leave behind. Somebody who never acknowledges is there for the
/// first changes; those who were told of by then stay.
fn churned(config: RegistryConfig, heard: u64) -> i64 {
    let used = measure(|| {
        let mut registry = Registry::new(node("alpha"), config);
        let mut now = SECOND;
        let mut tell = |input| {
            now += 6 * MS; // longer than changes wait for company
            registry.handle(now, input);
            while registry.poll().is_some() {}
        };
        if heard > 0 {
            tell(Input::PeerLinked(node("slow")));
            let versions = Versions { session: 1, heard: 1, applied: 0, lamport: 0, waiting: 0 };
            tell(Input::Message { from: node("slow"), message: Message::Versions(versions) });
        }
        for turn in 0..100_000 {
            if turn == heard {
                tell(Input::PeerUnlinked(node("slow")));
            }
            let (number, round) = (turn % ROUND, turn / ROUND);
            let said = said(round as u8, number);
            match round % 10 {
                0 => tell(Input::Register(registration(number, "room"))),
                9 if heard != ROUND => tell(Input::Deregister(ActorNumber(number))),
                _ => tell(Input::Update { number: ActorNumber(number), attributes: said }),
            }
        }
        std::mem::forget(registry);
    });
    used.bytes_current
}

#[test]
fn bounded_memory_churn_leaves_nothing_behind_whether_or_not_anybody_listens() {
    let config = RegistryConfig { ring_ops_max: 100, ..RegistryConfig::default() };
    for heard in [0, ROUND, u64::MAX] {
        let left = churned(config.clone(), heard);
        assert!(left < 256 << 10, "{left} bytes, {heard} changes heard");
    }
}

/// How many actors there are; each changes once in a round.
const ROUND: u64 = 100;

#[test]
fn bounded_memory_a_known_actor_is_held_once_for_its_log_and_for_looking_up() {
    const ACTORS: u64 = 20_000;
    let mut log = log(&[(2, 0, 1); ACTORS as usize]);
    for op in &mut log {
        let Op::ActorAdd(record) = op else { panic!("{op:?}") };
        record.label = Label::new(&format!("room/{:06}", record.number.0)).ok();
        record.attributes = in_groups(&[]);
        record.actor_type = TypeName::new("a_crate::with::a::rather::long::path::Room").unwrap();
    }
    let used = measure(|| {
        let mut registry = Registry::new(node("reader"), RegistryConfig::default());
        let mut view = View::new();
        registry.handle(SECOND, Input::PeerLinked(node("origin")));
        while registry.poll().is_some() {}
        for (at, ops) in log.chunks(256).enumerate() {
            let (first, ops) = (1 + 256 * at as u64, ops.to_vec());
            let message = Message::Ops { origin: node("origin"), first, ops };
            registry.handle(SECOND, Input::Message { from: node("origin"), message });
            while let Some(output) = registry.poll() {
                if let Output::Added(entry) = output {
                    view.add(entry);
                }
            }
        }
        assert_eq!(view.entries().count() as u64, ACTORS);
        std::mem::forget((registry, view));
    });
    let each = used.bytes_current as u64 / ACTORS;
    assert!(each <= 240, "{each} bytes for each known actor");
}
