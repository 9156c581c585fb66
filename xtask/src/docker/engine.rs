//! The container engine behind the command `docker`, and what it says when it can't.

use std::fmt;
use std::io;
use std::process::{Command, Output, Stdio};

use anyhow::{Context as _, Result, ensure};

/// An engine that has answered.
#[derive(Debug, Clone)]
pub struct Engine {
    program: String,
    version: String,
}

/// Why there is no engine to work with.
#[derive(Debug)]
pub enum EngineError {
    /// Its command can't be run.
    Missing {
        /// The command.
        program: String,
        /// What the system says.
        source: io::Error,
    },
    /// Its command runs, but nothing answers behind it.
    Silent {
        /// The command's own words.
        said: String,
    },
}

impl Engine {
    /// Asks the engine behind `program`, which is `docker` but for tests, who it is.
    ///
    /// # Errors
    ///
    /// [`EngineError`], which quotes what was said.
    pub fn connect(program: &str) -> Result<Self, EngineError> {
        let mut info = Command::new(program);
        info.args(["info", "--format", "{{.ServerVersion}}"]).stdin(Stdio::null());
        let output =
            info.output().map_err(|source| EngineError::Missing { program: program.into(), source })?;
        let version = text(&output.stdout);
        // Some versions of the command end well although nothing answered.
        if !output.status.success() || version.is_empty() {
            return Err(EngineError::Silent { said: said(&output) });
        }
        Ok(Self { program: program.into(), version })
    }

    /// The engine's version.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The command, for those who do more with it than run it.
    pub fn command(&self) -> Command {
        Command::new(&self.program)
    }

    /// Runs it and returns what it printed.
    ///
    /// # Errors
    ///
    /// When it fails, with its words.
    pub fn run(&self, args: &[&str]) -> Result<String> {
        let mut command = self.command();
        command.args(args).stdin(Stdio::null());
        run(&mut command)
    }
}

/// Runs `command` and returns what it printed; an error has its words.
pub(super) fn run(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("{command:?} cannot be run"))?;
    ensure!(output.status.success(), "{command:?} failed: {}", said(&output));
    Ok(text(&output.stdout))
}

fn said(output: &Output) -> String {
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    match (err.is_empty(), out.is_empty()) {
        (false, _) => err,
        (true, false) => out,
        (true, true) => format!("nothing, and ended with {}", output.status),
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}

impl fmt::Display for EngineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { program, source } => {
                write!(f, "{program} cannot be run ({source}); install a container engine")
            }
            Self::Silent { said } => {
                write!(f, "no container engine answers; start it, or set DOCKER_HOST. It said: {said}")
            }
        }
    }
}

impl std::error::Error for EngineError {}
