//! Three nodes that are killed, paused, cut off, restarted and replaced, by the steps of one file: as containers, and as
//! processes in network namespaces.
//!
//! Doesn't know how a step is done (a lab does) nor what is promised (the file says).

mod books;
mod console;
mod containers;
mod lab;
mod logs;
mod play;
mod script;
mod spaces;
mod table;

use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::panic::resume_unwind;
use std::path::Path;
use std::process::Command;
use std::str::FromStr;
use std::thread;

use anyhow::{Context as _, Result, anyhow, bail, ensure};

pub use self::books::Books;
use self::containers::Containers;
use self::lab::Lab;
use self::logs::Logs;
use self::play::Play;
pub use self::script::{Action, Node, Step, parse};
use self::spaces::Spaces;
pub use self::table::Table;
use crate::ci::Outcome;
use crate::docker::{Compose, Engine};
use crate::forget_us;

/// Where the nodes run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Containers of images that are built for it.
    Containers,
    /// Processes in network namespaces.
    Processes,
}

impl Place {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Containers, Self::Processes];
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Containers => "containers",
            Self::Processes => "processes",
        })
    }
}

impl FromStr for Place {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "containers" => Ok(Self::Containers),
            "processes" => Ok(Self::Processes),
            _ => Err(format!("a scenario is played with containers or with processes, not with {word:?}")),
        }
    }
}

/// Plays the scenario of the repository at `root`, which is built below `target`, in each of these places at once, and
/// prints how long everything took. A place is left out, loudly, where it can't be had; with none there is, all is
/// skipped.
///
/// # Errors
///
/// When something went wrong beyond taking too long.
pub fn scenario(places: &[Place], root: &Path, target: &Path) -> Result<Outcome> {
    let text = fs::read_to_string(root.join(FILE)).with_context(|| format!("cannot read {FILE}"))?;
    let steps = parse(&text).map_err(|error| anyhow!("{FILE}: {error}"))?;
    // All is built before anything is played: what is measured must not wait for a compiler.
    let mut labs = Vec::new();
    let mut skipped = Vec::new();
    for place in places {
        let logs = Logs::begin(&root.join(target).join("scenario").join(place.to_string()))?;
        match open(*place, root, target, &logs)? {
            Ok(lab) => labs.push((*place, lab, logs)),
            Err(reason) => skipped.push(format!("{place}: {reason}")),
        }
    }
    if labs.is_empty() {
        return Ok(Outcome::Skipped(skipped.join("; ")));
    }
    for reason in &skipped {
        say(format!("SKIPPED, NOT CHECKED: {reason}"));
    }
    // A scenario mostly waits, so two of them take as long as one.
    let played: Vec<_> = thread::scope(|scope| {
        let steps = &steps;
        let playing =
            labs.into_iter().map(|(place, lab, logs)| scope.spawn(move || play(place, lab, steps, &logs)));
        let playing: Vec<_> = playing.collect();
        playing.into_iter().map(|playing| playing.join().unwrap_or_else(|why| resume_unwind(why))).collect()
    });
    let kept: Vec<bool> = played.into_iter().collect::<Result<_>>()?;
    Ok(if kept.into_iter().all(|kept| kept) { Outcome::Passed } else { Outcome::Failed })
}

/// The place, with all that is played there built; or why it can't be had.
fn open(place: Place, root: &Path, target: &Path, logs: &Logs) -> Result<Result<Box<dyn Lab>, String>> {
    let logs = logs.clone();
    match place {
        Place::Containers => {
            let found = Engine::connect("docker")
                .map_err(anyhow::Error::from)
                .and_then(|engine| Ok((Compose::find(&engine)?, engine)));
            let (compose, engine) = match found {
                Ok(found) => found,
                Err(error) => return Ok(Err(error.to_string())),
            };
            say(format!("engine {} answers", engine.version()));
            Ok(Ok(Box::new(Containers::new(engine, compose, root, target, logs, &mut say)?)))
        }
        Place::Processes => {
            let mut build = Command::new("cargo");
            build.args(["build", "--locked", "--workspace", "--bin", "cluster_chat"]).current_dir(root);
            ensure!(forget_us(&mut build).status()?.success(), "cluster_chat could not be built");
            match Spaces::new(&root.join(target).join("debug/cluster_chat"), logs) {
                Ok(spaces) => Ok(Ok(Box::new(spaces))),
                Err(error) => Ok(Err(format!("namespaces need root and iproute2: {error:#}"))),
            }
        }
    }
}

/// Whether everything kept to its time.
fn play(place: Place, mut lab: Box<dyn Lab>, steps: &[Step], logs: &Logs) -> Result<bool> {
    let mut play = Play::new(&mut *lab);
    let done = steps.iter().try_for_each(|step| {
        say(format!("{place}: {}", step.text));
        let logs = || format!("{place}: {:?}; logs are in {}", step.text, logs.folder().display());
        play.step(step).with_context(logs)
    });
    let table = play.into_table();
    // Also of what failed later: it tells how it came to that. In one piece: the other place prints, too.
    io::stdout().write_all(format!("\n{place}\n\n{table}").as_bytes())?;
    done?;
    if let Some(log) = logs.panicked() {
        bail!("a panic is told in {}", log.display());
    }
    Ok(table.is_kept())
}

fn say(line: String) {
    // Whoever closed the pipe doesn't want to know.
    let _ = writeln!(io::stderr(), "{line}");
}

const FILE: &str = "deploy/scenario.txt";
