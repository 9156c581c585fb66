//! One effect per output of the node's machine. None of them waits.

use std::sync::Arc;
use std::time::Duration;

use murmer_core::LinkEnd;
use murmer_node::{CloseReason, Control, JoinEnd, LinkId, Manifest, Output, Withdrawal};
use murmer_transport::{Connection, Transport};
use murmer_wire::{ActorId, NodeId};
use tokio::sync::mpsc;

use super::Driver;
use crate::cluster::Departure;
use crate::cluster::gauges::Gauge;
use crate::cluster::manifest::mistakable;
use crate::cluster::net::{CODE_DECIDED, CODE_OVERLOADED, dial};
use crate::cluster::remote::Road;
use crate::cluster::stream;

impl<T: Transport> Driver<T> {
    pub(super) fn perform(&mut self, output: Output) {
        match output {
            Output::Dial(target) => {
                self.tasks.spawn(dial(self.net.clone(), target));
            }
            Output::Forgotten(place) => self.net.places().forget(place),
            Output::Verdict { link, verdict } => {
                if let Some(send) = self.links.get_mut(&link).and_then(|handle| handle.verdict.take()) {
                    // An error means that the connection has ended, which it reports itself.
                    drop(send.send(verdict));
                }
            }
            Output::Linked { link, .. } => self.linked(link),
            Output::Current { peer, link } => self.set_road(&peer, link),
            Output::Close { link, reason } => self.close_link(link, reason),
            Output::Control { link, message } => self.queue(link, |handle| &handle.control, message),
            Output::Registry { link, message } => self.queue(link, |handle| &handle.registry, message),
            Output::Datagram { link, packet } => {
                if let Some(handle) = self.links.get(&link)
                    && let Err(error) = handle.connection.send_datagram(packet)
                {
                    tracing::debug!(%error, peer = %handle.peer, "datagram not sent");
                }
            }
            Output::MemberChanged { member, from, to } => self.member_changed(member, from, to),
            Output::ActorAdded(entry) => self.actor_added(entry),
            Output::ActorUpdated(entry) => self.put(entry),
            Output::Observe(actor) => self.net.system.observe(actor, self.net.shared.watches.clone()),
            Output::Unobserve(actor) => self.net.system.unobserve(actor),
            Output::Flush { ticket, watcher } => self.flush(ticket, &watcher),
            Output::Told { watch, reason } => self.net.shared.watches.tell(watch, reason),
            Output::ActorRemoved(id) => self.actor_removed(id),
            Output::Manifest { peer, manifest } => {
                for theirs in mistakable(&manifest) {
                    tracing::warn!(%peer, actor_type = theirs,
                        "its program and this one don't have the same types of that name, so neither finds the \
                         other's; see what each said of them at its start");
                }
                self.net.shared.learn(peer, manifest);
            }
            Output::Refused { peer, refusal } => {
                tracing::warn!(node = %peer.id, addr = %peer.addr, "refused a node: {refusal}");
            }
            Output::Joined(end) => self.joined(Ok(end)),
            Output::Withdraw(why) => self.withdraw(why),
            Output::LeaveDone => self.over = self.over.or(Some(Departure::ShutDown)),
            Output::Misbehaved { peer, what } => tracing::warn!(%peer, what, "unexpected from a peer"),
        }
    }

    fn flush(&mut self, ticket: u64, watcher: &ActorId) {
        let watches = self.net.shared.watches.clone();
        match self.net.shared.flush(watcher) {
            None => watches.flushed(ticket),
            Some(flushed) => drop(self.tasks.spawn(async move {
                // An error means that the stream is gone, with all that it carried.
                let _ = flushed.await;
                watches.flushed(ticket);
            })),
        }
    }

    pub(super) fn announce(&self, manifest: &Manifest) {
        for handle in self.links.values().filter(|handle| handle.linked.is_none()) {
            if handle.control.try_send(Control::Manifest(manifest.clone())).is_err() {
                handle.connection.close(CODE_OVERLOADED, b"overloaded");
            }
        }
    }

    fn linked(&mut self, link: LinkId) {
        let Some(handle) = self.links.get_mut(&link) else { return };
        if let Some(linked) = handle.linked.take() {
            // An error means that the connection has ended, which it reports itself.
            let _ = linked.send(());
        }
        for manifest in self.announced.all() {
            if handle.control.try_send(Control::Manifest(manifest)).is_err() {
                return handle.connection.close(CODE_OVERLOADED, b"overloaded");
            }
        }
    }

