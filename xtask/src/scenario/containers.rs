//! Containers of the specification's compose file; in their places later others, of an image that was built on the host.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};

use super::console::Console;
use super::lab::{Lab, Replacement};
use super::logs::Logs;
use super::script::Node;
use crate::docker::{Compose, Engine, Vendor, builder, image};

pub(super) struct Containers {
    engine: Engine,
    compose: Compose,
    root: PathBuf,
    /// How everything is called that this makes.
    project: String,
    /// Of the nodes that are running or can be started.
    ids: BTreeMap<Node, String>,
    replaced: usize,
    logs: Logs,
    /// The folder of crates, if it wasn't there before.
    vendor: Option<Vendor>,
}

impl Containers {
    /// Builds both images; a line about each goes to `say`.
    pub(super) fn new(
        engine: Engine,
        compose: Compose,
        root: &Path,
        target: &Path,
        logs: Logs,
        say: &mut dyn FnMut(String),
    ) -> Result<Self> {
        let project = format!("murmer-scenario-{}", std::process::id());
        // From here on whatever was made is taken down again.
        let mut lab = Self {
            engine,
            compose,
            root: root.to_owned(),
            project,
            ids: BTreeMap::new(),
            replaced: 0,
            logs,
            vendor: None,
        };
        let begun = Instant::now();
        let built = image(&lab.engine, root, target, &[lab.on_host()])?;
        say(format!("image of a program built on the host: {} bytes, {:.0?}", built.bytes, begun.elapsed()));
        let begun = Instant::now();
        let was_there = Vendor::is_in(root);
        let vendor = Vendor::make(root)?;
        lab.vendor = (!was_there).then_some(vendor);
        let bytes = builder(&lab.engine, &lab.builder())?;
        say(format!("builder of this machine's toolchain: {bytes} bytes, {:.0?}", begun.elapsed()));
        let begun = Instant::now();
        let argument = format!("BUILDER={}", lab.builder());
        let mut build = lab.compose_command();
        build.args(["build", "--build-arg", &argument]);
        // On stderr, where it is seen while it takes its time; stdout is for what was found.
        build.stdout(Stdio::from(std::io::stderr()));
        ensure!(build.status()?.success(), "{build:?} failed");
        say(format!("docker-compose.yml, built: {:.0?}", begun.elapsed()));
        Ok(lab)
    }

    fn builder(&self) -> String {
        format!("{}-builder", self.project)
    }

    fn on_host(&self) -> String {
        format!("{}-on-host", self.project)
    }

    fn compose_command(&self) -> Command {
        let mut command = self.compose.command(&self.root);
        command.args(["--project-name", &self.project]);
        command.args(["--file", "docker-compose.yml", "--file", "deploy/scenario.compose.yml"]);
        command
    }

    fn network(&self) -> String {
        format!("{}_default", self.project)
    }

    fn id(&self, node: Node) -> Result<&str> {
        self.ids.get(&node).map(String::as_str).with_context(|| format!("{node} was never started"))
    }

    fn attach(&self, node: Node) -> Result<Console> {
        attach(&self.engine, self.id(node)?, &self.logs.of(node))
    }

    fn clean_up(&self) {
        // By name those that were run, by image those in which a build failed.
        for filter in [format!("name={}", self.project), format!("ancestor={}", self.builder())] {
            let listed = self.engine.run(&["ps", "--all", "--quiet", "--filter", &filter]);
            for container in listed.unwrap_or_default().lines() {
                // What can't be removed is not there.
                let _ = self.engine.run(&["rm", "--force", "--volumes", container]);
            }
        }
        let _ = self.engine.run(&["network", "rm", &self.network()]);
        for image in self.images() {
            let _ = self.engine.run(&["image", "rm", "--force", &image]);
        }
        if let Some(vendor) = &self.vendor {
            let _ = vendor.remove();
        }
    }

