//! What is announced, as anybody on the network can read it.

use std::time::Instant;

use murmer_wire::{Incarnation, NodeId, NodeName};
use tokio::sync::{mpsc, watch};

use super::*;
use crate::cluster::discovery::{Hint, News};

fn node(name: &str, port: u16) -> Whereabouts {
    let id = NodeId { name: NodeName::new(name).unwrap(), incarnation: Incarnation::from(7) };
    Whereabouts::new(id, SocketAddr::from(([127, 0, 0, 1], port)), None)
}

/// Another name for each test of each process: they share one network.
fn cluster(test: &str) -> String {
    format!("{test} of process {}", std::process::id())
}

struct Searching {
    hints: mpsc::Receiver<Hint>,
    is_leaving: watch::Sender<bool>,
    search: tokio::task::JoinHandle<()>,
}

fn search(cluster: &str, node: Whereabouts) -> Searching {
    let (said, hints) = mpsc::channel(64);
    let (is_leaving, leaves) = watch::channel(false);
    let (mdns, hints_of) = (Mdns::new(cluster), Hints::new(0, said, leaves, watch::Sender::new(())));
    let search = tokio::spawn(async move { mdns.search(&node, &hints_of).await });
    Searching { hints, is_leaving, search }
}

async fn next(searching: &mut Searching) -> Hint {
    tokio::time::timeout(Duration::from_secs(20), searching.hints.recv()).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_neighbour_is_found_and_one_that_leaves_is_gone() {
    let cluster = cluster("found and gone");
    let mut one = search(&cluster, node("alpha", 1_111));
    let mut two = search(&cluster, node("beta", 2_222));
    let (found_by_one, found_by_two) = (next(&mut one).await, next(&mut two).await);
    for (hint, port) in [(&found_by_one, 2_222), (&found_by_two, 1_111)] {
        let News::Found(seeds) = &hint.news else { panic!("{hint:?}") };
        assert_eq!(seeds, &[SocketAddr::from(([127, 0, 0, 1], port)).into()]);
    }
    let left_at = Instant::now();
    two.is_leaving.send_replace(true);
    two.search.await.unwrap();
    let mut gone = next(&mut one).await;
    while matches!(gone.news, News::Found(_)) {
        gone = next(&mut one).await; // as it is told every now and then
    }
    assert_eq!(gone.name, found_by_one.name);
    // Long before what it announced expires.
    assert!(left_at.elapsed() < Duration::from_secs(20));
    one.search.abort();
}

#[tokio::test]
async fn those_of_other_clusters_and_oneself_are_not_found() {
    let mut alone = search(&cluster("alone"), node("alpha", 1_111));
    let (mut other, mut its_peer) =
        (search(&cluster("other"), node("beta", 2_222)), search(&cluster("other"), node("gamma", 3_333)));
    next(&mut other).await;
    next(&mut its_peer).await;
    // By now all three have heard each other's announcements, and their own.
    assert!(alone.hints.try_recv().is_err());
    for searching in [&mut other, &mut its_peer] {
        let name = next(searching).await.name;
        while let Ok(hint) = searching.hints.try_recv() {
            assert_eq!(hint.name, name, "there is one other");
        }
    }
    for searching in [alone, other, its_peer] {
        searching.search.abort();
    }
}

#[tokio::test]
async fn nothing_that_is_announced_names_the_node_or_the_cluster() {
    let cluster = cluster("nothing is named");
    let searching = search(&cluster, node("the-name-of-the-node", 1_111));
    let daemon = mdns_sd::ServiceDaemon::new().unwrap();
    daemon.disable_interface(mdns_sd::IfKind::All).unwrap();
    daemon.enable_interface(mdns_sd::IfKind::LoopbackV4).unwrap();
    let events = daemon.browse("_murmer._udp.local.").unwrap();
    let fingerprint = Mdns::new(&cluster).fingerprint;
    let heard = loop {
        let event =
            tokio::time::timeout(Duration::from_secs(20), events.recv_async()).await.unwrap().unwrap();
        if let ServiceEvent::ServiceResolved(service) = event
            && service.get_property_val_str(KEY_CLUSTER) == Some(&fingerprint)
        {
            break service;
        }
    };
    let keys: Vec<_> = heard.txt_properties.iter().map(|property| property.key().to_owned()).collect();
    assert_eq!(keys, [KEY_VERSION, KEY_CLUSTER]);
    let all = format!("{heard:?}");
    for secret in ["the-name", "nothing is named", "alpha"] {
        assert!(!all.contains(secret), "{all}");
    }
    daemon.shutdown().unwrap().recv_async().await.unwrap();
    searching.search.abort();
}

#[tokio::test]
async fn a_network_that_says_too_much_is_listened_to_no_longer() {
    let cluster = cluster("too much");
    let announcer = search(&cluster, node("alpha", 1_111));
    let (said, mut hints) = mpsc::channel(64);
    let (_is_leaving, leaves) = watch::channel(false);
    let hints_of = Hints::new(0, said, leaves, watch::Sender::new(()));
    let mdns = Mdns { records_max: 3, ..Mdns::new(&cluster) };
    // One neighbour is announced by four records.
    let beta = node("beta", 2_222);
    let listened = mdns.listen(&beta, &hints_of);
    let ended = tokio::time::timeout(Duration::from_secs(20), listened).await.unwrap();
    assert!(matches!(ended, End::Flooded), "{ended:?}");
    hints.close();
    announcer.search.abort();
}

#[test]
fn a_fingerprint_is_another_for_another_name_and_the_same_everywhere() {
    assert_eq!(Mdns::new("production").fingerprint, "741e2e4ef8c6a40c");
    assert_ne!(Mdns::new("production").fingerprint, Mdns::new("staging").fingerprint);
}
