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

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::Command;
use std::str::FromStr;

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
use crate::docker::Engine;
use crate::forget_us;

/// Where the nodes run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Containers of images that are built for it.
    Containers,
    /// Processes in network namespaces.
    Processes,
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

/// Plays the scenario of the repository at `root`, which is built below `target`, and prints how long everything took.
/// It is skipped where the place can't be had.
///
/// # Errors
///
/// When something went wrong beyond taking too long.
pub fn scenario(place: Place, root: &Path, target: &Path) -> Result<Outcome> {
    let text = fs::read_to_string(root.join(FILE)).with_context(|| format!("cannot read {FILE}"))?;
    let steps = parse(&text).map_err(|error| anyhow!("{FILE}: {error}"))?;
    let logs = |place| Logs::begin(&root.join(target).join("scenario").join(place));
    match place {
        Place::Containers => match Engine::connect("docker") {
            Ok(engine) => {
                say(format!("engine {} answers", engine.version()));
                let logs = logs("containers")?;
                play(&mut Containers::new(engine, root, target, logs.clone(), &mut say)?, &steps, &logs)
            }
            Err(error) => Ok(Outcome::Skipped(error.to_string())),
        },
        Place::Processes => {
            let mut build = Command::new("cargo");
            build.args(["build", "--locked", "--workspace", "--bin", "cluster_chat"]).current_dir(root);
            ensure!(forget_us(&mut build).status()?.success(), "cluster_chat could not be built");
            let logs = logs("processes")?;
            match Spaces::new(&root.join(target).join("debug/cluster_chat"), logs.clone()) {
                Ok(mut spaces) => play(&mut spaces, &steps, &logs),
                Err(error) => Ok(Outcome::Skipped(format!("namespaces need root and iproute2: {error:#}"))),
            }
        }
    }
}

fn play(lab: &mut dyn Lab, steps: &[Step], logs: &Logs) -> Result<Outcome> {
    let mut play = Play::new(lab);
    let done = steps.iter().try_for_each(|step| {
        say(step.text.clone());
        play.step(step).with_context(|| format!("{:?}; logs are in {}", step.text, logs.folder().display()))
    });
    let table = play.into_table();
    // Also of what failed later: it tells how it came to that.
    write!(io::stdout(), "{table}")?;
    done?;
    if let Some(log) = logs.panicked() {
        bail!("a panic is told in {}", log.display());
    }
    Ok(if table.is_kept() { Outcome::Passed } else { Outcome::Failed })
}

fn say(line: String) {
    // Whoever closed the pipe doesn't want to know.
    let _ = writeln!(io::stderr(), "{line}");
}

const FILE: &str = "deploy/scenario.txt";
