//! Whether the figures are true, and whether the documents name all of them.

use std::collections::BTreeMap;
use std::time::Duration;

use murmer_core::{ActorOptions, Delivery, System};
use murmer_transport::MemNetwork;

use super::actors::{Watched, WatchedExt};
use super::nodes::node;
use super::{get, page, service};
use crate::metrics::table::{ALL, Kind};
use crate::{Endpoint, Supervision};

const DOCUMENT: &str = include_str!("../../../../../docs/guide/metrics.md");

/// Type and label by name, as the document has them.
fn documented() -> BTreeMap<&'static str, (&'static str, &'static str)> {
    let rows = DOCUMENT.lines().filter(|line| line.starts_with("| `murmer_"));
    let rows = rows.map(|row| {
        let cells: Vec<_> = row.split('|').map(|cell| cell.trim().trim_matches('`')).collect();
        assert_eq!(cells.len(), 7, "{row}");
        (cells[1], (cells[2], cells[3]))
    });
    rows.collect()
}

/// The same, as a page has them.
fn rendered(page: &str) -> BTreeMap<&str, (&str, &str)> {
    let kinds = page.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
    let label = |name: &str| {
        let mut series = page.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix('{'));
        series.next().and_then(|labels| labels.split_once('=')).map_or("", |(label, _)| label)
    };
    kinds.map(|(name, kind)| (name, (kind, label(name)))).collect()
}