    /// Streams to `peer` are opened over this connection from now on; those on others move here.
    fn set_road(&self, peer: &NodeId, link: Option<LinkId>) {
        let road = match link.and_then(|link| self.links.get(&link)) {
            Some(handle) => {
                handle.retirement.set(false);
                let (connection, executor) = (handle.connection.clone(), self.net.shared.executor.clone());
                let retirement = handle.retirement.clone();
                Ok(Road(Arc::new(move |far, stream| {
                    executor.spawn(stream::ask(connection.clone(), far, stream, retirement.stay()));
                })))
            }
            None => Err(LinkEnd::Broken),
        };
        let gauge = link.and_then(|link| Some((link, self.links.get(&link)?))).map(|(link, handle)| {
            let connection = handle.connection.clone();
            let gauge: Gauge = Arc::new(move || (connection.remote_addr(), connection.stats()));
            (link, gauge)
        });
        self.net.shared.gauges.set(peer, gauge);
        let has_other = road.is_ok();
        self.net.shared.set_road(peer, road);
        if has_other {
            let others = self.links.iter().filter(|(id, handle)| handle.peer == *peer && Some(**id) != link);
            others.for_each(|(_, handle)| handle.retirement.set(true));
        }
    }

    fn close_link(&mut self, link: LinkId, reason: CloseReason) {
        let Some(handle) = self.links.get(&link) else { return };
        tracing::debug!(peer = %handle.peer, ?reason, "closing a connection");
        if reason != CloseReason::Duplicate {
            return handle.connection.close(CODE_DECIDED, b"decided");
        }
        let (connection, retirement) = (handle.connection.clone(), handle.retirement.clone());
        self.tasks.spawn(async move {
            retirement.set(true);
            // What the peer had opened before it heard of the other connection may still be on its way.
            tokio::time::sleep(MOVE_FIRST).await; // tidy: sleep what is under way is not seen from here
            // Late is no worse than a connection that breaks.
            let _ = tokio::time::timeout(MOVE_WAIT, retirement.emptied()).await;
            connection.close(CODE_DECIDED, b"duplicate");
        });
    }

    /// What doesn't fit its queue ends the connection; reconnecting brings both ends into step again.
    fn queue<M>(
        &self,
        link: LinkId,
        queue: impl FnOnce(&super::LinkHandle<T::Connection>) -> &mpsc::Sender<M>,
        message: M,
    ) {
        let Some(handle) = self.links.get(&link) else { return };
        if let Err(mpsc::error::TrySendError::Full(_)) = queue(handle).try_send(message) {
            tracing::warn!(peer = %handle.peer, "the connection takes too little; closing it");
            handle.connection.close(CODE_OVERLOADED, b"overloaded");
        }
    }

    fn joined(&mut self, end: Result<JoinEnd, Withdrawal>) {
        if let Some(joined) = self.joined.take() {
            // An error means that nobody waits for this node any more.
            if joined.send(end).is_err() {
                self.over = self.over.or(Some(Departure::ShutDown));
            }
        }
    }

    fn withdraw(&mut self, why: Withdrawal) {
        self.over = Some(why.into());
        if why == Withdrawal::Minority {
            // It had joined, if not all that it waited for.
            self.joined(Ok(JoinEnd::Late));
        }
        if self.joined.is_some() {
            if matches!(why, Withdrawal::Stale { .. } | Withdrawal::Quarantined { .. }) {
                self.net.set_restart();
            }
            return self.joined(Err(why));
        }
        let name = &self.net.us.id.name;
        match why {
            Withdrawal::NameInUse => {
                tracing::error!(%name, "another live node holds this node's name; this one has left the cluster");
            }
            Withdrawal::Minority => {
                tracing::error!(%name, "this node sees too few of its cluster's members; it has left the cluster");
            }
            Withdrawal::Quarantined { .. } => {
                tracing::error!(%name, "other nodes found this node's state damaged; it has left the cluster");
            }
            Withdrawal::Stale { .. } => {
                tracing::error!(%name, "a later process has taken this node's place; this one has left the cluster");
            }
        }
    }
}

/// How long a connection that lost against another goes on at least.
const MOVE_FIRST: Duration = Duration::from_millis(250);
/// How long its streams have to move to the other one.
const MOVE_WAIT: Duration = Duration::from_secs(10);
