//! How much has happened in a run, so that one without faults isn't taken for a proof.

use crate::fault::{COUNT, Fault};

/// How often each thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Happened {
    /// By kind of fault; datagrams for those kinds that are about them, processes for those that end one.
    faults: [u64; COUNT],
    /// Actors registered.
    pub registrations: u64,
    /// Actors of others that nodes have reported.
    pub sightings: u64,
    /// Watches of actors on other nodes.
    pub watches: u64,
    /// Those of them that were told of.
    pub notices: u64,
    /// Members that were held to be down.
    pub downs: u64,
    /// Processes that gave up an identity: another held the name, or it was an old one.
    pub withdrawals: u64,
    /// Snapshots that were sent whole.
    pub snapshots: u64,
    /// How often a copy of a log was held against the log itself.
    pub compared: u64,
    /// Events of the world: arrivals, deadlines, faults.
    pub events: u64,
    /// Control and registry words that nodes sent.
    pub words: u64,
    /// Datagrams that nodes sent.
    pub packets: u64,
    /// The most items that one node's maps and queues held.
    pub held_max: u64,
    /// The most outputs of one turn.
    pub outputs_max: u64,
}

impl Happened {
    /// How often a kind of fault happened.
    pub const fn count(&self, fault: Fault) -> u64 {
        self.faults[fault as usize]
    }

    pub(crate) const fn add(&mut self, fault: Fault) {
        self.faults[fault as usize] += 1;
    }

    /// Both together.
    pub fn and(mut self, other: &Self) -> Self {
        for (count, more) in self.faults.iter_mut().zip(other.faults) {
            *count += more;
        }
        self.registrations += other.registrations;
        self.sightings += other.sightings;
        self.watches += other.watches;
        self.notices += other.notices;
        self.downs += other.downs;
        self.withdrawals += other.withdrawals;
        self.snapshots += other.snapshots;
        self.compared += other.compared;
        self.events += other.events;
        self.words += other.words;
        self.packets += other.packets;
        self.held_max = self.held_max.max(other.held_max);
        self.outputs_max = self.outputs_max.max(other.outputs_max);
        self
    }
}

impl Default for Happened {
    fn default() -> Self {
        Self {
            faults: [0; COUNT],
            registrations: 0,
            sightings: 0,
            watches: 0,
            notices: 0,
            downs: 0,
            withdrawals: 0,
            snapshots: 0,
            compared: 0,
            events: 0,
            words: 0,
            packets: 0,
            held_max: 0,
            outputs_max: 0,
        }
    }
}
