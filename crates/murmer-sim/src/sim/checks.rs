//! What must hold: after each step for what one node says, after healing for all of them together.
//!
//! Doesn't know how nodes come to say it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use murmer_membership::MemberState;
use murmer_node::Output;
use murmer_wire::{ActorId, Label, NodeId};

use super::Sim;
use crate::process::Process;

impl Sim {
    /// Takes note of what a node says, and compares it with what it said before and with the truth.
    pub(super) fn observe(&mut self, site: usize, output: Output) {
        let Some(process) = self.sites[site].as_mut() else { return };
        let is_change =
            !matches!(output, Output::Refused { .. } | Output::Joined(_) | Output::Misbehaved { .. });
        if is_change {
            self.changed_at = self.now;
        }
        match output {
            Output::ActorAdded(entry) => {
                self.happened.sightings += 1;
                let label = entry.label.clone().expect("every actor here has one");
                let was_known = process.view.insert(entry.id.clone(), label.clone()).is_some();
                if was_known {
                    self.violated("safety", format_args!("n{site} was told of {} twice", entry.id));
                }
                if self.ledger.get(&entry.id) != Some(&label) {
                    let id = &entry.id;
                    self.violated("safety", format_args!("n{site}: {id} was never registered as that"));
                }
            }
            Output::ActorRemoved(id) => {
                let was_known = process.view.remove(&id).is_some();
                if !was_known {
                    self.violated("safety", format_args!("n{site} lost {id}, which it did not have"));
                }
            }
            Output::MemberChanged { to: MemberState::Down, .. } => self.happened.downs += 1,
            Output::Withdraw(why) => {
                self.violated("safety", format_args!("n{site} withdraws, unrivalled: {why:?}"));
            }
            Output::Misbehaved { peer, what } if !CAN_BE.contains(&what) => {
                self.violated("safety", format_args!("n{site} of {peer}: {what}"));
            }
            _ => {}
        }
    }

    /// No phantoms: what a node knows to run somewhere is on members that aren't over.
    pub(super) fn check_view(&self, site: usize) {
        let Some(process) = &self.sites[site] else { return };
        let origins: BTreeSet<_> = process.view.keys().map(|id| &id.node).collect();
        if origins.is_empty() {
            return;
        }
        let states: BTreeMap<_, _> =
            process.node.members().into_iter().map(|(member, state)| (member.id, state)).collect();
        for origin in origins {
            let state = states.get(origin);
            if state.is_none_or(|state| state.is_over()) {
                self.violated("safety", format_args!("n{site} has actors of {origin}, which is {state:?}"));
            }
        }
    }

    /// Every live node lists all others and what they have registered, and is linked to each once.
    pub(super) fn check_agreement(&self) {
        for process in self.sites.iter().flatten() {
            let us = &process.who.id;
            let others = || self.sites.iter().flatten().filter(|other| other.who.id != *us);
            let live: BTreeSet<_> = others().map(|other| other.who.id.clone()).collect();
            let members = process.node.members();
            let listed = members.into_iter().filter(|(_, state)| !state.is_over());
            let listed: BTreeMap<_, _> = listed.map(|(member, state)| (member.id, state)).collect();
            if !listed.keys().eq(&live) || listed.values().any(|state| *state != MemberState::Up) {
                self.violated("liveness", format_args!("agreement: {us} lists {listed:?}, not {live:?}"));
            }
            let registered: BTreeMap<_, _> = others().flat_map(actors).collect();
            if process.view != registered {
                let view = &process.view;
                self.violated(
                    "liveness",
                    format_args!("completeness: {us} has {view:?}, not {registered:?}"),
                );
            }
            others().for_each(|other| self.check_link(process, other));
        }
    }

    fn check_link(&self, process: &Process, other: &Process) {
        let (us, them) = (site_of(process), site_of(other));
        let between = |cable: &&usize| {
            let cable = &self.cables[**cable];
            // A dial that nobody answers is no link.
            let is_link = cable.sides.iter().any(|side| side.is_open && side.is_introduced);
            is_link && (cable.sites() == [us, them] || cable.sites() == [them, us])
        };
        let links: Vec<_> = self.open_cables().iter().filter(between).copied().collect();
        let ours = process.node.link_to(&other.who.id).map(|link| (link.0 / 2) as usize);
        if ours.is_none() || links != ours.into_iter().collect::<Vec<_>>() {
            let what = format_args!("links: n{us} speaks to n{them} over {ours:?}, there are {links:?}");
            self.violated("liveness", what);
        }
    }

    pub(super) fn violated(&self, kind: &str, what: fmt::Arguments<'_>) -> ! {
        let (seed, nodes, at) = (self.seed, self.sites.len(), self.now);
        panic!("{}\n{kind} violated, seed {seed}, {nodes} nodes, at {at:?}: {what}", self.trace);
    }
}

fn actors(process: &Process) -> impl Iterator<Item = (ActorId, Label)> {
    let node: &NodeId = &process.who.id;
    process
        .actors
        .iter()
        .map(|(number, label)| (ActorId { node: node.clone(), number: *number }, label.clone()))
}

fn site_of(process: &Process) -> usize {
    usize::from(process.who.addr.port() - super::links::PORT)
}

/// What a node may well report of others, or itself, in a world like this one.
const CAN_BE: [&str; 1] = ["others held this node to be down"];
