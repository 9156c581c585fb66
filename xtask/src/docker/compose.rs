//! `docker compose`, or `docker-compose` where that is what there is.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use super::Engine;

/// Either of the two commands.
#[derive(Debug, Clone)]
pub struct Compose {
    words: Vec<String>,
}

impl Compose {
    /// Looks for the plugin of `engine`'s command first, for the program of old second.
    ///
    /// # Errors
    ///
    /// When there is neither.
    pub fn find(engine: &Engine) -> Result<Self> {
        if engine.run(&["compose", "version"]).is_ok() {
            return Ok(Self { words: vec!["docker".into(), "compose".into()] });
        }
        let is_there = Command::new("docker-compose").arg("version").output();
        if is_there.is_ok_and(|output| output.status.success()) {
            return Ok(Self { words: vec!["docker-compose".into()] });
        }
        bail!("there is neither docker compose nor docker-compose; install one of them");
    }

    /// The command, as one types it.
    pub fn name(&self) -> String {
        self.words.join(" ")
    }

    /// The command in the folder `root`, where it finds its file.
    pub fn command(&self, root: &Path) -> Command {
        let mut command = Command::new(&self.words[0]);
        command.args(&self.words[1..]).current_dir(root);
        command
    }
}

/// What compose calls all that it makes of a folder of this name.
pub fn project(folder: &str) -> String {
    let folder = folder.to_lowercase();
    let kept = folder.chars().filter(|char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-'));
    kept.collect::<String>().trim_start_matches(['_', '-']).to_owned()
}
