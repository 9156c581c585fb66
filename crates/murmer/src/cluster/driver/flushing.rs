//! Who waits until all others hold what this node has registered.
//!
//! Doesn't know how long anybody waits: whoever gives up drops the other end.

use murmer_registry::Mark;
use murmer_transport::Transport;
use murmer_wire::NodeId;
use tokio::sync::watch;

use super::Driver;

/// One who waits.
pub(super) struct Flush {
    mark: Mark,
    holdouts: Holdouts,
}

/// Says who has not said yet that it holds everything: nobody, at last. `None` before the first look.
pub(in crate::cluster) type Holdouts = watch::Sender<Option<Vec<NodeId>>>;

impl<T: Transport> Driver<T> {
    pub(super) fn begin_flush(&mut self, holdouts: Holdouts) {
        self.flushes.push(Flush { mark: self.node.mark(), holdouts });
    }

    /// Looks again, after whatever may have changed the answer.
    pub(super) fn settle_flushes(&mut self) {
        let node = &self.node;
        self.flushes.retain_mut(|flush| {
            let found = node.holdouts(&mut flush.mark);
            let goes_on = !found.is_empty() && !flush.holdouts.is_closed();
            flush.holdouts.send_if_modified(|held| {
                let is_news = held.as_ref() != Some(&found);
                *held = Some(found);
                is_news
            });
            goes_on
        });
    }
}

/// How many wait at once; whoever comes next waits for a place. Each costs a look at every member whenever
/// anything happens.
pub(in crate::cluster) const FLUSHES_MAX: usize = 256;
