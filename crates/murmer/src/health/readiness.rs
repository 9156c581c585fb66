//! Whether a node is ready: for what others want of it, it must know what the others have.
//!
//! Decides; doesn't know who asks, or what becomes of the answer.

use std::fmt;
use std::time::Duration;

use murmer_node::NodeStats;
use murmer_wire::NodeName;

use crate::cluster::Departure;

/// What has been seen so far.
#[derive(Debug, Default)]
pub(super) struct Readiness {
    has_been_ready: bool,
    /// Since when it has lagged behind somebody at every look.
    lags_since: Option<Duration>,
}

/// What is seen of a node at one time.
#[derive(Debug)]
pub(super) enum Look {
    /// There is no network to wait for.
    Local,
    Node(NodeStats),
    Silent,
    Left(Departure),
    ShuttingDown,
}

/// Why a node is not ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NotReady {
    Silent,
    Left(Departure),
    ShuttingDown,
    /// No seed has let it in yet.
    Alone,
    /// There is no connection to a member that can be reached.
    NotConnected(NodeName),
    /// What a member has registered is not all known here.
    Behind {
        member: NodeName,
        missing: u64,
    },
}

impl Readiness {
    /// A node that has been ready stays so for as long as no lag lasts `lag_max`.
    pub(super) fn look(&mut self, now: Duration, lag_max: Duration, look: &Look) -> Result<(), NotReady> {
        let stats = match look {
            Look::Local => return Ok(()),
            Look::Node(stats) => stats,
            Look::Silent => return Err(NotReady::Silent),
            Look::Left(why) => return Err(NotReady::Left(*why)),
            Look::ShuttingDown => return Err(NotReady::ShuttingDown),
        };
        if stats.is_leaving {
            return Err(NotReady::ShuttingDown);
        }
        if !stats.has_joined {
            return Err(NotReady::Alone);
        }
        let Some(lag) = lag(stats) else {
            (self.has_been_ready, self.lags_since) = (true, None);
            return Ok(());
        };
        let since = *self.lags_since.get_or_insert(now);
        if self.has_been_ready && now.saturating_sub(since) < lag_max { Ok(()) } else { Err(lag) }
    }
}

/// The first member that this node lags behind.
fn lag(stats: &NodeStats) -> Option<NotReady> {
    stats.peers.iter().find_map(|(peer, lag)| {
        let member = peer.name.clone();
        match lag {
            None => Some(NotReady::NotConnected(member)),
            Some(lag) if !lag.is_synced => Some(NotReady::Behind { member, missing: lag.missing }),
            Some(_) => None,
        }
    })
}

impl fmt::Display for NotReady {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silent => f.write_str("the node's network does not answer"),
            Self::Left(why) => write!(f, "{why}"),
            Self::ShuttingDown => f.write_str("this node is leaving"),
            Self::Alone => f.write_str("no seed has let this node in yet"),
            Self::NotConnected(member) => write!(f, "no connection to {member} yet"),
            Self::Behind { member, missing: 0 } => {
                write!(f, "what {member} has registered is not all here yet")
            }
            Self::Behind { member, missing } => {
                write!(f, "{missing} changes of what {member} has registered are missing")
            }
        }
    }
}

#[cfg(test)]
mod tests;
