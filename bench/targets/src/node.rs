//! One process of the cluster: does what its standard input says, and prints what it sees of the others.
//!
//! ```text
//! in    start LABEL · expect LABEL · whole OTHERS · leave
//! out   ready · member NAME STATE · seen LABEL · gone LABEL · whole OTHERS
//! ```

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use murmer::cluster::MemberState;
use murmer::cluster::config::ClusterConfig;
use murmer::prelude::*;
use tokio::io::{AsyncBufReadExt, BufReader};

struct Probe;
impl Actor for Probe {
    type State = ();
}

#[handlers]
impl Probe {
    #[handler]
    fn ping(&self) {}
}

pub(crate) fn main() -> Result<()> {
    let mut args = std::env::args().skip(2);
    let (Some(name), Some(listen)) = (args.next(), args.next()) else {
        bail!("node NAME ADDRESS [SEED…]");
    };
    let listen: SocketAddr = listen.parse().context("the address to listen on")?;
    let seeds = args.map(|seed| seed.parse()).collect::<Result<Vec<_>, _>>()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(async {
        let config = ClusterConfig::builder().name(&name).listen(listen).cookie(COOKIE).seed_nodes(seeds);
        let system = System::clustered_auto(config.build()?).await?;
        system.start(&format!("home/{name}"), Probe, ());
        say("ready");
        tokio::spawn(watch(system.clone()));
        obey(system).await
    })
}

async fn obey(system: System) -> Result<()> {
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        match line.split_once(' ').unwrap_or((&line, "")) {
            ("start", label) => drop(system.start(label, Probe, ())),
            ("expect", label) => drop(tokio::spawn(expect(system.clone(), label.to_owned()))),
            ("whole", others) => drop(tokio::spawn(whole(system.clone(), others.parse()?))),
            ("leave", _) => {
                system.shutdown().await;
                return Ok(());
            }
            _ => bail!("{line}: there are start LABEL, expect LABEL, whole OTHERS and leave"),
        }
    }
    Ok(())
}

/// Says when the actor is found, on whatever node, and has answered.
async fn expect(system: System, label: String) {
    loop {
        let Some(probe) = system.lookup_wait::<Probe>(&label, Duration::MAX).await else { return };
        if probe.ping().timeout(Duration::from_millis(500)).await.is_ok() {
            return say(format_args!("seen {label}"));
        }
        tokio::time::sleep(LOOK_EVERY).await; // tidy: sleep before the next look
    }
}

/// Says when so many others are up, and nobody else is in any state but over.
async fn whole(system: System, others: usize) {
    loop {
        let members = system.members();
        let alive: Vec<_> = members.iter().filter(|(_, state)| !state.is_over()).collect();
        if alive.len() == others && alive.iter().all(|(_, state)| *state == MemberState::Up) {
            return say(format_args!("whole {others}"));
        }
        tokio::time::sleep(LOOK_EVERY).await; // tidy: sleep before the next look
    }
}

/// Says what changes about members and labels.
async fn watch(system: System) {
    let (mut members, mut labels) = (BTreeMap::new(), Vec::new());
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    loop {
        ticks.tick().await;
        let states = system.members().into_iter().map(|(member, state)| (member.id, state));
        let now: BTreeMap<_, _> = states.collect();
        for (id, state) in now.iter().filter(|(id, state)| members.get(*id) != Some(*state)) {
            say(format_args!("member {} {state:?}", id.name));
        }
        members = now;
        let now = system.labels("*");
        for label in labels.iter().filter(|label| !now.contains(label)) {
            say(format_args!("gone {label}"));
        }
        labels = now;
    }
}

fn say(line: impl std::fmt::Display) {
    let mut out = io::stdout().lock();
    // Whoever started this process has gone, and will not read any more.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// What is measured in seconds is seen soon enough; what is measured in milliseconds is waited for.
const LOOK_EVERY: Duration = Duration::from_millis(5);
const COOKIE: &str = "processes that are only here to be killed";