async fn found(system: &System, label: &str) -> Endpoint<Watched> {
    for _ in 0..100 {
        if let Some(probe) = system.lookup(label) {
            return probe;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{label} is not found");
}

#[tokio::test(start_paused = true)]
async fn the_document_names_all_that_there_is_and_nothing_else() {
    let network = MemNetwork::new(1);
    let alpha = node(&network, 1, &[]).await;
    let beta = node(&network, 2, &[1]).await;
    alpha.start("probe", Watched, ());
    found(&beta, "probe").await.echo(1).await.unwrap();
    let (_, page) = get(&service(&alpha), "/metrics").await;
    assert_eq!(documented(), rendered(&page));
    for metric in ALL {
        let help = format!("# HELP {} {}", metric.name, metric.help);
        assert!(page.lines().any(|line| line == help), "{help}");
        let is_total = metric.name.ends_with("_total");
        assert_eq!(is_total, metric.kind == Kind::Counter, "{} by its name", metric.name);
    }
}

#[tokio::test(start_paused = true)]
async fn what_actors_do_is_counted_also_after_their_end() {
    let system = System::local();
    let service = service(&system);
    let name = format!("{{actor_type=\"{}\"}}", <Watched as crate::Handlers>::TYPE);
    for label in ["one", "two"] {
        let probe = system.start(label, Watched, ());
        for n in 0..10 {
            probe.echo(n).await.unwrap();
        }
    }
    let supervision = Supervision::permanent();
    let mortal = system.supervise("mortal", supervision, || (Watched, ()));
    assert!(mortal.fail().await.is_err());
    mortal.echo(1).await.unwrap();
    system.stop_and_wait("one").await;
    let busy = system.lookup::<Watched>("two").unwrap();
    busy.nap(Duration::from_secs(60)).tell().await.unwrap();
    tokio::task::yield_now().await;
    for n in 0..3 {
        busy.echo(n).tell().await.unwrap();
    }
    let before = page(&service).await;
    let figure = |page: &BTreeMap<String, f64>, metric: &str| page[&format!("{metric}{name}")];
    for (metric, expected) in [
        ("murmer_actors", 2.0),
        ("murmer_messages_handled_total", 22.0),
        ("murmer_mailbox_depth", 4.0),
        ("murmer_mailbox_depth_max", 4.0),
        ("murmer_actor_panics_total", 1.0),
        ("murmer_actor_restarts_total", 1.0),
        ("murmer_messages_refused_total", 0.0),
        ("murmer_mailbox_overloads_total", 0.0),
    ] {
        assert_eq!(figure(&before, metric), expected, "{metric}");
    }
    busy.control().stop();
    busy.ended().await;
    let after = page(&service).await;
    assert_eq!(figure(&after, "murmer_messages_refused_total"), 3.0);
    assert_eq!(figure(&after, "murmer_messages_handled_total"), 23.0);
    assert!(figure(&after, "murmer_actor_busy_seconds") >= figure(&before, "murmer_actor_busy_seconds"));
    let prepared = system.prepare::<Watched>("full", ActorOptions::default().mailbox(1)).unwrap();
    let full = prepared.endpoint();
    full.echo(1).tell().await.unwrap();
    assert!(full.echo(2).await.is_err());
    assert_eq!(figure(&page(&service).await, "murmer_mailbox_overloads_total"), 1.0);
}

#[tokio::test(start_paused = true)]
async fn what_passes_between_nodes_is_counted_on_both_sides() {
    let network = MemNetwork::new(1);
    let alpha = node(&network, 1, &[]).await;
    let beta = node(&network, 2, &[1]).await;
    let (here, there) = (service(&beta), service(&alpha));
    alpha.start("probe", Watched, ());
    let probe = found(&beta, "probe").await;
    for n in 0..64 {
        probe.echo(n).await.unwrap();
    }
    let late = probe.nap(Duration::from_secs(60)).timeout(Duration::from_secs(1)).await.unwrap_err();
    assert_eq!(late.delivery(), Delivery::Maybe);
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(probe.fail().await.unwrap_err().delivery(), Delivery::Handled);
    let page_here = page(&here).await;
    for (series, expected) in [
        ("murmer_remote_asks_total{outcome=\"answered\"}", 64.0),
        ("murmer_remote_asks_total{outcome=\"given_up\"}", 1.0),
        ("murmer_remote_asks_total{outcome=\"maybe\"}", 0.0),
        ("murmer_remote_asks_total{outcome=\"handled\"}", 1.0),
        ("murmer_remote_asks_total{outcome=\"never\"}", 0.0),
        ("murmer_remote_ask_seconds_count", 8.0),
        ("murmer_streams_opened_total{side=\"here\"}", 1.0),
        ("murmer_streams_opened_total{side=\"there\"}", 0.0),
        ("murmer_members{state=\"up\"}", 1.0),
        ("murmer_member_changes_total{state=\"up\"}", 1.0),
        ("murmer_registry_divergences_total", 0.0),
        ("murmer_registry_missing_changes{peer=\"alpha\"}", 0.0),
    ] {
        assert_eq!(page_here[series], expected, "{series}");
    }
    assert!(page_here["murmer_peer_sent_bytes_total{peer=\"alpha\"}"] > 640.0);
    // That the probe is over is news.
    assert_eq!(page(&there).await["murmer_registry_unheard_changes{peer=\"beta\"}"], 1.0);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let page_there = page(&there).await;
    assert_eq!(page_there["murmer_streams_opened_total{side=\"there\"}"], 1.0);
    assert_eq!(page_there["murmer_registry_changes_total"], 2.0);
    assert_eq!(page_there["murmer_registry_unheard_changes{peer=\"beta\"}"], 0.0);
    assert!(page_there["murmer_peer_received_bytes_total{peer=\"beta\"}"] > 640.0);
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_is_counted_by_its_reason() {
    let network = MemNetwork::new(1);
    let alpha = node(&network, 1, &[]).await;
    let beta = node(&network, 2, &[1]).await;
    let service = service(&beta);
    alpha.start("probe", Watched, ());
    let probe = found(&beta, "probe").await;
    probe.echo(1).await.unwrap();
    alpha.stop_and_wait("probe").await;
    assert_eq!(probe.echo(2).await.unwrap_err().delivery(), Delivery::Never);
    alpha.shutdown().await;
    assert_eq!(probe.echo(3).await.unwrap_err().delivery(), Delivery::Never);
    let page = page(&service).await;
    for (series, expected) in [
        ("murmer_remote_refusals_total{reason=\"stopped\"}", 1.0),
        ("murmer_remote_refusals_total{reason=\"unreachable\"}", 1.0),
        ("murmer_remote_refusals_total{reason=\"overloaded\"}", 0.0),
        ("murmer_member_changes_total{state=\"left\"}", 1.0),
        ("murmer_registry_actors_known", 0.0),
    ] {
        assert_eq!(page[series], expected, "{series}");
    }
}
