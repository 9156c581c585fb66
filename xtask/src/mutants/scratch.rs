//! A copy of the repository in which mutants are planted, and built one after the other.
//!
//! Files keep their times unless they change, and all mutants share one target folder: so each costs the
//! build of what it touches.

use std::ffi::OsString;
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail, ensure};

use super::{Outcome, Step, Test};
use crate::read_tree;

/// The copy. The repository itself is never written to.
#[derive(Debug)]
pub struct Scratch {
    root: PathBuf,
    tree: PathBuf,
    target: PathBuf,
    cargo: OsString,
}

impl Scratch {
    /// A copy of the repository at `root`, kept and built below `target`.
    pub fn new(root: &Path, target: &Path, cargo: OsString) -> Self {
        let folder = root.join(target).join("mutants");
        Self { root: root.to_owned(), tree: folder.join("tree"), target: folder.join("build"), cargo }
    }

    /// Does one step.
    pub fn perform(&mut self, step: Step<'_>) -> Outcome {
        let done = match step {
            Step::Clean(test) => self.restore().and_then(|()| self.test(test)),
            Step::Planted(mutant, test) => {
                self.restore().and_then(|()| self.plant(&mutant.patch)).and_then(|()| self.test(test))
            }
        };
        match done {
            Ok(true) => Outcome::Passed,
            Ok(false) => Outcome::Failed,
            Err(error) => Outcome::NotRun(format!("{error:#}")),
        }
    }

    /// Makes the copy what the repository is, untouched where it already is.
    fn restore(&self) -> Result<()> {
        let files = read_tree(&self.root)?;
        for file in &files {
            let (from, to) = (self.root.join(&file.path), self.tree.join(&file.path));
            let wanted = fs::read(&from).with_context(|| format!("cannot read {}", from.display()))?;
            if fs::read(&to).is_ok_and(|held| held == wanted) {
                continue;
            }
            if let Some(folder) = to.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::write(&to, wanted).with_context(|| format!("cannot write {}", to.display()))?;
        }
        // What is no longer there would be built, or planted in, all the same.
        for file in read_tree(&self.tree)?
            .iter()
            .filter(|file| files.binary_search_by(|it| it.path.cmp(&file.path)).is_err())
        {
            fs::remove_file(self.tree.join(&file.path))?;
        }
        Ok(())
    }

    fn plant(&self, patch: &str) -> Result<()> {
        let mut apply = Command::new("git");
        apply.args(["apply", "--whitespace=nowarn", "-"]).current_dir(&self.tree);
        // Not as a part of the repository around it: paths would be taken from that one's root.
        apply.env("GIT_CEILING_DIRECTORIES", self.tree.parent().unwrap_or(&self.tree));
        apply.env_remove("GIT_DIR").env_remove("GIT_WORK_TREE");
        let mut git =
            apply.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().context("git cannot be run")?;
        if let Some(mut stdin) = git.stdin.take() {
            // An error means that git has given up already, and says why.
            let _ = stdin.write_all(patch.as_bytes());
        }
        let output = git.wait_with_output()?;
        ensure!(output.status.success(), "the patch does not apply: {}", last_line(&output.stderr));
        Ok(())
    }

    /// Whether the tests pass, and in time.
    fn test(&self, test: &Test) -> Result<bool> {
        let program = self.build(test)?;
        let mut run = Command::new(program);
        run.arg(&test.filter).current_dir(self.tree.join("crates").join(&test.package));
        run.env("RUST_BACKTRACE", "0").stdout(Stdio::piped()).stderr(Stdio::null());
        let mut tests = run.spawn().context("the tests cannot be run")?;
        let mut stdout = tests.stdout.take().context("it was piped")?;
        // Beside the wait: what nobody reads holds up whoever writes it.
        let said = thread::spawn(move || {
            let mut said = String::new();
            stdout.read_to_string(&mut said).map(|_| said)
        });
        let give_up_at = Instant::now() + TESTS_MAX;
        let status = loop {
            if let Some(status) = tests.try_wait()? {
                break status;
            }
            if Instant::now() > give_up_at {
                tests.kill()?;
                tests.wait()?;
                return Ok(false);
            }
            thread::sleep(LOOK_EVERY); // tidy: sleep the standard library can't wait for a process in time
        };
        let said = said.join().map_err(|_| anyhow!("the tests' output cannot be read"))??;
        ensure!(!said.contains("running 0 tests"), "there is no test {:?}", test.filter);
        Ok(status.success())
    }

    /// Builds the tests; the program that runs them.
    fn build(&self, test: &Test) -> Result<PathBuf> {
        let mut build = Command::new(&self.cargo);
        build.args(["test", "--no-run", "--message-format=json", "-p", &test.package]);
        match &test.target {
            None => build.arg("--lib"),
            Some(target) => build.args(["--test", target]),
        };
        build.current_dir(&self.tree).env("CARGO_TARGET_DIR", &self.target);
        // Nobody debugs a mutant, and each is linked anew.
        build.env("CARGO_PROFILE_DEV_DEBUG", "0").stderr(Stdio::null());
        let Output { status, stdout, .. } = build.output().context("cargo cannot be run")?;
        let messages: Vec<serde_json::Value> = String::from_utf8_lossy(&stdout)
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect();
        if !status.success() {
            let error = messages.iter().find_map(|message| {
                let message = &message["message"];
                (message["level"] == "error")
                    .then(|| message["message"].as_str().map(str::to_owned))
                    .flatten()
            });
            bail!("it does not compile: {}", error.unwrap_or_else(|| "for a reason cargo tells".into()));
        }
        // The package's own programs are built beside its tests.
        let mut tests = messages.iter().filter(|message| message["profile"]["test"] == true);
        let program = tests.find_map(|message| message["executable"].as_str());
        Ok(program.context("cargo names no program")?.into())
    }
}

fn last_line(text: &[u8]) -> String {
    String::from_utf8_lossy(text).lines().last().unwrap_or_default().to_owned()
}

/// How long tests may take that take a second: one that hangs has noticed, too.
const TESTS_MAX: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(20);
