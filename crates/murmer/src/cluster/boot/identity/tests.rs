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
