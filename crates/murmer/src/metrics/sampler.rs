//! Looks at what a system has counted.

use std::time::Duration;

use murmer_core::{System, TypeInfo};
use murmer_membership::MemberState;
use tokio::time::Instant;

use super::bounded::Bounded;
use super::sample::{Sample, Value};
use super::table::{self, Metric};
use crate::cluster::counters::{STATES, Side};
use crate::cluster::remote::Remote;
use crate::cluster::remote_of;

/// One number of a type of actors.
type Figure = fn(&TypeInfo) -> f64;

pub(crate) struct Sampler {
    system: System,
    types: Bounded,
    peers: Bounded,
}

impl Sampler {
    pub(crate) const fn new(system: System) -> Self {
        Self { system, types: Bounded::new(TYPES_MAX), peers: Bounded::new(PEERS_MAX) }
    }

    /// What there is to say now. Of a node that doesn't answer in time its registry is left out.
    pub(crate) async fn sample(&mut self) -> Sample {
        let mut sample = Sample::default();
        self.actors(&mut sample);
        let system = self.system.clone();
        if let Some(remote) = remote_of(&system) {
            messages(remote, &mut sample);
            self.connections(remote, &mut sample);
            members(remote, &mut sample);
            self.registry(remote, &mut sample).await;
        }
        sample
    }

    fn actors(&mut self, sample: &mut Sample) {
        let infos = self.system.actor_types();
        self.types.keep(infos.iter().map(|info| info.actor_type));
        let figures: [(&Metric, Figure); 9] = [
            (&table::ACTORS, |info| info.actors as f64),
            (&table::HANDLED, |info| info.handled as f64),
            (&table::REFUSED, |info| info.refused as f64),
            (&table::OVERLOADED, |info| info.overloaded as f64),
            (&table::BUSY, |info| info.busy.as_secs_f64()),
            (&table::DEPTH, |info| info.mailbox_depth as f64),
            (&table::DEPTH_MAX, |info| info.mailbox_depth_max as f64),
            (&table::PANICS, |info| info.panics as f64),
            (&table::RESTARTS, |info| info.restarts as f64),
        ];
        for (metric, figure) in figures {
            self.types.add(sample, metric, infos.iter().map(|info| (info.actor_type, figure(info))));
        }
    }

    fn connections(&mut self, remote: &Remote, sample: &mut Sample) {
        let carried = remote.shared.gauges.carried();
        self.peers.keep(carried.iter().map(|(peer, ..)| peer.name.as_str()));
        let mut add = |metric, figure: fn(&crate::cluster::gauges::Carried) -> u64| {
            let values =
                carried.iter().map(|(peer, carried, _)| (peer.name.as_str(), figure(carried) as f64));
            self.peers.add(sample, metric, values);
        };
        add(&table::PEER_SENT, |carried| carried.bytes_sent);
        add(&table::PEER_RECEIVED, |carried| carried.bytes_received);
        add(&table::PEER_PACKETS, |carried| carried.packets_sent);
        add(&table::PEER_LOST, |carried| carried.packets_lost);
        let now = || carried.iter().filter_map(|(peer, _, now)| Some((peer.name.as_str(), now.as_ref()?)));
        let rtts = now().map(|(peer, now)| (peer, now.rtt.as_secs_f64()));
        self.peers.add(sample, &table::PEER_RTT, rtts);
        let streams = now().map(|(peer, now)| (peer, f64::from(now.streams_open)));
        self.peers.add(sample, &table::PEER_STREAMS, streams);
    }

    async fn registry(&self, remote: &Remote, sample: &mut Sample) {
        sample.add(&table::KNOWN, Value::Gauge(remote.actors_elsewhere() as f64));
        let asked_at = Instant::now();
        let Ok(Some(stats)) = tokio::time::timeout(DRIVER_WAIT, remote.stats()).await else { return };
        let took = asked_at.elapsed();
        let registry = stats.registry;
        for (metric, value) in [
            (&table::TOLD, registry.live),
            (&table::LOG_OPS, registry.kept_ops),
            (&table::LOG_BYTES, registry.kept_bytes),
        ] {
            sample.add(metric, Value::Gauge(value as f64));
        }
        for (metric, value) in [
            (&table::CHANGES, registry.head),
            (&table::DIVERGED, registry.counters.divergences),
            (&table::HEALED, registry.counters.divergences_healed),
            (&table::GAPS, registry.counters.gaps),
            (&table::SNAPSHOTS, registry.counters.snapshots_applied),
        ] {
            sample.add(metric, Value::Counter(value));
        }
        let lags = || stats.peers.iter().filter_map(|(peer, lag)| Some((peer.name.as_str(), lag.as_ref()?)));
        self.peers.add(sample, &table::UNHEARD, lags().map(|(peer, lag)| (peer, lag.unheard as f64)));
        self.peers.add(sample, &table::MISSING, lags().map(|(peer, lag)| (peer, lag.missing as f64)));
        sample.add(&table::DRIVER, Value::Gauge(took.as_secs_f64()));
    }
}

fn messages(remote: &Remote, sample: &mut Sample) {
    let counters = &remote.shared.counters;
    for (answer, count) in counters.answers() {
        sample.add_labelled(&table::ASKS, answer.name(), Value::Counter(count));
    }
    sample.add(&table::ASK_SECONDS, Value::Histogram(counters.latency.buckets().collect()));
    for (metric, side) in [(&table::REFUSED_TO_US, Side::Asking), (&table::REFUSED_BY_US, Side::Serving)] {
        for (refusal, count) in counters.refusals(side) {
            sample.add_labelled(metric, refusal.name(), Value::Counter(count));
        }
    }
    for (label, side) in [("here", Side::Asking), ("there", Side::Serving)] {
        let [opened, shed] = counters.streams(side);
        sample.add_labelled(&table::STREAMS_OPENED, label, Value::Counter(opened));
        sample.add_labelled(&table::STREAMS_SHED, label, Value::Counter(shed));
    }
}

fn members(remote: &Remote, sample: &mut Sample) {
    let members = remote.members();
    let count = |wanted: MemberState| members.iter().filter(|(_, state)| *state == wanted).count();
    for (state, name) in STATES {
        sample.add_labelled(&table::MEMBERS, name, Value::Gauge(count(state) as f64));
    }
    for (name, count) in remote.shared.counters.changes() {
        sample.add_labelled(&table::MEMBER_CHANGES, name, Value::Counter(count));
    }
}

/// Types of actors that have series of their own.
pub(super) const TYPES_MAX: usize = 64;
/// Other nodes that have.
pub(super) const PEERS_MAX: usize = 128;
/// How long the node's network may take to say how it is doing. Longer than any turn of it that is in order.
pub(crate) const DRIVER_WAIT: Duration = Duration::from_secs(2);
