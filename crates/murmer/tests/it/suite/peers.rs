//! What a node can read of its connections.

use std::time::Duration;

use murmer::cluster::PeerInfo;
use murmer::prelude::*;

use super::bed::{Bed, World, found, meshed};
use crate::actors::{Probe, ProbeExt};
use crate::wait::until;

pub(super) async fn the_figures_of_a_peer_s_connection_grow<W: World>(bed: &mut Bed<W>) {
    let (alpha, beta) = bed.pair().await;
    alpha.start("probe", Probe, vec![]);
    let probe = found(&beta, "probe").await;
    let before = only_peer(&beta);
    assert_eq!((&before.id, before.addr), (alpha.node(), bed.addr("alpha")));
    for n in 0..100 {
        probe.echo(n).await.unwrap();
    }
    let (here, there) = (only_peer(&beta), only_peer(&alpha));
    assert_eq!(there.id, *beta.node());
    assert!(here.connection.bytes_sent >= before.connection.bytes_sent + 400, "{before:?} {here:?}");
    assert!(here.connection.bytes_received >= before.connection.bytes_received + 400, "{before:?} {here:?}");
    assert!(there.connection.bytes_received >= 400, "{there:?}");
    // Control, registry, and the probe's.
    assert_eq!((here.connection.streams_open, there.connection.streams_open), (3, 3));
}

pub(super) async fn a_peer_that_is_gone_is_no_peer<W: World>(bed: &mut Bed<W>) {
    let alpha = bed.node("alpha", &[]).await;
    let beta = bed.mortal_node("beta", &["alpha"]).await;
    let gamma = bed.node("gamma", &["alpha"]).await;
    meshed(&alpha, &["beta", "gamma"]).await;
    until("both are connected", SOON, || alpha.peers().len() == 2).await;
    bed.kill("beta", beta).await;
    until("one is not", SOON, || alpha.peers().len() == 1).await;
    assert_eq!(only_peer(&alpha).id, *gamma.node());
    alpha.shutdown().await;
    assert!(alpha.peers().is_empty());
    assert!(System::local().peers().is_empty());
}

fn only_peer(system: &System) -> PeerInfo {
    let peers = system.peers();
    assert_eq!(peers.len(), 1, "{peers:?}");
    peers.into_iter().next().unwrap()
}

/// More than it takes to give up on a node.
const SOON: Duration = Duration::from_secs(20);