    /// All that were built here, also what is only left of a stage: first those that others were made of last.
    fn images(&self) -> Vec<String> {
        let reference = format!("reference={}*", self.project);
        let named = ["image", "ls", "--filter", &reference, "--format", "{{.Repository}}"];
        let mut images: Vec<_> =
            self.engine.run(&named).unwrap_or_default().lines().map(str::to_owned).collect();
        images.sort_by_key(|image| *image == self.builder());
        let since = format!("since={}", self.builder());
        let left = ["image", "ls", "--quiet", "--filter", "dangling=true", "--filter", &since];
        let left = self.engine.run(&left).unwrap_or_default();
        let is_ours = |id: &str| {
            let history = self.engine.run(&["history", "--no-trunc", "--quiet", id]).unwrap_or_default();
            let builder = self.engine.run(&["image", "inspect", "--format", "{{.Id}}", &self.builder()]);
            builder.is_ok_and(|builder| history.lines().any(|line| line == builder))
        };
        let stages: Vec<_> = left.lines().filter(|id| is_ours(id)).map(str::to_owned).collect();
        images.splice(0..0, stages);
        images
    }
}

impl Lab for Containers {
    fn up(&mut self) -> Result<Vec<Console>> {
        let mut up = self.compose_command();
        up.args(["up", "--detach", "--no-build"]).stdout(Stdio::null()).stderr(Stdio::null());
        ensure!(up.status()?.success(), "{up:?} failed");
        for node in Node::ALL {
            let mut ps = self.compose_command();
            let output = ps.args(["ps", "--quiet", node.name()]).output()?;
            let id = String::from_utf8_lossy(&output.stdout).trim().to_owned();
            ensure!(!id.is_empty(), "compose started no {node}");
            self.ids.insert(node, id);
        }
        Node::ALL.into_iter().map(|node| self.attach(node)).collect()
    }

    fn start(&mut self, node: Node) -> Result<Console> {
        self.engine.run(&["start", self.id(node)?])?;
        self.attach(node)
    }

    fn kill(&mut self, node: Node, _: Console) -> Result<()> {
        self.engine.run(&["kill", "--signal", "KILL", self.id(node)?]).map(drop)
    }

    fn stop(&mut self, node: Node, _: &mut Console) -> Result<()> {
        self.engine.run(&["kill", "--signal", "TERM", self.id(node)?]).map(drop)
    }

    fn exit_code(&mut self, node: Node, _: Console) -> Result<i32> {
        exit_code(&self.engine, self.id(node)?)
    }

    fn restart(&mut self, node: Node, _: Console) -> Result<Console> {
        self.engine.run(&["restart", self.id(node)?])?;
        self.attach(node)
    }

    fn set_paused(&mut self, node: Node, _: &mut Console, is_paused: bool) -> Result<()> {
        self.engine.run(&[if is_paused { "pause" } else { "unpause" }, self.id(node)?]).map(drop)
    }

    fn set_cut(&mut self, node: Node, is_cut: bool) -> Result<()> {
        let (network, id) = (self.network(), self.id(node)?);
        if is_cut {
            self.engine.run(&["network", "disconnect", &network, id])?;
        } else {
            // The name that others know it by is compose's doing, and gone with the connection.
            self.engine.run(&["network", "connect", "--alias", node.name(), &network, id])?;
        }
        Ok(())
    }

    fn replacement(&mut self, node: Node, _: Console) -> Result<Replacement> {
        let (engine, image, network) = (self.engine.clone(), self.on_host(), self.network());
        let name = format!("{}-{node}-{}", self.project, self.replaced);
        self.replaced += 1;
        let log = self.logs.of(node);
        let old = self.ids.insert(node, name.clone()).with_context(|| format!("{node} was never started"))?;
        Ok(Box::new(move || {
            engine.run(&["stop", &old])?;
            let code = exit_code(&engine, &old)?;
            engine.run(&["rm", &old])?;
            ensure!(code == 0, "{node} ended with {code}");
            let started_at = Instant::now();
            let mut args = vec!["run", "--detach", "--interactive", "--name", &name, "--network", &network];
            args.extend(["--network-alias", node.name(), &image, "--node", node.name(), "--port", "7100"]);
            if node != Node::Alpha {
                args.extend(["--seed", "alpha:7100"]);
            }
            engine.run(&args)?;
            Ok((started_at, attach(&engine, &name, &log)?))
        }))
    }
}

impl Drop for Containers {
    fn drop(&mut self) {
        self.clean_up();
    }
}

fn attach(engine: &Engine, container: &str, log: &Path) -> Result<Console> {
    let mut command = engine.command();
    command.args(["attach", "--sig-proxy=false", container]);
    Console::open(&mut command, log)
}

fn exit_code(engine: &Engine, container: &str) -> Result<i32> {
    let code = engine.run(&["wait", container])?;
    code.parse().with_context(|| format!("{code:?} is no exit code"))
}
