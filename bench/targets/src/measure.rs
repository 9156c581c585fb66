//! What is done to the cluster in each round, what is waited for, and how long that may take.

use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::cluster::{Cluster, name};

/// One thing that can be done to a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Measure {
    Registration,
    Crash,
    Leave,
    RestartWithSeed,
    RestartWithoutSeed,
    RestartAfterDown,
    Pause,
    Cut,
    CutOneWay,
}

/// What is waited for, and how long it may take.
pub(crate) struct Bound {
    pub(crate) what: &'static str,
    pub(crate) max: Duration,
}

impl Measure {
    pub(crate) const ALL: [Self; 9] = [
        Self::Registration,
        Self::Crash,
        Self::Leave,
        Self::RestartWithSeed,
        Self::RestartWithoutSeed,
        Self::RestartAfterDown,
        Self::Pause,
        Self::Cut,
        Self::CutOneWay,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Registration => "registration",
            Self::Crash => "crash",
            Self::Leave => "leave",
            Self::RestartWithSeed => "restart",
            Self::RestartWithoutSeed => "restart-unseeded",
            Self::RestartAfterDown => "restart-later",
            Self::Pause => "pause",
            Self::Cut => "cut",
            Self::CutOneWay => "cut-one-way",
        }
    }

    /// Whether lines have to be cut for it.
    pub(crate) const fn cuts(self) -> bool {
        matches!(self, Self::Cut | Self::CutOneWay)
    }

    pub(crate) const fn bounds(self) -> &'static [Bound] {
        const fn bound(what: &'static str, millis: u64) -> Bound {
            Bound { what, max: Duration::from_millis(millis) }
        }
        match self {
            Self::Registration => const { &[bound("registered -> answers all others", 50)] },
            Self::Crash => {
                const { &[bound("SIGKILL -> unreachable", 5_000), bound("SIGKILL -> pruned", 8_000)] }
            }
            Self::Leave => const { &[bound("leave -> pruned", 500)] },
            Self::RestartWithSeed => const { &[bound("SIGKILL, restart with seeds -> usable", 3_000)] },
            Self::RestartWithoutSeed => const { &[bound("SIGKILL, restart without -> usable", 3_000)] },
            Self::RestartAfterDown => const { &[bound("restart without, after down -> usable", 3_000)] },
            Self::Pause => const { &[bound("SIGSTOP 12 s, SIGCONT -> converged", 15_000)] },
            Self::Cut => const { &[bound("cut 12 s, healed -> converged", 15_000)] },
            Self::CutOneWay => const { &[bound("cut one way 12 s, healed -> converged", 15_000)] },
        }
    }

    /// Does it once, and leaves the cluster whole. How long each of the bounds took.
    pub(crate) fn round(self, cluster: &mut Cluster, round: usize) -> Result<Vec<Duration>> {
        let victim = round % cluster.len();
        cluster.hush();
        match self {
            Self::Registration => registration(cluster, victim),
            Self::Crash => crash(cluster, victim),
            Self::Leave => leave(cluster, victim),
            Self::RestartWithSeed => restart(cluster, victim, true),
            Self::RestartWithoutSeed => restart(cluster, victim, false),
            Self::RestartAfterDown => {
                cluster.kill(victim)?;
                let others = cluster.others(victim);
                cluster.when_all_say(&others, &format!("member {} Down", name(victim)), PATIENCE)?;
                usable_again(cluster, victim, false)
            }
            Self::Pause => {
                cluster.signal(victim, "STOP")?;
                sleep(FAULT); // tidy: sleep how long the fault lasts
                cluster.signal(victim, "CONT")?;
                converged(cluster)
            }
            Self::Cut => cut(cluster, victim, true),
            Self::CutOneWay => cut(cluster, victim, false),
        }
    }
}

fn registration(cluster: &mut Cluster, node: usize) -> Result<Vec<Duration>> {
    let label = cluster.fresh_label();
    let others = cluster.others(node);
    for other in &others {
        cluster.tell(*other, &format!("expect {label}"))?;
    }
    sleep(BREATH); // tidy: sleep a line to another process takes a moment
    let begun = Instant::now();
    cluster.tell(node, &format!("start {label}"))?;
    let seen = cluster.when_all_say(&others, &format!("seen {label}"), PATIENCE)?;
    Ok(vec![seen - begun])
}

fn crash(cluster: &mut Cluster, node: usize) -> Result<Vec<Duration>> {
    let others = cluster.others(node);
    let begun = Instant::now();
    cluster.kill(node)?;
    let unreachable =
        cluster.when_all_say(&others, &format!("member {} Unreachable", name(node)), PATIENCE)?;
    let pruned = cluster.when_all_say(&others, &format!("gone home/{}", name(node)), PATIENCE)?;
    cluster.boot(node, true)?;
    cluster.together(PATIENCE)?;
    Ok(vec![unreachable - begun, pruned - begun])
}

fn leave(cluster: &mut Cluster, node: usize) -> Result<Vec<Duration>> {
    let others = cluster.others(node);
    let begun = Instant::now();
    let process = cluster.leave(node)?;
    let pruned = cluster.when_all_say(&others, &format!("gone home/{}", name(node)), PATIENCE)?;
    process.wait()?;
    cluster.boot(node, true)?;
    cluster.together(PATIENCE)?;
    Ok(vec![pruned - begun])
}

fn restart(cluster: &mut Cluster, node: usize, with_seed: bool) -> Result<Vec<Duration>> {
    cluster.kill(node)?;
    usable_again(cluster, node, with_seed)
}

fn usable_again(cluster: &mut Cluster, node: usize, with_seed: bool) -> Result<Vec<Duration>> {
    let label = cluster.fresh_label();
    let others = cluster.others(node);
    for other in &others {
        cluster.tell(*other, &format!("expect {label}"))?;
    }
    let begun = Instant::now();
    cluster.boot(node, with_seed)?;
    cluster.tell(node, &format!("start {label}"))?;
    let seen = cluster.when_all_say(&others, &format!("seen {label}"), PATIENCE)?;
    cluster.together(PATIENCE)?;
    Ok(vec![seen - begun])
}

/// Cuts one off from all others, long enough for it to be held dead; or what it sends, from half of them.
fn cut(cluster: &mut Cluster, node: usize, both_ways: bool) -> Result<Vec<Duration>> {
    let others = cluster.others(node);
    let from = if both_ways { &others[..] } else { &others[..others.len() / 2] };
    for other in from {
        cluster.cut(node, *other)?;
        if both_ways {
            cluster.cut(*other, node)?;
        }
    }
    sleep(FAULT); // tidy: sleep how long the fault lasts
    for other in from {
        cluster.heal(node, *other)?;
        if both_ways {
            cluster.heal(*other, node)?;
        }
    }
    converged(cluster)
}

/// New actors everywhere are seen everywhere.
fn converged(cluster: &mut Cluster) -> Result<Vec<Duration>> {
    let begun = Instant::now();
    let together = cluster.together(PATIENCE)?;
    Ok(vec![together - begun])
}

/// How long a pause or a cut lasts: longer than it takes to be held dead.
const FAULT: Duration = Duration::from_secs(12);
/// Far longer than anything may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// So that whoever expects something does so when it comes.
const BREATH: Duration = Duration::from_millis(100);
