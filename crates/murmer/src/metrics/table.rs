//! All that is published: the names, what they mean, and what tells the series of one name apart.
//!
//! `docs/guide/metrics.md` says the same at length; a test compares the two.

/// One name.
#[derive(Debug)]
pub(crate) struct Metric {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// What its series are told apart by.
    pub(crate) label: Option<&'static str>,
    pub(crate) help: &'static str,
}

/// What a number of that name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Rises only.
    Counter,
    /// What is now. Series that have no label of their own any more are added up.
    Gauge,
    /// The same, but for the largest.
    GaugeOfLargest,
    /// How many took how long.
    Histogram,
}

macro_rules! metrics {
    ($($id:ident: $kind:ident $name:literal $([$label:literal])?, $help:literal;)+) => {
        $(pub(crate) static $id: Metric = Metric {
            name: $name,
            kind: Kind::$kind,
            label: label!($($label)?),
            help: $help,
        };)+

        /// All of them.
        #[cfg(test)]
        pub(crate) static ALL: &[&Metric] = &[$(&$id),+];
    };
}

macro_rules! label {
    () => {
        None
    };
    ($label:literal) => {
        Some($label)
    };
}

metrics! {
    ACTORS: Gauge "murmer_actors" ["actor_type"],
        "Actors of this node.";
    HANDLED: Counter "murmer_messages_handled_total" ["actor_type"],
        "Messages handled by actors of this node.";
    REFUSED: Counter "murmer_messages_refused_total" ["actor_type"],
        "Messages that were accepted and never handled, because their actor ended.";
    OVERLOADED: Counter "murmer_mailbox_overloads_total" ["actor_type"],
        "Messages of this node that no mailbox of this node had room for within mailbox_wait.";
    BUSY: Gauge "murmer_actor_busy_seconds" ["actor_type"],
        "Time spent on messages since the start, what handlers wait for included. Rises only; small batches are sampled.";
    DEPTH: Gauge "murmer_mailbox_depth" ["actor_type"],
        "Messages that wait in all mailboxes, those in hand included.";
    DEPTH_MAX: GaugeOfLargest "murmer_mailbox_depth_max" ["actor_type"],
        "Messages that wait in the fullest mailbox.";
    PANICS: Counter "murmer_actor_panics_total" ["actor_type"],
        "Panics of handlers, hooks and factories.";
    RESTARTS: Counter "murmer_actor_restarts_total" ["actor_type"],
        "Restarts of actors.";
    ASKS: Counter "murmer_remote_asks_total" ["outcome"],
        "Asks that were sent to other nodes, by how they ended.";
    ASK_SECONDS: Histogram "murmer_remote_ask_seconds",
        "How long answers from other nodes took, of one in eight.";
    REFUSED_TO_US: Counter "murmer_remote_refusals_total" ["reason"],
        "Messages to other nodes that were turned away before any handler ran, here or there.";
    REFUSED_BY_US: Counter "murmer_remote_refused_total" ["reason"],
        "Messages of other nodes that this one turned away before any handler ran.";
    STREAMS_OPENED: Counter "murmer_streams_opened_total" ["side"],
        "Streams between this node's actors and others, by who opened them.";
    STREAMS_SHED: Counter "murmer_streams_shed_total" ["side"],
        "Streams that were given up because an actor took nothing for too long.";
    PEER_SENT: Counter "murmer_peer_sent_bytes_total" ["peer"],
        "Bytes sent to that node.";
    PEER_RECEIVED: Counter "murmer_peer_received_bytes_total" ["peer"],
        "Bytes received from that node.";
    PEER_PACKETS: Counter "murmer_peer_packets_sent_total" ["peer"],
        "Packets sent to that node.";
    PEER_LOST: Counter "murmer_peer_packets_lost_total" ["peer"],
        "Of those, packets taken for lost.";
    PEER_RTT: GaugeOfLargest "murmer_peer_rtt_seconds" ["peer"],
        "The current estimate of a round trip to that node.";
    PEER_STREAMS: Gauge "murmer_peer_streams" ["peer"],
        "Open streams of the connection with that node.";
    MEMBERS: Gauge "murmer_members" ["state"],
        "The other nodes of the cluster, by how they are.";
    MEMBER_CHANGES: Counter "murmer_member_changes_total" ["state"],
        "How often a node came to be in that state.";
    KNOWN: Gauge "murmer_registry_actors_known",
        "Actors of other nodes that can be looked up here.";
    TOLD: Gauge "murmer_registry_actors_told",
        "Actors of this node that others are told of.";
    CHANGES: Counter "murmer_registry_changes_total",
        "Changes of this node's log: actors that came, went, or changed their groups.";
    LOG_OPS: Gauge "murmer_registry_log_changes",
        "Of those, changes kept for nodes that are not far behind.";
    LOG_BYTES: Gauge "murmer_registry_log_bytes",
        "And the bytes that these take, encoded, at the most.";
    UNHEARD: GaugeOfLargest "murmer_registry_unheard_changes" ["peer"],
        "Changes of this node's log that that node has not said that it holds.";
    MISSING: GaugeOfLargest "murmer_registry_missing_changes" ["peer"],
        "Changes of that node's log that are known to exist and are not applied here.";
    DIVERGED: Counter "murmer_registry_divergences_total",
        "Copies of another node's log that differed from it. 0, or there is a defect.";
    HEALED: Counter "murmer_registry_divergences_healed_total",
        "Of those, copies that were replaced since.";
    GAPS: Counter "murmer_registry_gaps_total",
        "Pieces of another node's log that arrived without what goes before them.";
    SNAPSHOTS: Counter "murmer_registry_snapshots_total",
        "Copies of another node's log that were fetched as a whole.";
    DRIVER: Gauge "murmer_driver_seconds",
        "How long the node's network took to say how it is doing.";
}
