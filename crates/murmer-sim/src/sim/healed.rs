//! What must hold once everything is healed: all agree, within a bound, and then nothing happens any more.
//!
//! Doesn't know what was wrong before.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use murmer_membership::MemberState;
use murmer_wire::NodeId;

use super::life::SEEDS;
use super::{Boot, Sim};
use crate::fault::Fault;
use crate::happened::Happened;
use crate::origin::said;
use crate::process::Process;
use crate::violation::Failure;

impl Sim {
    /// Ends all faults and all work, heals what is broken, and waits until the cluster agrees and is quiet.
    /// Returns how long it took to agree.
    ///
    /// # Errors
    ///
    /// What did not hold, as [`run`](Self::run) does.
    pub fn settle(&mut self) -> Result<Duration, Box<Failure>> {
        self.mend();
        let began_at = self.now;
        let seeds_until = self.now + PATIENT_SEED_EVERY;
        let mut took = self.agree(began_at)?;
        loop {
            let agreed_at = self.now;
            self.run(SETTLE_FOR)?;
            let (before, since) = (self.happened, self.now);
            self.run(QUIET_FOR)?;
            // A process that was still to begin when all others agreed; but not again and again.
            if self.healed_at > agreed_at && self.now < began_at + AGREE_TIMES_MAX * self.agree_within() {
                took = self.agree(began_at)?;
                continue;
            }
            // A seed that has not said yet who it is may be dialed once, and turn out to be linked.
            if self.seed_dialed_at <= since || since > seeds_until {
                self.check_quiet(since, &before);
                break;
            }
        }
        if let Some((rule, what)) = self.disagreement() {
            self.violated(rule, || format!("it was so, and is no more: {what}"));
        }
        self.verdict()?;
        Ok(took)
    }

    /// Waits until all agree. Returns how long that took after healing, or after the last process began.
    fn agree(&mut self, began_at: Duration) -> Result<Duration, Box<Failure>> {
        while let Some((rule, what)) = self.disagreement() {
            let within = self.agree_within();
            // Processes that begin, or give way to others, meanwhile have as long; but not again and again.
            if self.now > (self.healed_at + within).min(began_at + AGREE_TIMES_MAX * within) {
                self.violated(rule, || format!("{within:?} after healing: {what}"));
            }
            self.run(LOOK_EVERY)?;
        }
        Ok(self.now - began_at.max(self.healed_at))
    }

    fn mend(&mut self) {
        self.is_faulty = false;
        self.menu = self.menu.calm();
        self.healed_at = self.now;
        self.trace.note(self.now, &[9]);
        self.trace.say(self.now, || "SETTLE".into());
        for cut in self.paths.cuts() {
            self.heal(cut);
        }
        self.paths.end_bursts();
        for site in 0..self.sites.len() {
            let place = &mut self.sites[site];
            place.paused_until = place.paused_until.min(self.now);
            place.inbox.iter_mut().for_each(|(at, _)| *at = (*at).min(self.now));
            self.quicken(site);
            self.late_turn(site);
        }
        for site in 0..self.recipe.nodes {
            if site < SEEDS || self.chances.chance(0.7) {
                self.boot(Boot { site, has_seeds: true, anyway: true });
            }
        }
    }

    /// How long healing may take. PROTOCOL's target is 15 s; only whoever waits for the next dial of a seed
    /// that has left may need the half minute between two such dials more.
    fn agree_within(&self) -> Duration {
        let leaves = self.happened.count(Fault::Leave) + self.happened.count(Fault::LeaveCut);
        if leaves > 0 { AGREE_WITHIN + PATIENT_SEED_EVERY } else { AGREE_WITHIN }
    }

    /// Nothing was said to have changed, nobody dialed who could be linked, and the traffic is that of nodes
    /// which only watch each other.
    fn check_quiet(&mut self, since: Duration, before: &Happened) {
        if self.changed_at > since {
            self.violated("quiet", || "something changed after all had agreed".into());
        }
        if self.dialed_at.max(self.seed_dialed_at) > since {
            self.violated("quiet", || "a living node was dialed after all had agreed".into());
        }
        let nodes = self.sites.iter().filter(|place| place.process.is_some()).count() as u64;
        let seconds = QUIET_FOR.as_secs();
        let packets = self.happened.packets - before.packets;
        let words = self.happened.words - before.words;
        let packets_max = nodes * seconds * PACKETS_PER_SECOND_MAX;
        let words_max = nodes * (nodes - 1) * WORDS_PER_PAIR_MAX;
        if packets > packets_max || words > words_max {
            let what = format!("{packets} packets and {words} words of {nodes} idle nodes in {seconds} s");
            self.violated("quiet", || what);
        }
    }

