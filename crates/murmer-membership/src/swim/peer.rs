//! One member as this node sees it: what SWIM says, held against what its link shows.
//!
//! ```text
//! None → Up ⇄ Suspect → Unreachable ⇄ Up
//!                       Unreachable → Down     down_after has passed without a sign of life
//!                       Down → Up              it was heard again
//!        any → Left                            it said so
//! ```
//!
//! SWIM's word that a member is dead is a hint. It makes the member unreachable; only time without a
//! sign of life makes it down, if the policy agrees.

use core::time::Duration;

use foca::State;

use super::SwimConfig;
use super::id::SwimId;
use crate::{Member, MemberState, Output};

/// Whether a member counts where the majority decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It was here when everybody was reachable.
    Voter,
    /// It came when somebody was not.
    Guest,
    /// The same, in place of a voter: that one's vote still counts, as one that is not seen.
    Heir,
}

/// What is known about one life of one name.
#[derive(Debug)]
pub(super) struct Peer {
    pub(super) member: Member,
    pub(super) standing: Standing,
    /// `None` until it was told of: a name that was only ever heard of as dead.
    pub(super) state: Option<MemberState>,
    pub(super) linked: bool,
    /// A link has led to it.
    pub(super) is_met: bool,
    /// Down for good, whatever is heard of it.
    pub(super) is_quarantined: bool,
    /// The latest it gave itself. What others say about it comes after that.
    pub(super) generation: Option<u32>,
    pub(super) alive_at: Option<Duration>,
    suspect_at: Option<Duration>,
    /// Since when it has been unreachable, if it is.
    unreachable_at: Option<Duration>,
    /// Until then a fresh link outranks what SWIM remembers.
    proven_until: Duration,
    asked_at: Option<Duration>,
    checked_at: Option<Duration>,
    dialed_at: Option<Duration>,
    hinted_at: Option<Duration>,
}

impl Peer {
    pub(super) fn new(member: Member) -> Self {
        Self {
            member,
            standing: Standing::Guest,
            state: None,
            linked: false,
            is_met: false,
            is_quarantined: false,
            generation: None,
            alive_at: None,
            suspect_at: None,
            unreachable_at: None,
            proven_until: Duration::ZERO,
            asked_at: None,
            checked_at: None,
            dialed_at: None,
            hinted_at: None,
        }
    }

    /// A link to it is up, so it is. SWIM gets some time to come to the same view.
    pub(super) fn link(&mut self, now: Duration, config: &SwimConfig) -> Option<Output> {
        self.linked = true;
        self.is_met = true;
        self.is_quarantined = false;
        self.alive_at = Some(now);
        self.proven_until = now.saturating_add(config.suspect_timeout);
        match self.state {
            Some(MemberState::Up | MemberState::Suspect) => None,
            None | Some(MemberState::Unreachable | MemberState::Down | MemberState::Left) => {
                self.enter(MemberState::Up)
            }
        }
    }

    /// Compares with what SWIM says now, `None` if it knows nothing. Changes are appended to `out`. Whether an
    /// unreachable member is down is decided elsewhere, once all have been compared.
    pub(super) fn observe(&mut self, now: Duration, swim: Option<State>, out: &mut impl Extend<Output>) {
        match (swim, self.state) {
            (_, Some(MemberState::Left)) => {}
            _ if self.is_quarantined => {}
            (Some(State::Alive), _) => out.extend(self.enter(MemberState::Up)),
            (Some(State::Suspect), _) => {
                // One that is heard of again is back first, whatever else is said about it.
                if !matches!(self.state, Some(MemberState::Up | MemberState::Suspect)) {
                    out.extend(self.enter(MemberState::Up));
                }
                out.extend(self.enter(MemberState::Suspect));
                self.suspect_at = self.suspect_at.or(Some(now));
            }
            (Some(State::Down) | None, None | Some(MemberState::Unreachable | MemberState::Down)) => {}
            (Some(State::Down) | None, Some(MemberState::Up | MemberState::Suspect)) => {
                if now >= self.proven_until {
                    out.extend(self.enter(MemberState::Unreachable));
                    self.unreachable_at = Some(now);
                }
            }
        }
    }

    /// Its state is damaged.
    pub(super) fn quarantine(&mut self) -> Option<Output> {
        if self.state == Some(MemberState::Left) {
            return None;
        }
        self.is_quarantined = true;
        self.enter(MemberState::Down)
    }

    /// True if no word brings this life of it back.
    pub(super) fn is_gone_for_good(&self) -> bool {
        self.is_quarantined || self.state == Some(MemberState::Left)
    }

