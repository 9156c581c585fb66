//! A chat in one process, or over a cluster of them: the same commands, the same actors.
//!
//! `--local` runs everything here; `--node alpha --port 7100` makes this process a node that hosts a room
//! named after itself, and sees the rooms of all others.

mod args;
mod check;
mod commands;
mod out;
mod prompt;
mod room;
mod shell;
mod stop;

use std::io::{self, IsTerminal};
use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::Context;
use murmer::health::{Health, HealthConfig};
use murmer::prelude::*;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, fmt};

use self::args::{Args, DEFAULT_COOKIE, Mode, NodeArgs};
use self::commands::Chat;
use self::out::{Out, aside};
use self::prompt::{Log, Prompt};
use self::stop::Stop;

fn main() -> ExitCode {
    let args = match args::parse() {
        Ok(args) => args,
        Err(error) => {
            aside(format_args!("error: {error:#}\ncluster_chat --help shows how it is used"));
            return ExitCode::from(EXIT_USAGE);
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    let ended = runtime.block_on(run(args));
    // A host name that is still being resolved can't be given up on; waiting for it would hold up the end.
    runtime.shutdown_background();
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

fn failed(error: &anyhow::Error) -> ExitCode {
    aside(format_args!("error: {error:#}"));
    ExitCode::FAILURE
}

async fn run(args: Args) -> anyhow::Result<()> {
    // Before anything that takes time: process 1 has no default for signals, they would be lost on it.
    let mut stop = Stop::install()?;
    let prompt = Prompt::default();
    let out = Out::new(prompt.clone());
    match args.mode {
        Mode::Help => {
            out.text(args::HELP);
            out.end().context("standard output")
        }
        Mode::Local => {
            log_to_stderr(args.log, prompt);
            out.line("=== murmer cluster_chat (local mode) ===");
            let chat = Chat::new(System::local(), out, false);
            chat.start_room("general");
            chat.start_room("random");
            shell::run(chat, stop).await
        }
        Mode::CheckHealth(addr) => check::ready(addr),
        Mode::Node(node) => {
            log_to_stderr(args.log, prompt);
            let NodeArgs { config, is_cookie_public, health } = *node;
            if is_cookie_public {
                aside(format_args!(
                    "note: no --cookie and no MURMER_COOKIE, so the well-known {DEFAULT_COOKIE:?} is used: for trying out only"
                ));
            }
            let system = tokio::select! {
                biased; // What is told to stop while it is joining doesn't start.
                () = stop.told() => return Ok(()),
                system = System::clustered_auto(config) => system?,
            };
            let _health = match health {
                Some(addr) => Some(serve_health(&system, addr).await?),
                None => None,
            };
            let name = system.node().name.to_string();
            out.line(format_args!("=== murmer cluster_chat (node {name}) ==="));
            let chat = Chat::new(system, out, true);
            chat.start_room(&name);
            shell::run(chat, stop).await
        }
    }
}

async fn serve_health(system: &System, addr: SocketAddr) -> anyhow::Result<Health> {
    match Health::serve(system, HealthConfig::default().listen(addr)).await {
        Ok(health) => Ok(health),
        Err(error) => {
            // It has joined by now: the others need not find out by themselves.
            system.shutdown().await;
            Err(error).context("--health")
        }
    }
}

/// What is typed and printed is a conversation; the log is not part of it.
fn log_to_stderr(filter: EnvFilter, prompt: Prompt) {
    let log = fmt::layer()
        .with_target(false)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(Log::beside(prompt))
        // They would be told to stderr, which is what has failed, and its panic would end the network's thread.
        .log_internal_errors(false);
    tracing_subscriber::registry().with(filter).with(log).init();
}

/// What shells expect of a command line that can't be understood.
const EXIT_USAGE: u8 = 2;
