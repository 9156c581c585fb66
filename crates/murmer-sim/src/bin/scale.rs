//! How a large cluster does: `cargo run --release -p murmer-sim --bin scale -- 200 100000`.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use murmer_sim::{Bytes, Scale};

fn main() -> ExitCode {
    let numbers: Vec<usize> = std::env::args().skip(1).filter_map(|arg| arg.parse().ok()).collect();
    let [nodes, actors] = numbers[..] else {
        eprintln!("scale NODES ACTORS: how many of each, actors in all");
        return ExitCode::FAILURE;
    };
    if !(2..=1_024).contains(&nodes) {
        eprintln!("scale {nodes} {actors}: there can be 2 to 1,024 nodes");
        return ExitCode::FAILURE;
    }
    match figures(nodes, actors) {
        Some(()) => ExitCode::SUCCESS,
        None => {
            eprintln!("the nodes don't agree within {PATIENCE:?}");
            ExitCode::FAILURE
        }
    }
}

/// `None` if the nodes don't come to agree.
fn figures(nodes: usize, actors: usize) -> Option<()> {
    let began = Instant::now();
    println!("{nodes} nodes, {actors} actors, {ROUND_TRIP:?} there and back");
    println!("| after | agree within | round trips | bytes per change and node | MB sent per node |");
    println!("|---|---|---|---|---|");
    let mut scale = Scale::new(nodes, actors);
    let took = scale.converge(PATIENCE)?;
    row("the start", nodes, actors, took, scale.sent());
    scale.run(Duration::from_secs(20));

    let before = scale.sent();
    let changes = scale.churn();
    let took = scale.converge(PATIENCE)?;
    row("1 % churn", nodes, changes, took, scale.sent().since(before));
    scale.run(Duration::from_secs(20));

    scale.cut();
    scale.run(Duration::from_secs(30));
    let before = scale.sent();
    scale.heal();
    let took = scale.converge(PATIENCE)?;
    row("30 s in two halves", nodes, actors, took, scale.sent().since(before));
    scale.run(Duration::from_secs(60));
    let doubts = scale.has_doubts();

    let (before, span) = (scale.sent(), Duration::from_secs(60));
    scale.run(span);
    let Bytes { registry, swim, control } = scale.sent().since(before);
    let per = |bytes: u64| bytes as f64 / nodes as f64 / span.as_secs_f64();
    println!(
        "idle, per node: {:.0} B/s, of which SWIM {:.0}, registry {:.0}, control {:.0}",
        per(registry + swim + control),
        per(swim),
        per(registry),
        per(control)
    );
    println!("members in doubt at the end: {}", if doubts { "SOME" } else { "none" });
    println!("resident {:.2} GiB, {:.0} s of this machine", resident_gib(), began.elapsed().as_secs_f64());
    Some(())
}

fn row(what: &str, nodes: usize, changes: usize, took: Duration, sent: Bytes) {
    let trips = took.as_secs_f64() / ROUND_TRIP.as_secs_f64();
    let per_change = sent.registry as f64 / changes.max(1) as f64 / (nodes - 1) as f64;
    let per_node = sent.sum() as f64 / nodes as f64 / 1e6;
    println!("| {what} | {took:.2?} | {trips:.0} | {per_change:.1} | {per_node:.2} |");
}

/// The most memory this process has had.
fn resident_gib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or(f64::NAN) / (1 << 20) as f64
}

const ROUND_TRIP: Duration = Duration::from_millis(1);
/// Of virtual time.
const PATIENCE: Duration = Duration::from_secs(300);
