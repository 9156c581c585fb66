//! A few events in every order, and every word between them in every order that its connection allows.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use murmer_node::EndCause;

use super::pair::{Pair, Told};
use super::{ACTOR, WATCHER};

/// Something that happens once, at any time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    Watch(u64),
    Unwatch(u64),
    /// The target says something to its watcher.
    Send,
    /// The mailbox takes it.
    Accept,
    End,
    /// The connection breaks, and what is under way arrives or not.
    Sever {
        is_lost: bool,
    },
    Connect,
    /// The watchers' node holds the other to be down.
    Down,
    /// And the other way around.
    DownThere,
}

impl Event {
    /// Whether it can happen before `other` has.
    fn waits_for(self, other: Self) -> bool {
        match self {
            // Two of them differ in nothing but their numbers.
            Self::Watch(watch) => other == Self::Watch(watch - 1),
            Self::Unwatch(watch) => other == Self::Watch(watch),
            Self::Accept => other == Self::Send,
            Self::Send | Self::End | Self::Sever { .. } | Self::Connect | Self::Down | Self::DownThere => {
                false
            }
        }
    }

    fn happen(self, pair: &mut Pair) {
        match self {
            Self::Watch(watch) => pair.watch(watch, ACTOR, Some(WATCHER)),
            Self::Unwatch(watch) => pair.unwatch(watch),
            Self::Send => pair.send(ACTOR, WATCHER),
            Self::Accept => pair.accept(),
            Self::End => pair.end(ACTOR, EndCause::Stopped),
            Self::Sever { is_lost } => pair.sever(0, is_lost),
            Self::Connect => pair.connect(),
            Self::Down => pair.over(0, false),
            Self::DownThere => pair.over(1, false),
        }
    }
}

/// What may come next: an event of those that have not been, or the arrival of a word.
fn moves(pair: &Pair, left: &[Event]) -> usize {
    enabled(left).len() + pair.under_way().len()
}

fn enabled(left: &[Event]) -> Vec<usize> {
    let is_enabled = |event: Event| !left.iter().any(|other| event.waits_for(*other));
    (0..left.len()).filter(|at| is_enabled(left[*at])).collect()
}

/// Where the choice leads.
fn after(mut pair: Pair, mut left: Vec<Event>, choice: usize) -> (Pair, Vec<Event>) {
    let enabled = enabled(&left);
    match enabled.get(choice) {
        Some(at) => left.remove(*at).happen(&mut pair),
        None => {
            let next = pair.under_way()[choice - enabled.len()];
            pair.deliver(next);
        }
    }
    (pair, left)
}

/// After all that the two find each other, and the target ends if it hasn't.
fn check_end(mut pair: Pair) {
    pair.settle();
    if pair.open().is_empty() {
        pair.connect();
    }
    pair.settle();
    pair.check_settled();
    pair.end(ACTOR, EndCause::Stopped);
    pair.settle();
    pair.check_settled();
    assert!(pair.watches.values().all(|(.., told)| *told != Told::Open), "somebody was never told");
    assert_eq!(pair.misbehaved, 0);
}

/// Walks through every order; returns how many states there are.
fn check_every_order(events: &[Event]) -> usize {
    let mut seen = BTreeSet::new();
    let mut open = vec![(Pair::linked(&[ACTOR]), events.to_vec())];
    while let Some((pair, left)) = open.pop() {
        let mut hasher = DefaultHasher::new();
        format!("{pair:?}{left:?}").hash(&mut hasher);
        if !seen.insert(hasher.finish()) {
            continue;
        }
        let moves = moves(&pair, &left);
        open.extend((0..moves).map(|choice| after(pair.clone(), left.clone(), choice)));
        if moves == 0 {
            check_end(pair);
        }
    }
    seen.len()
}

#[test]
fn an_end_is_told_once_in_every_order_of_watches_messages_and_a_broken_connection() {
    for is_lost in [true, false] {
        let sever = Event::Sever { is_lost };
        let states = check_every_order(&[
            Event::Watch(1),
            Event::Send,
            Event::Accept,
            Event::End,
            sever,
            Event::Connect,
        ]);
        assert!(states > 1_000, "only {states} states");
    }
}

#[test]
fn two_watches_are_told_of_once_in_every_order_of_an_end_a_new_connection_and_a_node_down() {
    let watches = [Event::Watch(1), Event::Watch(2), Event::End];
    for down in [Event::Down, Event::DownThere] {
        let states = check_every_order(&[&watches[..], &[Event::Connect, down]].concat());
        assert!(states > 1_000, "only {states} states");
    }
    let states =
        check_every_order(&[&watches[..], &[Event::Sever { is_lost: true }, Event::Connect]].concat());
    assert!(states > 1_000, "only {states} states");
}

#[test]
fn a_watch_that_is_given_up_is_not_told_of_in_any_order() {
    let states = check_every_order(&[
        Event::Watch(1),
        Event::Unwatch(1),
        Event::End,
        Event::Sever { is_lost: false },
        Event::Connect,
    ]);
    assert!(states > 1_000, "only {states} states");
}
