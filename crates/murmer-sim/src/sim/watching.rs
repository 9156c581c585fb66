//! Actors of one process watch those of others: each watch is told of once, and truly.
//!
//! Nothing is under way between actors here, so what waits for messages waits for nothing.
//! Doesn't know how nodes tell each other.

use murmer_membership::MemberState;
use murmer_node::{EndCause, Input, WatchEnd};
use murmer_wire::{ActorId, ActorNumber, NodeId};

use super::Sim;

impl Sim {
    /// Somebody watches an actor that its node has told of, or gives a watch up.
    pub(super) fn watch_something(&mut self, site: usize, is_given_up: bool, which: u64) {
        let Some(process) = self.sites[site].process.as_mut().filter(|process| !process.is_leaving) else {
            return;
        };
        let which = which as usize;
        if is_given_up || process.watches.len() >= WATCHES_MAX {
            let chosen = process.watches.keys().nth(which % process.watches.len().max(1)).copied();
            if let Some(watch) = chosen {
                process.watches.remove(&watch);
                self.tell(site, Input::Unwatch(watch));
            }
            return;
        }
        let known = process.view.iter().flat_map(|(node, held)| {
            held.actors.keys().map(|number| ActorId { node: node.clone(), number: *number })
        });
        let known: Vec<_> = known.collect();
        let Some(target) = known.get(which % known.len().max(1)).cloned() else { return };
        process.last_watch += 1;
        let watch = process.last_watch;
        process.watches.insert(watch, target.clone());
        self.happened.watches += 1;
        self.tell(site, Input::Watch { watch, target, watcher: Some(ActorNumber(1)) });
    }

    /// Another node waits for the end of an actor here.
    pub(super) fn observed(&mut self, site: usize, actor: ActorNumber) {
        let Some(process) = self.sites[site].process.as_mut() else { return };
        if process.actors.contains_key(&actor) {
            process.observed.insert(actor);
            return;
        }
        let origin = self.origins.get(&process.who.id);
        let was_there = origin.is_some_and(|origin| origin.started.contains_key(&actor));
        let cause = if was_there { EndCause::Stopped } else { EndCause::NeverExisted };
        self.tell(site, Input::Ended { actor, reason: cause.into() });
    }

    /// An actor here has stopped.
    pub(super) fn actor_ended(&mut self, site: usize, actor: ActorNumber) {
        let Some(process) = self.sites[site].process.as_mut() else { return };
        if process.observed.remove(&actor) {
            self.tell(site, Input::Ended { actor, reason: EndCause::Stopped.into() });
        }
    }

    /// A watch is over: it was open, and what is said of it is so.
    pub(super) fn told(&mut self, site: usize, watch: u64, end: &WatchEnd) {
        self.changed_at = self.now;
        let Some(process) = self.sites[site].process.as_mut() else { return };
        let Some(target) = process.watches.remove(&watch) else {
            // Given up while it waited for its turn here.
            let is_known = watch <= process.last_watch && self.sites[site].waits_until(self.now).is_some();
            if !is_known {
                self.violated("one notice", || format!("n{site} is told of watch {watch}, which is over"));
            }
            return;
        };
        self.happened.notices += 1;
        let state = process.node.state_of(&target.node);
        let is_true = match end {
            WatchEnd::Ended(reason) => {
                let is_running = self.is_started_and_running(&target.node, target.number);
                reason.cause == EndCause::Stopped && !is_running
            }
            WatchEnd::NodeDown => state.is_none_or(MemberState::is_over),
            WatchEnd::NodeLeft => state.is_none_or(|state| state == MemberState::Left),
        };
        if !is_true {
            self.violated("true notice", || format!("n{site} is told of {target}: {end:?}, {state:?}"));
        }
    }

    fn is_started_and_running(&self, node: &NodeId, number: ActorNumber) -> bool {
        self.origins.get(node).is_some_and(|origin| origin.running.contains_key(&number))
    }

    /// What a process watches that isn't there any more, though it was not told so.
    pub(super) fn unsaid(&self) -> Option<String> {
        let running = || self.sites.iter().filter_map(|place| place.process.as_ref());
        running().find_map(|process| {
            let dead = process.watches.values().find(|target| {
                let host = running().find(|other| other.who.id == target.node);
                host.is_none_or(|host| !host.actors.contains_key(&target.number))
            });
            dead.map(|target| format!("{} still watches {target}", process.who.id))
        })
    }
}

/// How many watches a process has, at most.
const WATCHES_MAX: usize = 24;
