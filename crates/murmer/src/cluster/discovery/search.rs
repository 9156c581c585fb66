//! The searches of a running node: begun with it, heard at a limited rate, and let say goodbye.

use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout_at};

use super::{Discovery, Hint, Hints, Whereabouts};

/// The searches of one node. Ended with it.
pub(in crate::cluster) struct Search {
    searches: JoinSet<()>,
    /// Each of them, and who in it waits for the leave.
    each: Vec<(AbortHandle, watch::Sender<()>)>,
    is_leaving: watch::Sender<bool>,
    left_at: Option<Instant>,
}

impl Search {
    /// Begins all of them. What they say comes out of the channel.
    pub(in crate::cluster) fn begin(
        discoveries: &[Discovery],
        node: &Whereabouts,
    ) -> (Self, mpsc::Receiver<Hint>) {
        let (said, hints) = mpsc::channel(HINTS_MAX);
        let mut search = Self {
            searches: JoinSet::new(),
            each: Vec::new(),
            is_leaving: watch::Sender::new(false),
            left_at: None,
        };
        for (source, discovery) in discoveries.iter().enumerate().filter(|(_, found)| found.searches()) {
            let (discover, node) = (discovery.0.clone(), node.clone());
            let is_leaving = search.is_leaving.subscribe();
            let goodbyes = watch::Sender::new(());
            let hints = Hints::new(source, said.clone(), is_leaving, goodbyes.clone());
            let begun = search.searches.spawn(async move { discover.search(&node, &hints).await });
            search.each.push((begun, goodbyes));
        }
        (search, hints)
    }

    /// The node leaves: those that wait for it take back what they announced, the others end.
    pub(in crate::cluster) fn leave(&mut self) {
        if self.left_at.is_none() {
            self.left_at = Some(Instant::now());
            for (search, goodbyes) in &self.each {
                if goodbyes.receiver_count() == 0 {
                    search.abort();
                }
            }
            self.is_leaving.send_replace(true);
        }
    }

    /// Until all have ended, or had their time.
    pub(in crate::cluster) async fn end(&mut self) {
        self.leave();
        let until = self.left_at.unwrap_or_else(Instant::now) + GOODBYE_WAIT;
        let all = async { while self.searches.join_next().await.is_some() {} };
        drop(timeout_at(until, all).await);
        self.searches.abort_all();
    }
}

/// Hands on what `hints` brings, and no more of it than the node can look at beside all else.
pub(in crate::cluster) async fn paced(mut hints: mpsc::Receiver<Hint>, mut hand_on: impl AsyncFnMut(Hint)) {
    let mut pace = interval(HINT_EVERY);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while let Some(hint) = hints.recv().await {
        pace.tick().await;
        hand_on(hint).await;
    }
}

/// Hints waiting to be looked at, of all discoveries of a node.
const HINTS_MAX: usize = 64;
/// A hundred hints a second: a burst of all places that are remembered takes under three, and a flood costs a
/// percent of a core.
const HINT_EVERY: Duration = Duration::from_millis(10);
/// How long goodbyes may hold up a node that leaves; as long as it waits for the other nodes.
const GOODBYE_WAIT: Duration = Duration::from_millis(500);

#[cfg(test)]
mod tests;
