//! What must hold after each step, for what one node says.
//!
//! Every check costs about as much as what changed, not as much as there is.
//! Doesn't know how nodes come to say it.

use murmer_membership::MemberState;
use murmer_node::{LinkId, Output};
use murmer_registry::Message;

use super::Sim;
use crate::origin::{Actor, said};

impl Sim {
    /// Takes note of what a node says, and compares it with what it said before and with the truth.
    pub(super) fn observe(&mut self, site: usize, output: Output) {
        let now = self.now;
        let Some(process) = self.sites[site].process.as_mut() else { return };
        match output {
            Output::ActorAdded(entry) => {
                self.happened.sightings += 1;
                self.changed_at = now;
                process.touched.push(entry.id.node.clone());
                let contents = process.view.entry(entry.id.node.clone()).or_default();
                let is_new = contents.insert(entry.id.number, Actor::of_entry(&entry));
                let started =
                    self.origins.get(&entry.id.node).and_then(|it| it.started.get(&entry.id.number));
                let is_true = started.is_some() && started == entry.label.as_ref();
                if !is_new {
                    self.violated("told once", || format!("n{site} was told of {} twice", entry.id));
                }
                if !is_true {
                    self.violated("phantom", || format!("n{site}: {} was never started as that", entry.id));
                }
            }
            Output::ActorUpdated(entry) => {
                self.changed_at = now;
                process.touched.push(entry.id.node.clone());
                let held = process.view.get_mut(&entry.id.node);
                let was_known =
                    held.is_some_and(|held| held.update(entry.id.number, said(&entry.attributes)));
                if !was_known {
                    self.violated("told once", || format!("n{site} has not {}, which changed", entry.id));
                }
            }
            Output::ActorRemoved(id) => {
                self.changed_at = now;
                process.touched.push(id.node.clone());
                let was_known = process.view.get_mut(&id.node).is_some_and(|held| held.remove(id.number));
                if !was_known {
                    self.violated("told once", || format!("n{site} lost {id}, which it did not have"));
                }
            }
            Output::MemberChanged { member, to, .. } => {
                self.changed_at = now;
                process.touched.push(member.id.clone());
                if to == MemberState::Left {
                    process.forget_links(&member.id);
                }
                if to == MemberState::Down {
                    self.happened.downs += 1;
                    if self.is_tame {
                        self.violated("false down", || format!("n{site} holds {} to be down", member.id));
                    }
                }
            }
            Output::Linked { link, peer } => {
                process.links.insert(link, (peer.id, link.0 % 2 == 0));
                process.has_new_links = true;
            }
            Output::Current { peer, link: Some(link) } => {
                self.changed_at = now;
                process.current.insert(peer, link);
                process.has_new_links = true;
            }
            Output::Current { peer, link: None } => {
                self.changed_at = now;
                process.current.remove(&peer);
                process.forget_links(&peer);
            }
            Output::Misbehaved { peer, what } => self.misbehaved(site, &peer, what),
            _ => {}
        }
    }

    /// What a node reports of others, or itself, must be possible in a world like this one.
    fn misbehaved(&mut self, site: usize, peer: &murmer_wire::NodeId, what: &'static str) {
        if !self.has_forgers && what != "others held this node to be down" {
            self.violated("sound peers", || format!("n{site} of {peer}: {what}"));
        }
    }

    /// Learns what a node's log is from what it sends of it.
    pub(super) fn learn(&mut self, site: usize, link: LinkId, message: &Message) {
        let Some(process) = &self.sites[site].process else { return };
        let Some(origin) = self.origins.get_mut(&process.who.id) else { return };
        let learnt = match message {
            Message::Ops { first, ops, .. } => origin.learn_ops(*first, ops),
            Message::Snapshot(chunk) => {
                self.happened.snapshots += u64::from(chunk.last);
                origin.learn_chunk(link.0, chunk)
            }
            Message::Versions(_) | Message::Digest(_) => Ok(()),
            Message::Ack { .. } | Message::ChunkAck { .. } | Message::Again { .. } => Ok(()),
        };
        if let Err((rule, what)) = learnt {
            self.violated(rule, || format!("n{site}: {what}"));
        }
    }

