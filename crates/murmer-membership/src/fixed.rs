//! Membership by a written list: links alone say who is up. For tests, and for clusters that never
//! change.
//!
//! Doesn't send packets, and reads none: nobody is learnt from others.

use alloc::collections::{BTreeMap, VecDeque};
use core::time::Duration;

use murmer_wire::{NodeId, NodeName};

use crate::{Input, MEMBERS_MAX, Member, MemberState, Membership, Output};

/// Membership without gossip: those on the list are dialed, whoever is linked is up, and who stays
/// without a link or a sign of life for 3 s is unreachable, 2 s later down.
#[derive(Debug)]
pub struct Fixed {
    us: Member,
    peers: BTreeMap<NodeName, Entry>,
    has_left: bool,
    out: VecDeque<Output>,
}

/// One name, on the list or linked.
#[derive(Debug)]
struct Entry {
    member: Member,
    state: Option<MemberState>,
    linked: bool,
    /// Down for good: not dialed.
    is_quarantined: bool,
    /// When it was last known to live; counts while it has no link.
    alive_at: Duration,
    /// When it is to be dialed, if nobody links before.
    dial_at: Duration,
}

impl Fixed {
    /// The machine of a node `us` that is to be linked with `listed`, of which the first
    /// [`MEMBERS_MAX`] are taken. Peers that aren't listed are welcome too.
    pub fn new(us: Member, listed: impl IntoIterator<Item = Member>) -> Self {
        let peers = listed
            .into_iter()
            .filter(|member| member.id.name != us.id.name)
            .take(MEMBERS_MAX)
            .map(|member| (member.id.name.clone(), Entry::new(member)))
            .collect();
        Self { us, peers, has_left: false, out: VecDeque::new() }
    }

    fn handle_linked(&mut self, now: Duration, member: Member) {
        let name = member.id.name.clone();
        if name == self.us.id.name {
            return;
        }
        if let Some(old) = self.peers.get_mut(&name).filter(|entry| entry.member.id != member.id) {
            if old.state.is_some_and(|state| !state.is_over()) {
                self.out.extend(old.enter(MemberState::Down));
            }
            self.peers.remove(&name);
        }
        if !self.peers.contains_key(&name) && !self.make_room() {
            self.out.push_back(Output::Full(member));
            return;
        }
        let entry = self.peers.entry(name).or_insert_with(|| Entry::new(member.clone()));
        entry.member = member;
        entry.linked = true;
        entry.is_quarantined = false;
        entry.alive_at = now;
        self.out.extend(entry.enter(MemberState::Up));
    }

    /// True if one more fits, after forgetting an ended one if need be.
    fn make_room(&mut self) -> bool {
        if self.peers.len() < MEMBERS_MAX {
            return true;
        }
        let is_forgettable = |entry: &Entry| !entry.linked && entry.state.is_some_and(MemberState::is_over);
        let ended = self.peers.iter().find(|(_, entry)| is_forgettable(entry));
        let Some(name) = ended.map(|(name, _)| name.clone()) else { return false };
        self.peers.remove(&name).is_some()
    }

    fn handle_timeout(&mut self, now: Duration) {
        for entry in self.peers.values_mut() {
            if entry.is_fading() && now >= entry.alive_at.saturating_add(UNREACHABLE_AFTER) {
                self.out.extend(entry.enter(MemberState::Unreachable));
            }
            if entry.is_fading() && now >= entry.alive_at.saturating_add(UNREACHABLE_AFTER + DOWN_AFTER) {
                self.out.extend(entry.enter(MemberState::Down));
            }
            if entry.is_dialed() && now >= entry.dial_at {
                entry.dial_at = now.saturating_add(DIAL_EVERY);
                self.out.push_back(Output::Dial(entry.member.clone()));
            }
        }
    }

    fn entry_mut(&mut self, id: &NodeId) -> Option<&mut Entry> {
        self.peers.get_mut(&id.name).filter(|entry| entry.member.id == *id)
    }
}

impl Membership for Fixed {
    fn handle(&mut self, now: Duration, input: Input) {
        debug_assert!(self.out.is_empty(), "poll is drained between two inputs");
        if self.has_left {
            return;
        }
        match input {
            Input::Linked { member } => self.handle_linked(now, member),
            Input::Unlinked(id) => {
                if let Some(entry) = self.entry_mut(&id).filter(|entry| entry.linked) {
                    entry.linked = false;
                    entry.alive_at = now;
                }
            }
            Input::Alive(id) => {
                if let Some(entry) = self.entry_mut(&id) {
                    entry.alive_at = now;
                }
            }
            Input::PeerLeft(id) => {
                let entry = self.peers.get_mut(&id.name).filter(|entry| entry.member.id == id);
                self.out.extend(entry.and_then(|entry| entry.enter(MemberState::Left)));
            }
            Input::Down(id) => {
                let entry = self.entry_mut(&id).filter(|entry| entry.state == Some(MemberState::Unreachable));
                let change = entry.and_then(|entry| entry.enter(MemberState::Down));
                self.out.extend(change);
            }
            Input::Quarantined(id) => {
                if let Some(entry) =
                    self.entry_mut(&id).filter(|entry| entry.state != Some(MemberState::Left))
                {
                    entry.is_quarantined = true;
                    let change = entry.enter(MemberState::Down);
                    self.out.extend(change);
                }
            }
            Input::Packet { .. } => {}
            Input::Leave => self.has_left = true,
            Input::Timeout => self.handle_timeout(now),
        }
    }

    fn poll(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    fn deadline(&self) -> Option<Duration> {
        if self.has_left {
            return None;
        }
        self.peers.values().filter_map(Entry::deadline).min()
    }

    fn members(&self) -> impl Iterator<Item = (&Member, MemberState)> {
        self.peers.values().filter_map(|entry| Some((&entry.member, entry.state?)))
    }

    fn has_met(&self, id: &NodeId) -> bool {
        self.peers.get(&id.name).is_some_and(|entry| entry.member.id == *id && entry.state.is_some())
    }
}

impl Entry {
    fn new(member: Member) -> Self {
        Self {
            member,
            state: None,
            linked: false,
            is_quarantined: false,
            alive_at: Duration::ZERO,
            dial_at: Duration::ZERO,
        }
    }

    fn enter(&mut self, to: MemberState) -> Option<Output> {
        let from = self.state.replace(to);
        (from != Some(to)).then(|| Output::Changed { member: self.member.clone(), from, to })
    }

    fn deadline(&self) -> Option<Duration> {
        let wait = match self.state {
            Some(MemberState::Unreachable) => UNREACHABLE_AFTER + DOWN_AFTER,
            None | Some(MemberState::Up | MemberState::Suspect | MemberState::Down | MemberState::Left) => {
                UNREACHABLE_AFTER
            }
        };
        let fade_at = self.is_fading().then(|| self.alive_at.saturating_add(wait));
        let dial_at = self.is_dialed().then_some(self.dial_at);
        fade_at.into_iter().chain(dial_at).min()
    }

    /// True while time works against it.
    fn is_fading(&self) -> bool {
        !self.linked && self.state.is_some_and(|state| !state.is_over())
    }

    fn is_dialed(&self) -> bool {
        !self.linked && !self.is_quarantined && self.state != Some(MemberState::Left)
    }
}

const UNREACHABLE_AFTER: Duration = Duration::from_secs(3);
const DOWN_AFTER: Duration = Duration::from_secs(2);
const DIAL_EVERY: Duration = Duration::from_secs(1);
