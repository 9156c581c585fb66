//! `cargo xtask`: reads the arguments, runs the checks of the library, says what they found.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context as _, Result};
use lexopt::{Arg, ValueExt as _};
use xtask::ci::{Outcome, STEPS, Step};
use xtask::scenario::{Place, scenario};
use xtask::{Finding, ci, docker, forget_us, layers, mutants, read_tree, tidy};

#[derive(Debug, Clone)]
enum Task {
    Ci {
        keep_going: bool,
        /// The tests have just been run.
        tested: bool,
    },
    /// All of them, or the one of this name.
    Mutants {
        only: Option<String>,
    },
    Docker {
        builder: bool,
    },
    Layers,
    /// In all places, or in this one.
    Scenario {
        place: Option<Place>,
    },
    Tidy,
    Help,
}

fn main() -> ExitCode {
    let task = match parse(lexopt::Parser::from_env()) {
        Ok(task) => task,
        Err(error) => {
            eprintln!("error: {error}\n\n{USAGE}");
            return ExitCode::from(EXIT_USAGE);
        }
    };
    match run(task) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn parse(mut parser: lexopt::Parser) -> Result<Task, lexopt::Error> {
    let mut task = None;
    while let Some(arg) = parser.next()? {
        match (arg, &mut task) {
            (Arg::Short('h') | Arg::Long("help"), _) => return Ok(Task::Help),
            (Arg::Long("keep-going"), Some(Task::Ci { keep_going, .. })) => *keep_going = true,
            (Arg::Long("tested"), Some(Task::Ci { tested, .. })) => *tested = true,
            (Arg::Long("builder"), Some(Task::Docker { builder })) => *builder = true,
            (Arg::Long("keep-going"), _) => return Err("--keep-going is for ci".into()),
            (Arg::Long("tested"), _) => return Err("--tested is for ci".into()),
            (Arg::Long("builder"), _) => return Err("--builder is for docker".into()),
            (Arg::Value(name), None) => {
                task = Some(match name.to_str() {
                    Some("ci") => Task::Ci { keep_going: false, tested: false },
                    Some("docker") => Task::Docker { builder: false },
                    Some("layers") => Task::Layers,
                    Some("mutants") => Task::Mutants { only: None },
                    Some("scenario") => Task::Scenario { place: None },
                    Some("tidy") => Task::Tidy,
                    Some("help") => Task::Help,
                    _ => return Err(format!("unknown subcommand {name:?}").into()),
                });
            }
            (Arg::Value(name), Some(Task::Mutants { only: only @ None })) => *only = Some(name.string()?),
            (Arg::Value(name), Some(Task::Scenario { place: place @ None })) => {
                *place = Some(name.string()?.parse::<Place>()?);
            }
            (arg, _) => return Err(arg.unexpected()),
        }
    }
    task.ok_or_else(|| "a subcommand is missing".into())
}

/// Returns whether nothing was found.
fn run(task: Task) -> Result<bool> {
    let root = root();
    match task {
        Task::Ci { keep_going, tested } => {
            let steps: Vec<_> =
                STEPS.iter().filter(|step| !(tested && step.name == "tests")).cloned().collect();
            let mut perform = |step: &Step| {
                perform(step, &root).unwrap_or_else(|error| {
                    eprintln!("error: {error:#}");
                    Outcome::Failed
                })
            };
            Ok(ci::run(&steps, keep_going, &mut io::stdout(), &mut perform)?)
        }
        Task::Docker { builder: true } => docker::make_builder(&root, &mut io::stdout()).map(|()| true),
        Task::Docker { builder: false } => {
            docker::make_image(&root, &target(&root), &mut io::stdout()).map(|()| true)
        }
        Task::Layers => {
            let workspace = layers::read(&root, &read_tree(&root)?)?;
            let members = workspace.members.len();
            report(&layers::check(&workspace), &format!("{members} crates are where they belong"))
        }
        Task::Mutants { only } => {
            let mutants = mutants::read(&read_tree(&root)?, only.as_deref())?;
            let mut scratch = mutants::Scratch::new(&root, &target(&root), cargo());
            Ok(mutants::run(&mutants, &mut io::stdout(), &mut |step| scratch.perform(step))?)
        }
        Task::Scenario { place } => match play(place, &root)? {
            Outcome::Passed => Ok(true),
            Outcome::Failed => Ok(false),
            Outcome::Skipped(reason) => {
                println!("SKIPPED, NOT CHECKED: {reason}");
                Ok(true)
            }
        },
        Task::Tidy => {
            let files = read_tree(&root)?;
            report(&tidy::check(&files), &format!("{} files are tidy", files.len()))
        }
        Task::Help => {
            println!("{USAGE}");
            Ok(true)
        }
    }
}

fn perform(step: &Step, root: &Path) -> Result<Outcome> {
    let passed = match step.args {
        // Not through cargo: that would relink this very program between two steps.
        ["xtask", "layers"] => run(Task::Layers)?,
        ["xtask", "tidy"] => run(Task::Tidy)?,
        ["xtask", "scenario"] => return play(None, root),
        [subcommand, ..] if step.optional && !is_installed(subcommand) => {
            let reason = format!("cargo-{subcommand} is not installed");
            return Ok(Outcome::Skipped(format!("{reason}; `cargo install cargo-{subcommand}`")));
        }
        args => {
            let mut command = Command::new(cargo());
            command.args(args).current_dir(root).envs(step.env);
            forget_us(&mut command).status().context("cargo cannot be run")?.success()
        }
    };
    Ok(if passed { Outcome::Passed } else { Outcome::Failed })
}

fn play(place: Option<Place>, root: &Path) -> Result<Outcome> {
    let places = place.map_or_else(|| Place::ALL.to_vec(), |place| vec![place]);
    scenario(&places, root, &target(root))
}

fn is_installed(subcommand: &str) -> bool {
    let mut probe = Command::new(cargo());
    probe.args([subcommand, "--version"]).stdout(Stdio::null()).stderr(Stdio::null());
    probe.status().is_ok_and(|status| status.success())
}

fn report(found: &[Finding], all_well: &str) -> Result<bool> {
    let mut out = io::stdout().lock();
    for finding in found {
        writeln!(out, "{finding}")?;
    }
    match found.len() {
        0 => writeln!(out, "{all_well}")?,
        1 => writeln!(out, "1 finding")?,
        count => writeln!(out, "{count} findings")?,
    }
    Ok(found.is_empty())
}

fn cargo() -> std::ffi::OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Where cargo builds.
fn target(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from)
}

