//! Nodes over real QUIC, on a network that loses, doubles, reorders and cuts.

use std::time::Duration;

use murmer::cluster::config::{ClusterConfig, ClusterConfigBuilder};
use murmer::prelude::*;
use murmer::transport::{Faults, Limits, QuicConfig, QuicNetwork, QuicTransport, Transport};
use tokio::time::{Instant, sleep};

use crate::actors::{Probe, ProbeExt};
use crate::wait::{eventually, until};

fn config(name: &str) -> ClusterConfigBuilder {
    ClusterConfig::builder().name(name).cookie(format!("the cookie of process {}", std::process::id()))
}

/// Two nodes on `network`, with what is theirs: an actor each, known to the other.
struct Bed {
    network: QuicNetwork,
    addrs: [std::net::SocketAddr; 2],
    systems: [System; 2],
    probes: [Endpoint<Probe>; 2],
}

impl Bed {
    async fn new() -> Self {
        let network = QuicNetwork::new(4711);
        let bind = || network.bind(([127, 0, 0, 1], 0).into(), QuicConfig::default()).unwrap();
        let transports: [QuicTransport; 2] = [bind(), bind()];
        let addrs = [transports[0].local_addr(), transports[1].local_addr()];
        let [one, two] = transports;
        let alpha = System::clustered_on(config("alpha").build().unwrap(), one).await.unwrap();
        let beta = config("beta").seed_nodes([addrs[0].into()]).build().unwrap();
        let beta = System::clustered_on(beta, two).await.unwrap();
        alpha.start("a", Probe, vec![]);
        beta.start("b", Probe, vec![]);
        let a = eventually("a is found", SOON, async || beta.lookup("a")).await;
        let b = eventually("b is found", SOON, async || alpha.lookup("b")).await;
        Self { network, addrs, systems: [alpha, beta], probes: [a, b] }
    }

    async fn end(self) {
        self.network.heal_all();
        self.network.set_faults(Faults::default());
        for system in self.systems {
            system.shutdown().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_keep_their_order_and_get_their_replies_over_a_line_that_loses_and_reorders() {
    let bed = Bed::new().await;
    bed.network.set_faults(Faults {
        delay: Duration::from_millis(2),
        jitter: Duration::from_millis(5),
        loss: 0.03,
        duplication: 0.03,
        ..Faults::default()
    });
    let [a, b] = &bed.probes;
    let asks: Vec<_> = (0..200).map(|n| (n, tokio::spawn(b.echo(n)))).collect();
    for n in 0..500 {
        a.note(n).tell().await.unwrap();
        if n % 50 == 0 {
            // Time for packets to be sent in between.
            sleep(Duration::from_millis(10)).await;
        }
    }
    for (n, ask) in asks {
        assert_eq!(ask.await.unwrap().unwrap(), n);
    }
    assert_eq!(a.noted().await.unwrap(), (0..500).collect::<Vec<_>>());
    let [alpha, beta] = &bed.systems;
    let lost: u64 = [alpha, beta].iter().map(|system| system.peers()[0].connection.packets_lost).sum();
    assert!(lost > 0, "the line was bad");
    bed.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_delays_calls_if_it_is_short_and_is_healed_if_it_is_long() {
    let bed = Bed::new().await;
    let ([a, _], [at_alpha, at_beta]) = (&bed.probes, bed.addrs);
    bed.network.partition(at_alpha, at_beta);
    let asked = tokio::spawn(a.echo(1));
    sleep(Duration::from_millis(300)).await;
    assert!(!asked.is_finished());
    bed.network.heal(at_alpha, at_beta);
    assert_eq!(asked.await.unwrap().unwrap(), 1);

    bed.network.partition(at_alpha, at_beta);
    let [alpha, beta] = &bed.systems;
    until("each is alone", LONG, || beta.labels("a").is_empty() && alpha.labels("b").is_empty()).await;
    assert!(a.echo(2).await.is_err());
    bed.network.heal_all();
    eventually("it is called again", LONG, async || beta.lookup::<Probe>("a")?.echo(3).await.ok()).await;
    bed.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_gives_a_silent_peer_up_when_its_settings_say_so() {
    let limits = Limits { idle_timeout: Duration::from_millis(600), ..Limits::default() };
    let quic = QuicConfig { limits, keep_alive: Duration::from_millis(100), ..QuicConfig::default() };
    let listen = ([127, 0, 0, 1], 0).into();
    let alpha = System::clustered(config("alpha").listen(listen).quic(quic).build().unwrap()).await.unwrap();
    let seed = alpha.local_addr().unwrap();
    let network = QuicNetwork::new(1);
    let transport = network.bind(listen, QuicConfig::default()).unwrap();
    let at_beta = transport.local_addr();
    let beta = config("beta").seed_nodes([seed.into()]).build().unwrap();
    let beta = System::clustered_on(beta, transport).await.unwrap();
    until("they are connected", SOON, || alpha.peers().len() == 1).await;
    network.partition_one_way(at_beta, seed);
    let cut_at = Instant::now();
    until("the connection is given up", SOON, || alpha.peers().is_empty()).await;
    // By default it takes 8 s, and SWIM some 5 s.
    assert!(cut_at.elapsed() < Duration::from_millis(2_500), "{:?}", cut_at.elapsed());
    network.heal_all();
    beta.shutdown().await;
    alpha.shutdown().await;
}

const SOON: Duration = Duration::from_secs(10);
/// More than a node takes to be pruned, or dialed again.
const LONG: Duration = Duration::from_secs(30);
