//! foca, with its timers, as something that can be asked and told.
//!
//! Every call is followed by taking out all that foca wants done, and by letting it notice whether
//! it is alone. What a claim is worth is decided elsewhere; here all of it is believed.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec;
use core::time::Duration;

use bytes::Bytes;
use foca::{
    AccumulatingRuntime, Foca, Header, Message, NoCustomBroadcast, OwnedNotification, PostcardCodec, State,
    Timer,
};
use murmer_wire::NodeName;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::SwimConfig;
use super::id::SwimId;
use super::packet::{Claim, Packet};
use super::timers::Timers;
use crate::Member;

type Driven = Foca<SwimId, PostcardCodec, ChaCha8Rng, NoCustomBroadcast>;

/// What SWIM thinks, and wants sent.
pub(super) struct Detector {
    foca: Driven,
    runtime: AccumulatingRuntime<SwimId>,
    timers: Timers,
    now: Duration,
    doublings: u32,
    renewals: VecDeque<u32>,
    /// Something may have changed since it was last looked at.
    changed: bool,
}

impl Detector {
    pub(super) fn new(us: SwimId, config: &SwimConfig, seed: u64) -> Self {
        let rng = ChaCha8Rng::seed_from_u64(seed);
        Self {
            foca: Foca::new(us, config.for_foca(0), rng, PostcardCodec),
            runtime: AccumulatingRuntime::new(),
            timers: Timers::default(),
            now: Duration::ZERO,
            doublings: 0,
            renewals: VecDeque::new(),
            changed: false,
        }
    }

    pub(super) fn set_now(&mut self, now: Duration) {
        self.now = now;
    }

    /// Gives back the timers that are due, in order.
    pub(super) fn run_due(&mut self) {
        while let Some(timer) = self.timers.pop(self.now) {
            self.changed = true;
            // An error here is a probe cut short by starting over; foca has begun the next by then.
            let _ = self.tell(|foca, runtime| foca.handle_timer(timer, runtime));
        }
    }

    /// Lets go of members that ended long ago.
    pub(super) fn run_forgets(&mut self) {
        while let Some(id) = self.timers.pop_forget(self.now) {
            let _ = self.tell(|foca, runtime| foca.handle_timer(Timer::RemoveDown(id), runtime));
        }
    }

    /// Believes a packet; false if it makes no sense to foca.
    pub(super) fn believe(&mut self, packet: &Packet) -> bool {
        self.changed |= !packet.claims.is_empty();
        let Some(bytes) = packet.write() else { return false };
        self.tell(|foca, runtime| foca.handle_data(&bytes, runtime)).is_ok()
    }

    /// Believes one claim, and passes it on.
    pub(super) fn apply(&mut self, claim: Claim) {
        let _ = self.tell(|foca, runtime| foca.apply_many(core::iter::once(claim), true, runtime));
    }

    /// Drops all that is known under this name.
    pub(super) fn forget(&mut self, name: &NodeName) {
        let Some(id) = self.find(name).map(|known| known.id().clone()) else { return };
        // Only the dead can be removed.
        let death = Claim::down(id.clone());
        let _ = self.tell(|foca, runtime| foca.apply_many(core::iter::once(death), false, runtime));
        let _ = self.tell(|foca, runtime| foca.handle_timer(Timer::RemoveDown(id), runtime));
        self.timers.cancel_forget(name);
    }

    /// Asks a member to introduce itself and all it knows.
    pub(super) fn announce(&mut self, to: SwimId) {
        let _ = self.tell(|foca, runtime| foca.announce(to, runtime));
    }

    /// The packet that tells a suspect what is said of it, so that it can object.
    ///
    /// News is passed on a limited number of times, and after a renewal foca drops the timer that would
    /// end a suspicion either way: without this it could stay for ever.
    pub(super) fn accusation(&self, name: &NodeName) -> Option<(SwimId, Bytes)> {
        let suspect = self.find(name).filter(|known| known.state() == State::Suspect)?;
        let header = Header {
            src: self.foca.identity().clone(),
            // Never above what was last sent, so it says nothing about ourselves.
            src_incarnation: 0,
            dst: suspect.id().clone(),
            message: Message::Gossip,
        };
        let packet = Packet { header, claims: vec![suspect.clone()] };
        Some((suspect.id().clone(), Bytes::from(packet.write()?)))
    }

