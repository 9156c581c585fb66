//! Any order of anything, held against the list of what is true that [`Pair`] keeps.

use murmer_node::{EndCause, WatchWord};
use proptest::prelude::*;

use super::pair::{Item, Pair, Told};

#[derive(Debug, Clone)]
enum Step {
    /// Target and watcher.
    Watch(u64, Option<u64>),
    /// One of those before.
    Unwatch(prop::sample::Index),
    Send(u64, u64),
    Accept,
    End(u64, u8),
    Connect,
    Sever(prop::sample::Index, bool),
    Over(usize, bool),
    Deliver(prop::sample::Index),
    /// A word that was heard before is heard again.
    Repeat(prop::sample::Index),
}

fn any_step() -> impl Strategy<Value = Step> {
    let index = any::<prop::sample::Index>;
    let actor = 1..=ACTORS;
    let watcher = 1..=2_u64;
    prop_oneof![
        // One target in so many is nobody.
        4 => (1..=ACTORS + 1, prop::option::weighted(0.8, watcher.clone())).prop_map(|(target, watcher)| Step::Watch(target, watcher)),
        2 => index().prop_map(Step::Unwatch),
        3 => (actor.clone(), watcher).prop_map(|(from, to)| Step::Send(from, to)),
        3 => Just(Step::Accept),
        2 => (actor, 0..4_u8).prop_map(|(actor, how)| Step::End(actor, how)),
        1 => Just(Step::Connect),
        1 => (index(), any::<bool>()).prop_map(|(cable, is_lost)| Step::Sever(cable, is_lost)),
        1 => (0..2_usize, any::<bool>()).prop_map(|(at, has_left)| Step::Over(at, has_left)),
        16 => index().prop_map(Step::Deliver),
        2 => index().prop_map(Step::Repeat),
    ]
}

fn cause(how: u8) -> EndCause {
    match how {
        0 => EndCause::Stopped,
        1 => EndCause::Killed,
        2 => EndCause::Panicked("too hot".into()),
        _ => EndCause::StartFailed("no oil".into()),
    }
}

/// The session a word is of.
fn session(word: &WatchWord) -> u64 {
    match word {
        WatchWord::Begin { session, .. }
        | WatchWord::Set { session, .. }
        | WatchWord::SetHeard { session }
        | WatchWord::Notices { session, .. }
        | WatchWord::NoticesHeard { session } => *session,
    }
}

/// What has arrived, to be said again, and whether a session has followed it.
#[derive(Default)]
struct Heard(Vec<(usize, WatchWord)>);

impl Heard {
    fn note(&mut self, to: usize, item: Item) {
        if let Item::Word(word) = item {
            self.0.push((to, word));
        }
    }

    /// Within one session words come in order and once.
    fn earlier(&self, index: prop::sample::Index) -> Option<(usize, WatchWord)> {
        let newest = self.0.iter().filter(|(_, word)| matches!(word, WatchWord::Begin { .. }));
        let newest = newest.filter(|(to, _)| *to == 0).map(|(_, word)| session(word)).max()?;
        let earlier: Vec<_> = self.0.iter().filter(|(to, word)| *to == 0 && session(word) < newest).collect();
        (!earlier.is_empty()).then(|| index.get(&earlier).to_owned().clone())
    }
}

fn step(pair: &mut Pair, heard: &mut Heard, step: Step) {
    match step {
        Step::Watch(target, watcher) => pair.watch(pair.watches.len() as u64 + 1, target, watcher),
        Step::Unwatch(index) if !pair.watches.is_empty() => {
            pair.unwatch(index.index(pair.watches.len()) as u64 + 1);
        }
        Step::Send(from, to) => pair.send(from, to),
        Step::Accept => pair.accept(),
        Step::End(actor, how) => pair.end(actor, cause(how)),
        Step::Connect => pair.connect(),
        Step::Sever(index, is_lost) if !pair.open().is_empty() => {
            pair.sever(*index.get(&pair.open()), is_lost);
        }
        Step::Over(at, has_left) => pair.over(at, has_left),
        Step::Deliver(index) if !pair.under_way().is_empty() => {
            let (cable, to) = *index.get(&pair.under_way());
            let item = pair.deliver((cable, to));
            heard.note(to, item);
        }
        Step::Repeat(index) => {
            if let Some((to, word)) = heard.earlier(index) {
                pair.repeat(to, word);
            }
        }
        Step::Unwatch(_) | Step::Sever(..) | Step::Deliver(_) => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]
    #[test]
    fn each_watch_is_told_of_once_and_truly_unless_given_up(steps in prop::collection::vec(any_step(), 1..150)) {
        let actors: Vec<_> = (1..=ACTORS).collect();
        let mut pair = Pair::linked(&actors);
        let mut heard = Heard::default();
        for one in steps {
            step(&mut pair, &mut heard, one);
        }
        pair.settle();
        if pair.open().is_empty() {
            pair.connect();
        }
        pair.settle();
        pair.check_settled();
        actors.iter().for_each(|actor| pair.end(*actor, EndCause::Stopped));
        pair.settle();
        pair.check_settled();
        prop_assert!(pair.watches.values().all(|(.., told)| *told != Told::Open));
        prop_assert_eq!(pair.misbehaved, 0);
    }
}

const ACTORS: u64 = 3;