    /// Moves to `to`, if it isn't there.
    pub(super) fn enter(&mut self, to: MemberState) -> Option<Output> {
        let from = self.state.replace(to);
        if from == Some(to) {
            return None;
        }
        self.suspect_at = None;
        self.unreachable_at = None;
        if to.is_over() && self.standing == Standing::Voter {
            self.standing = Standing::Guest;
        }
        Some(Output::Changed { member: self.member.clone(), from, to })
    }

    /// True if it has been unreachable for so long that it would be down, had everybody a say in that.
    pub(super) fn is_given_up(&self, now: Duration, config: &SwimConfig) -> bool {
        self.down_at(now, config).is_some_and(|at| now >= at)
    }

    /// True once per `probe_every` while it is linked and SWIM doubts it: then it should be asked.
    pub(super) fn is_to_be_asked(&mut self, now: Duration, swim: Option<State>, config: &SwimConfig) -> bool {
        let is_doubted = self.linked && !self.is_gone_for_good() && swim != Some(State::Alive);
        is_doubted && elapsed(&mut self.asked_at, now, config.probe_every)
    }

    /// True once per `probe_every`: then a claim that it was renewed is worth asking it.
    pub(super) fn may_check(&mut self, now: Duration, config: &SwimConfig) -> bool {
        elapsed(&mut self.checked_at, now, config.probe_every)
    }

    /// True if it has been suspected for so long that whoever did has dropped it. A linked one is told,
    /// and clears itself.
    pub(super) fn is_suspicion_stale(&self, now: Duration, config: &SwimConfig) -> bool {
        let stale_after = config.suspect_timeout.saturating_mul(STALE_TIMEOUTS);
        !self.linked && self.suspect_at.is_some_and(|at| now >= at.saturating_add(stale_after))
    }

    /// Asks for a link, unless there is one or that was done within `every`.
    pub(super) fn dial(&mut self, now: Duration, every: Duration) -> Option<Output> {
        let is_wanted = !self.linked && !self.is_gone_for_good();
        (is_wanted && elapsed(&mut self.dialed_at, now, every)).then(|| Output::Dial(self.member.clone()))
    }

    /// Asks for a link to somebody said to have taken this name, or to be somewhere else.
    pub(super) fn hint(&mut self, now: Duration, said: &SwimId, every: Duration) -> Option<Output> {
        elapsed(&mut self.hinted_at, now, every).then(|| Output::Dial(said.member()))
    }

    /// When to observe again even if nothing happens.
    pub(super) fn wake_at(
        &self,
        now: Duration,
        swim: Option<State>,
        config: &SwimConfig,
    ) -> Option<Duration> {
        if swim == Some(State::Alive) {
            return None;
        }
        let ask = self.asked_at.filter(|_| self.linked).map(|at| at.saturating_add(config.probe_every));
        let proven = Some(self.proven_until);
        [self.down_at(now, config), ask, proven].into_iter().flatten().filter(|at| *at > now).min()
    }

    pub(super) fn has_been_dialed(&self) -> bool {
        self.dialed_at.is_some()
    }

    /// True if nothing would be lost with it but the memory of its end.
    pub(super) fn is_over(&self) -> bool {
        self.state.is_none_or(MemberState::is_over)
    }

    pub(super) fn has_vote(&self) -> bool {
        match self.standing {
            Standing::Voter | Standing::Heir => true,
            Standing::Guest => false,
        }
    }

    /// True if it, or the voter that it came in place of, is missed.
    pub(super) fn is_unseen(&self) -> bool {
        self.standing == Standing::Heir || self.state == Some(MemberState::Unreachable)
    }

    /// When an unreachable member is down, as far as can be told at `now`.
    fn down_at(&self, now: Duration, config: &SwimConfig) -> Option<Duration> {
        let since = self.unreachable_at?;
        let earliest = since.saturating_add(config.down_after);
        let life_until = self.alive_at.map(|at| at.saturating_add(config.probe_every * LIFE_PROBES));
        let vetoed = life_until.filter(|until| *until > now).unwrap_or(earliest);
        // Signs of life can't hold it off for ever, and none shortens what it is due.
        Some(vetoed.min(since.saturating_add(config.veto_max)).max(earliest))
    }
}

/// True, and `at` moved to `now`, if that was never done or at least `every` ago.
fn elapsed(at: &mut Option<Duration>, now: Duration, every: Duration) -> bool {
    let is_due = at.is_none_or(|at| now >= at.saturating_add(every));
    if is_due {
        *at = Some(now);
    }
    is_due
}

/// For how many probe periods a sign of life counts.
const LIFE_PROBES: u32 = 2;
/// After how many suspicion timeouts nobody pursues a suspicion any more. The longest one in the
/// largest cluster lasts three and a bit.
const STALE_TIMEOUTS: u32 = 8;