    /// Every live node lists all others and what they have registered, and is linked to each once: or what
    /// is not so.
    pub(super) fn disagreement(&self) -> Option<(&'static str, String)> {
        let running =
            || self.sites.iter().enumerate().filter_map(|(at, place)| Some((at, place.process.as_ref()?)));
        for (site, process) in running() {
            let us = &process.who.id;
            if process.is_leaving {
                return Some(("agreement", format!("{us} has not left yet")));
            }
            let others = || running().filter(|(other, _)| *other != site);
            let live: BTreeSet<_> = others().map(|(_, other)| other.who.id.clone()).collect();
            let members = process.node.members();
            let listed = members.into_iter().filter(|(_, state)| !state.is_over());
            let listed: BTreeMap<_, _> = listed.map(|(member, state)| (member.id, state)).collect();
            if !listed.keys().eq(&live) || listed.values().any(|state| *state != MemberState::Up) {
                return Some(("agreement", format!("{us} lists {listed:?}, not {live:?}")));
            }
            for (_, other) in others() {
                if let Some(what) = incomplete(process, other) {
                    return Some(("completeness", what));
                }
            }
            for (there, other) in others() {
                if let Some(what) = self.unlinked(site, process, there, &other.who.id) {
                    return Some(("one link", what));
                }
            }
        }
        self.unsaid().map(|what| ("notices", what))
    }

    fn unlinked(&self, site: usize, process: &Process, there: usize, other: &NodeId) -> Option<String> {
        // A dial that nobody answers is no link.
        let links: Vec<_> = self
            .cables
            .open()
            .filter(|(_, cable)| cable.sides.iter().any(|side| side.is_open && side.is_introduced))
            .filter(|(_, cable)| cable.is_between(site, there))
            .map(|(cable, _)| cable)
            .collect();
        let ours = process.node.link_to(other).map(|link| (link.0 / 2) as usize);
        let is_one = ours.is_some() && links == ours.into_iter().collect::<Vec<_>>();
        (!is_one).then(|| format!("n{site} speaks to n{there} over {ours:?}, there are {links:?}"))
    }
}

/// What a node lacks of another's actors, or has too much.
fn incomplete(process: &Process, other: &Process) -> Option<String> {
    let known = process.view.get(&other.who.id);
    let known = known.map(|held| held.actors.iter().map(|(number, actor)| (*number, actor.said)).collect());
    let known: BTreeMap<_, _> = known.unwrap_or_default();
    let registered = other.actors.iter().map(|(number, (_, attributes))| (*number, said(attributes)));
    let registered: BTreeMap<_, _> = registered.collect();
    let (us, them) = (&process.who.id, &other.who.id);
    (known != registered).then(|| format!("{us} has {known:?} of {them}, not {registered:?}"))
}

/// How long after healing all nodes must know the same.
const AGREE_WITHIN: Duration = Duration::from_secs(15);
/// How many times that long in all, for processes that begin or give way meanwhile.
const AGREE_TIMES_MAX: u32 = 2;
/// How often a seed is dialed at least: one whose node has left, or that was tried for long.
const PATIENT_SEED_EVERY: Duration = Duration::from_secs(30);
/// How often to look whether they do.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How long what is left over may take: connections that lost against others, the last news.
const SETTLE_FOR: Duration = Duration::from_secs(6);
/// How long it must then be quiet: more than one round of all that happens now and then.
const QUIET_FOR: Duration = Duration::from_secs(12);
/// A node probes twice a second and is probed as often; twice that many, for news and introductions.
const PACKETS_PER_SECOND_MAX: u64 = 12;
/// In that time a node tells another what its log amounts to twice, and is acknowledged as often.
const WORDS_PER_PAIR_MAX: u64 = 8;