    /// After a turn: what has changed in it is as it may be.
    pub(super) fn check_turn(&mut self, site: usize, outputs: usize) {
        self.happened.outputs_max = self.happened.outputs_max.max(outputs as u64);
        if outputs > OUTPUTS_MAX {
            self.violated("bounded", || format!("n{site} wants {outputs} things done at once"));
        }
        let Some(process) = self.sites[site].process.as_mut() else { return };
        let (mut touched, has_new_links) = (std::mem::take(&mut process.touched), process.has_new_links);
        process.has_new_links = false;
        if has_new_links || !touched.is_empty() {
            self.check_held(site);
        }
        if has_new_links {
            self.check_links(site);
        }
        touched.sort();
        touched.dedup();
        for origin in touched {
            self.check_view(site, &origin);
        }
    }

    /// No phantoms: what a node knows to run somewhere is on a member that isn't over. And what it knows of
    /// it is what that member's log amounted to at the position its copy stands at.
    pub(super) fn check_view(&mut self, site: usize, origin: &murmer_wire::NodeId) {
        let Some(process) = self.sites[site].process.as_mut() else { return };
        let Some(contents) = process.view.get(origin) else { return };
        let (count, sum) = (contents.actors.len(), contents.sum());
        if count == 0 {
            process.view.remove(origin);
        }
        let state = process.node.state_of(origin);
        let applied = process.node.applied(origin).unwrap_or(0);
        if count > 0 && state.is_none_or(MemberState::is_over) {
            self.violated("phantom", || format!("n{site} has actors of {origin}, which is {state:?}"));
        }
        // Positions within a snapshot are nobody's to stand at.
        let said = self.origins.get(origin).and_then(|origin| origin.sum_at(applied));
        if let Some(said) = said {
            self.happened.compared += 1;
            if said != sum {
                self.violated("prefix", || format!("n{site}: {origin} at {applied} is not as its log was"));
            }
        }
    }

    /// Of the links that a node holds, at most one to each peer was dialed by it, at most one by the peer, and
    /// words go over one of them.
    fn check_links(&mut self, site: usize) {
        let Some(process) = &self.sites[site].process else { return };
        let mut held: Vec<_> = process.links.values().collect();
        held.sort();
        let twice = held.windows(2).find(|two| two[0] == two[1]).map(|two| two[0].clone());
        let astray = process
            .current
            .iter()
            .find(|(peer, link)| process.links.get(link).is_none_or(|(held, _)| held != *peer));
        let astray = astray.map(|(peer, link)| (peer.clone(), *link));
        if let Some((peer, _)) = twice {
            self.violated("one link", || format!("n{site} holds two links to {peer} with one dialer"));
        }
        if let Some((peer, link)) = astray {
            self.violated("one link", || format!("n{site} speaks to {peer} over {link:?}, which it has not"));
        }
    }

    /// A node's maps and queues stay within a bound that follows from how many nodes there are.
    fn check_held(&mut self, site: usize) {
        let Some(process) = &self.sites[site].process else { return };
        let held = process.node.held();
        self.happened.held_max = self.happened.held_max.max(held as u64);
        let bound = HELD_PER_NAME_MAX * (self.sites.len() + super::forge::GHOSTS);
        if held > bound {
            self.violated("bounded", || format!("n{site} holds {held} items, more than {bound}"));
        }
    }
}

/// The most that a node may want done after one input: far above a word and a packet for each of a few dozen
/// names and all actors of one of them, far below what could pile up.
const OUTPUTS_MAX: usize = 500;
/// For each name a node has ever heard of: a link each way, a dial, a copy of its log, a place among the
/// members, one that joining waits for and one that leaving does, two to be challenged, and a
/// set of watches each way.
const HELD_PER_NAME_MAX: usize = 11;
