//! A node whose runtime is kept busy by something that does not yield.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use murmer::cluster::MemberState;
use murmer::prelude::*;

use super::bed::{Bed, OverQuic, found, meshed};
use super::run;
use crate::actors::{Probe, ProbeExt};

/// Longer than a node that says nothing is held to be reachable.
const BUSY: Duration = Duration::from_secs(7);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_whose_workers_are_all_busy_for_seconds_stays_a_member() {
    run(async |bed: &mut Bed<OverQuic>| {
        let beta = bed.node("beta", &[]).await;
        let config = bed.config("alpha", &["beta"]).build().unwrap();
        let (get_busy, is_to_be_busy) = mpsc::channel::<()>();
        let (end, is_over) = mpsc::channel::<()>();
        let alpha = thread::spawn(move || {
            let mut builder = tokio::runtime::Builder::new_multi_thread();
            let runtime = builder.worker_threads(2).enable_all().build().unwrap();
            let system = runtime.block_on(System::clustered_auto(config)).unwrap();
            system.start("a", Probe, Vec::new());
            is_to_be_busy.recv().unwrap();
            for _ in 0..2 {
                // What no task should do.
                runtime.spawn(async { thread::sleep(BUSY) });
            }
            is_over.recv().unwrap();
            runtime.block_on(system.shutdown());
        });
        meshed(&beta, &["alpha"]).await;
        let a = found(&beta, "a").await;
        a.echo(1).await.unwrap();
        get_busy.send(()).unwrap();
        let begun = Instant::now();
        while begun.elapsed() < BUSY {
            let states: Vec<_> = beta.members().iter().map(|(_, state)| *state).collect();
            // Once suspected it says that it lives.
            assert!(matches!(states[..], [MemberState::Up | MemberState::Suspect]), "{states:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(a.echo(2).await.unwrap(), 2, "over the connection there was");
        end.send(()).unwrap();
        tokio::task::spawn_blocking(|| alpha.join().unwrap()).await.unwrap();
    })
    .await;
}
