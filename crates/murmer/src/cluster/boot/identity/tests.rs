//! Where a node says it is found, by what is known about it.

use std::future::{pending, ready};

use tokio::time::Instant;

use super::*;

const NOWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 7_100);

fn config() -> crate::cluster::config::ClusterConfigBuilder {
    ClusterConfig::builder().cookie("a cookie for tests")
}

#[tokio::test(start_paused = true)]
async fn a_name_server_that_never_answers_holds_up_the_start_for_a_second() {
    let begun = Instant::now();
    let error = leading_to(pending()).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    assert_eq!(begun.elapsed(), RESOLVE_WAIT);
}

#[tokio::test]
async fn a_seed_without_an_address_leads_nowhere() {
    let error = leading_to(ready(Ok(vec![]))).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
}

#[tokio::test]
async fn what_is_set_comes_before_where_it_listens_before_what_leads_to_the_seed() {
    let set: SocketAddr = "192.0.2.1:1".parse().unwrap();
    let listening: SocketAddr = "192.0.2.2:2".parse().unwrap();
    let seeded = config().seed_nodes(["127.0.0.2:9".parse().unwrap()]);
    let both = seeded.clone().advertise(set).build().unwrap();
    let seeded = seeded.build().unwrap();
    assert_eq!(advertised(&both, listening).await, set);
    assert_eq!(advertised(&seeded, listening).await, listening);
    assert!(advertised(&seeded, NOWHERE).await.ip().is_loopback());
    assert_eq!(advertised(&config().build().unwrap(), NOWHERE).await, "127.0.0.1:7100".parse().unwrap());
}

#[cfg(feature = "mdns")]
#[test]
fn a_node_without_a_name_that_leaves_its_address_to_others_is_not_called_like_each_of_them() {
    use crate::cluster::discovery::Discovery;

    let name = |config: ClusterConfig| {
        identity(&config, "127.0.0.1:7100".parse().unwrap(), Incarnation::from(1)).name.to_string()
    };
    assert_eq!(name(config().build().unwrap()), "127.0.0.1-7100");
    let searching = config().discovery(Discovery::mdns("test"));
    let listening = searching.clone().listen("127.0.0.1:7100".parse().unwrap());
    assert_eq!(name(listening.build().unwrap()), "127.0.0.1-7100");
    let called = name(searching.build().unwrap());
    let leads_out = facing(SocketAddr::new(ELSEWHERE_V4.into(), 9)).is_ok_and(|ip| !ip.is_loopback());
    assert!(called.ends_with("-7100") && (called != "127.0.0.1-7100" || !leads_out), "{called}");
}
