//! Holds a cluster of real processes against what the protocol promises in seconds.
//!
//! `cargo run --release -p bench-targets`: five processes over QUIC, in network namespaces of their own as root, or
//! else on loopback, where lines can't be cut. Kills, stops, cuts and restarts them, 20 times each, and prints how
//! long the others took to notice. Ends with 1 if anything took longer than promised.

mod cluster;
mod lab;
mod measure;
mod node;
mod process;
mod table;

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::{Result, bail, ensure};

use self::cluster::Cluster;
use self::lab::Lab;
use self::measure::Measure;
use self::table::Table;

fn main() -> ExitCode {
    let outcome = match std::env::args().nth(1).as_deref() {
        Some("node") => node::main().map(|()| true),
        _ => options().and_then(|options| run(&options)),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(format_args!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

struct Options {
    rounds: usize,
    only: Vec<String>,
    on_loopback: bool,
}

fn options() -> Result<Options> {
    use lexopt::prelude::*;
    let mut options = Options { rounds: 20, only: Vec::new(), on_loopback: false };
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Long("rounds") => options.rounds = parser.value()?.parse()?,
            Long("only") => {
                options.only.extend(parser.value()?.string()?.split(',').map(ToOwned::to_owned));
            }
            Long("loopback") => options.on_loopback = true,
            other => {
                let other = other.unexpected();
                bail!("{other}; there are --rounds N, --only {} and --loopback", names().join(","));
            }
        }
    }
    ensure!((1..=10_000).contains(&options.rounds), "--rounds must be 1 to 10,000");
    for name in &options.only {
        ensure!(names().contains(&name.as_str()), "--only {name}: there are {}", names().join(", "));
    }
    Ok(options)
}

fn names() -> Vec<&'static str> {
    Measure::ALL.iter().map(|measure| measure.name()).collect()
}

/// Whether everything was quick enough.
fn run(options: &Options) -> Result<bool> {
    let lab = if options.on_loopback { Lab::loopback() } else { Lab::new(NODES)? };
    say(format_args!("{NODES} processes {}, {} rounds each", lab.describe(), options.rounds));
    let mut cluster = Cluster::start(lab, NODES)?;
    let mut table = Table::default();
    for measure in Measure::ALL {
        if !options.only.is_empty() && !options.only.iter().any(|name| name == measure.name()) {
            continue;
        }
        if measure.cuts() && !cluster.can_cut() {
            say(format_args!(
                "SKIPPED {}: lines can be cut only as root, between namespaces",
                measure.name()
            ));
            table.skip(measure);
            continue;
        }
        for round in 0..options.rounds {
            let took = measure.round(&mut cluster, round)?;
            for (bound, took) in measure.bounds().iter().zip(&took) {
                say(format_args!("{:>3} {}: {took:.3?}", round + 1, bound.what));
            }
            table.add(measure, took);
        }
    }
    print!("{table}");
    Ok(table.is_kept())
}

fn say(line: impl std::fmt::Display) {
    let mut out = io::stderr().lock();
    // Whoever closed the pipe doesn't want to know.
    let _ = writeln!(out, "{line}");
}

/// As many as the targets are stated for.
const NODES: usize = 5;
