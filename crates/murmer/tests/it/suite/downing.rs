//! Splits under the policies that don't let each side go on.

use std::time::Duration;

use murmer::cluster::config::Downing;
use murmer::cluster::{Departure, DownError, MemberState};
use murmer::prelude::*;
use murmer::{Delivery, SendError};
use tokio::time::{Instant, sleep};

use super::bed::{Bed, InMemory, found, meshed, up};
use super::run;
use crate::actors::{Probe, ProbeExt};
use crate::wait::until;

const NAMES: [&str; 5] = ["n0", "n1", "n2", "n3", "n4"];

/// Five nodes, each with an actor under its own name as label.
async fn five(bed: &mut Bed<InMemory>, policy: Downing) -> Vec<System> {
    let mut nodes = Vec::new();
    for name in NAMES {
        let config = bed.config(name, if name == "n0" { &[] } else { &["n0"] }).downing(policy);
        let node = bed.start(name, config).await.unwrap();
        node.start(name, Probe, vec![]);
        nodes.push(node);
    }
    for (node, name) in nodes.iter().zip(NAMES) {
        let others: Vec<_> = NAMES.into_iter().filter(|other| *other != name).collect();
        meshed(node, &others).await;
        for other in others {
            found(node, other).await;
        }
    }
    nodes
}

fn split(bed: &mut Bed<InMemory>, west: &[&str], east: &[&str]) {
    for (a, b) in west.iter().flat_map(|a| east.iter().map(move |b| (a, b))) {
        let (a, b) = (bed.addr(a), bed.addr(b));
        bed.network().partition(a, b);
    }
}

#[tokio::test(start_paused = true)]
async fn a_minority_leaves_by_itself_and_the_majority_goes_on() {
    run(async |bed: &mut Bed<InMemory>| {
        let nodes = five(bed, Downing::keep_majority()).await;
        let (n2_at_n0, n1_at_n0) = (found(&nodes[0], "n2").await, found(&nodes[0], "n1").await);
        let n0_at_n2 = found(&nodes[2], "n0").await;
        split(bed, &["n0", "n1"], &["n2", "n3", "n4"]);
        let split_at = Instant::now();
        for node in &nodes[..2] {
            assert_eq!(node.left().await, Departure::Minority);
            assert!(split_at.elapsed() < Duration::from_secs(40), "{:?}", split_at.elapsed());
            assert!(node.members().is_empty());
        }
        assert!(nodes[2].lookup::<Probe>("n0").is_some(), "they go first");
        for far in [&n2_at_n0, &n1_at_n0] {
            let error = far.echo(1).await.unwrap_err();
            assert_eq!(error.delivery(), Delivery::Never, "{error:?}");
        }
        let own = nodes[0].lookup::<Probe>("n0").unwrap();
        assert_eq!(own.echo(2).await.unwrap(), 2, "its own live on");
        assert_eq!(n0_at_n2.ended().await, StopReason::NodeDown);
        for (node, rest) in nodes[2..].iter().zip([["n3", "n4"], ["n2", "n4"], ["n2", "n3"]]) {
            until("the others are down", Duration::from_secs(30), || node.labels("*").len() == 3).await;
            assert_eq!(up(node), rest);
            assert_eq!(found(node, rest[0]).await.echo(3).await.unwrap(), 3);
        }
        // The two come back as new processes, and so as new members.
        bed.network().heal_all();
        bed.addr("later");
        let config = bed.config("later", &["n3"]).name("n0").downing(Downing::keep_majority());
        let later = bed.start("later", config).await.unwrap();
        meshed(&later, &["n2", "n3", "n4"]).await;
        meshed(&nodes[2], &["n0", "n3", "n4"]).await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_split_that_is_over_in_time_costs_nobody_under_a_majority() {
    run(async |bed: &mut Bed<InMemory>| {
        let nodes = five(bed, Downing::keep_majority()).await;
        split(bed, &["n0", "n1"], &["n2", "n3", "n4"]);
        sleep(Duration::from_secs(15)).await;
        let unreachable = |node: &System| {
            node.members().iter().filter(|(_, state)| *state == MemberState::Unreachable).count()
        };
        assert_eq!((unreachable(&nodes[0]), unreachable(&nodes[2])), (3, 2));
        bed.network().heal_all();
        meshed(&nodes[0], &NAMES[1..]).await;
        sleep(Duration::from_secs(60)).await;
        for node in &nodes {
            assert_eq!(node.labels("*").len(), 5);
            assert!(tokio::time::timeout(Duration::ZERO, node.left()).await.is_err());
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn one_that_an_operator_calls_down_by_mistake_is_back_on_contact() {
    run(async |bed: &mut Bed<InMemory>| {
        let nodes = five(bed, Downing::Manual).await;
        let n4 = nodes[4].node().clone();
        assert_eq!(nodes[0].down(&n4).await, Err(DownError::Reachable));
        split(bed, &["n4"], &NAMES[..4]);
        sleep(Duration::from_secs(180)).await;
        let at_n0 = nodes[0].lookup::<Probe>("n4").expect("nobody says that it is down");
        assert!(matches!(at_n0.echo(1).await, Err(SendError::Unreachable { .. })));
        nodes[0].down(&n4).await.unwrap();
        nodes[0].down(&n4).await.unwrap();
        assert_eq!(at_n0.ended().await, StopReason::NodeDown);
        assert!(nodes[0].lookup::<Probe>("n4").is_none() && nodes[1].lookup::<Probe>("n4").is_some());
        bed.network().heal_all();
        meshed(&nodes[0], &NAMES[1..]).await;
        assert_eq!(found(&nodes[0], "n4").await.echo(2).await.unwrap(), 2);
        nodes[4].shutdown().await;
        until("it has left", Duration::from_secs(5), || up(&nodes[0]).len() == 3).await;
        assert_eq!(nodes[0].down(&n4).await, Err(DownError::NotAMember));
        assert_eq!(System::local().down(&n4).await, Err(DownError::NotAMember));
        assert_eq!(nodes[4].down(nodes[0].node()).await, Err(DownError::NotAMember));
    })
    .await;
}