/// The repository that this program was built in.
fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().expect("xtask is a folder of the repository").to_owned()
}

const EXIT_USAGE: u8 = 2;

const USAGE: &str = "\
The checks of this repository, and its container image.

Usage: cargo xtask <SUBCOMMAND>

Subcommands:
  ci [--keep-going] [--tested]
                     everything below and fmt, clippy, tests, docs, deny;
                     stops at the first failure unless told to keep going;
                     without the tests if they have just been run
  docker [--builder] an image of cluster_chat, built by this machine's toolchain
                     without a registry or a base image; with --builder an image
                     of the toolchain itself and a folder of crates, with which
                     docker-compose.yml is built without a network
  layers             the crates import only what docs/ARCHITECTURE.md allows,
                     and those that decide reach no std and no runtime
  mutants [NAME]     plants each violation of xtask/mutants in a copy, and fails
                     if its test passes all the same; not part of ci, since it
                     builds once for each
  scenario [containers|processes]
                     plays deploy/scenario.txt to three nodes: kills, pauses, cuts,
                     restarts, a replacement of all; in both places unless told
  tidy               files, functions, comments and links keep to the style,
                     and whatever the facade shows has an example
  help               this text

Exit code: 0 if all is well, 1 if not, 2 for a command line that isn't understood.";