    /// Takes a suspicion back that nobody seems to pursue; it is raised again if there is reason to.
    pub(super) fn acquit(&mut self, name: &NodeName) {
        let suspect = self.find(name).filter(|known| known.state() == State::Suspect);
        let Some(id) = suspect.map(|known| known.id().clone()) else { return };
        self.forget(name);
        let acquitted = Claim::alive(id);
        let _ = self.tell(|foca, runtime| foca.apply_many(core::iter::once(acquitted), false, runtime));
    }

    /// The member is found at this address, whatever others had said.
    pub(super) fn relocate(&mut self, member: &Member) {
        let known = self.find(&member.id.name).filter(|known| known.id().node == member.id);
        // One in doubt gets its address with the renewal that clears it.
        let Some(known) = known.filter(|known| known.state() == State::Alive).cloned() else { return };
        if known.id().addr != member.addr {
            let moved = SwimId::of(member, known.id().generation);
            self.forget(&member.id.name);
            self.apply(Claim::new(moved, known.incarnation(), State::Alive));
        }
    }

    /// Says goodbye to some members, and is not to be used after.
    pub(super) fn leave(&mut self) {
        let _ = self.tell(|foca, runtime| foca.leave_cluster(runtime));
        for _ in 1..GOODBYES {
            let _ = self.tell(|foca, runtime| foca.gossip(runtime));
        }
    }

    /// Adapts to the number of members: news is repeated, and suspects are waited for, in
    /// proportion to its logarithm.
    pub(super) fn rescale(&mut self, config: &SwimConfig) {
        let nodes = self.foca.num_members() + 1;
        let doublings = nodes.next_power_of_two().ilog2();
        if doublings != self.doublings {
            self.doublings = doublings;
            // Only the two values that may change at run time do, so it can't be refused.
            let _ = self.foca.set_config(config.for_foca(doublings));
        }
    }

    pub(super) fn next_send(&mut self) -> Option<(SwimId, Bytes)> {
        self.runtime.to_send()
    }

    pub(super) fn next_renewal(&mut self) -> Option<u32> {
        self.renewals.pop_front()
    }

    pub(super) fn take_changed(&mut self) -> bool {
        core::mem::take(&mut self.changed)
    }

    pub(super) fn note_change(&mut self) {
        self.changed = true;
    }

    pub(super) fn us(&self) -> &SwimId {
        self.foca.identity()
    }

    pub(super) fn find(&self, name: &NodeName) -> Option<&Claim> {
        self.foca.iter_membership_state().find(|known| known.id().node.name == *name)
    }

    /// All that is known, by name.
    pub(super) fn snapshot(&self) -> BTreeMap<NodeName, (SwimId, State)> {
        self.foca
            .iter_membership_state()
            .map(|known| (known.id().node.name.clone(), (known.id().clone(), known.state())))
            .collect()
    }

    pub(super) fn deadline(&self) -> Option<Duration> {
        self.timers.deadline()
    }

    fn tell<R>(&mut self, call: impl FnOnce(&mut Driven, &mut AccumulatingRuntime<SwimId>) -> R) -> R {
        let result = call(&mut self.foca, &mut self.runtime);
        // After a renewal foca starts probing again only when told something; this tells it nothing.
        let _ = self.foca.apply_many(core::iter::empty(), false, &mut self.runtime);
        while let Some((after, timer)) = self.runtime.to_schedule() {
            self.timers.set(self.now.saturating_add(after), timer);
        }
        while let Some(notification) = self.runtime.to_notify() {
            self.changed = true;
            if let OwnedNotification::Rejoin(id) = notification {
                self.renewals.push_back(id.generation);
            }
        }
        result
    }
}

/// How often a goodbye is sent to a few random members.
const GOODBYES: usize = 3;
