//! Two processes, one name: the one that holds it is asked whether it still lives.

use alloc::vec::Vec;
use core::time::Duration;

use murmer_wire::NodeId;

use super::{LinkId, Peer};
use crate::protocol::Control;

/// Newcomers that wait for the answer of the process whose name they claim.
#[derive(Debug, Default)]
pub(super) struct Challenges {
    last_ping: u64,
    open: Vec<Challenge>,
}

/// One newcomer.
#[derive(Debug)]
pub(super) struct Challenge {
    ping: u64,
    expires_at: Duration,
    asked: LinkId,
    /// Who holds the name.
    pub(super) holder: NodeId,
    /// The newcomer's connection.
    pub(super) link: LinkId,
    /// The newcomer.
    pub(super) peer: Peer,
    /// What it has said meanwhile: it may have let us in already, and takes itself for linked.
    pub(super) early: Vec<Word>,
}

/// What a peer said on one of the streams of its connection.
#[derive(Debug)]
pub(super) enum Word {
    Control(Control),
    Registry(murmer_registry::Message),
}

/// Whom the end of a connection concerns.
#[derive(Debug)]
pub(super) struct Lost {
    /// The newcomer whose connection it was: it no longer matters.
    pub(super) newcomer: Option<Peer>,
    /// Those whose holder can't answer there any more.
    pub(super) unanswered: Vec<Challenge>,
}

impl Challenges {
    /// Notes the newcomer; returns the number to ping the holder with. Never 0, which is no challenge.
    pub(super) fn begin(
        &mut self,
        now: Duration,
        asked: LinkId,
        holder: NodeId,
        link: LinkId,
        peer: Peer,
    ) -> u64 {
        self.last_ping += 1;
        let ping = self.last_ping;
        let (expires_at, early) = (now + CHALLENGE_TIMEOUT, Vec::new());
        self.open.push(Challenge { ping, expires_at, asked, holder, link, peer, early });
        ping
    }

    /// Keeps what a newcomer says until it is let in; gives back what is said by anybody else.
    pub(super) fn keep(&mut self, link: LinkId, word: Word) -> Option<Word> {
        let Some(open) = self.open.iter_mut().find(|open| open.link == link) else { return Some(word) };
        if open.early.len() < EARLY_WORDS_MAX {
            open.early.push(word);
        }
        None
    }

    /// The holder answered: the newcomer is to be refused.
    pub(super) fn answered(&mut self, ping: u64, asked: LinkId) -> Option<Challenge> {
        self.take(|open| open.ping == ping && open.asked == asked)
    }

    /// A connection ended: a newcomer's, or one on which a holder was asked.
    pub(super) fn link_lost(&mut self, link: LinkId) -> Lost {
        let newcomer = self.take(|open| open.link == link).map(|open| open.peer);
        let unanswered = core::iter::from_fn(|| self.take(|open| open.asked == link)).collect();
        Lost { newcomer, unanswered }
    }

    /// Those whose holder was silent.
    pub(super) fn expired(&mut self, now: Duration) -> Vec<Challenge> {
        core::iter::from_fn(|| self.take(|open| open.expires_at <= now)).collect()
    }

    pub(super) const fn len(&self) -> usize {
        self.open.len()
    }

    pub(super) fn deadline(&self) -> Option<Duration> {
        self.open.iter().map(|open| open.expires_at).min()
    }

    fn take(&mut self, is_it: impl Fn(&Challenge) -> bool) -> Option<Challenge> {
        let at = self.open.iter().position(is_it)?;
        Some(self.open.remove(at))
    }
}

/// How many words of a newcomer are kept: what two nodes begin with is a handful.
const EARLY_WORDS_MAX: usize = 32;
/// How long the holder of a name has to show that it lives.
const CHALLENGE_TIMEOUT: Duration = Duration::from_millis(500);
