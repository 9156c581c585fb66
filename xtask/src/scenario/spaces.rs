//! Processes, each in a network namespace of its own, all on one bridge.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use super::console::Console;
use super::lab::{Lab, Replacement};
use super::logs::Logs;
use super::script::Node;

pub(super) struct Spaces {
    prefix: String,
    program: PathBuf,
    logs: Logs,
}

impl Spaces {
    /// Makes the namespaces, if this process may; else why not.
    pub(super) fn new(program: &Path, logs: Logs) -> Result<Self> {
        let prefix = format!("murmer-{}", std::process::id());
        let hub = format!("{prefix}-hub");
        ip(&["netns", "add", &hub])?;
        // From here on whatever was made is taken down again.
        let spaces = Self { prefix, program: program.to_owned(), logs };
        ip(&["-n", &hub, "link", "add", "br0", "type", "bridge"])?;
        ip(&["-n", &hub, "link", "set", "br0", "up"])?;
        for node in Node::ALL {
            let space = spaces.space(node);
            let port = node.name();
            ip(&["netns", "add", &space])?;
            ip(&["-n", &hub, "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", &space])?;
            ip(&["-n", &hub, "link", "set", port, "master", "br0", "up"])?;
            ip(&["-n", &space, "address", "add", &format!("{}/24", address(node)), "dev", "eth0"])?;
            ip(&["-n", &space, "link", "set", "eth0", "up"])?;
            ip(&["-n", &space, "link", "set", "lo", "up"])?;
        }
        Ok(spaces)
    }

    fn space(&self, node: Node) -> String {
        format!("{}-{node}", self.prefix)
    }

    fn command(&self, node: Node) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.space(node)]).arg(&self.program);
        // As in docker-compose.yml, by address: names are the business of containers.
        command.args(["--node", node.name(), "--port", "7100"]);
        if node != Node::Alpha {
            command.args(["--seed", &format!("{}:7100", address(Node::Alpha))]);
        }
        // As in a container: what this process was told is not for the nodes.
        for (variable, _) in env::vars_os() {
            if variable.as_encoded_bytes().starts_with(b"MURMER_") {
                command.env_remove(variable);
            }
        }
        command
    }
}

impl Lab for Spaces {
    fn up(&mut self) -> Result<Vec<Console>> {
        Node::ALL.into_iter().map(|node| self.start(node)).collect()
    }

    fn start(&mut self, node: Node) -> Result<Console> {
        Console::open(&mut self.command(node), &self.logs.of(node))
    }

    fn kill(&mut self, _: Node, mut console: Console) -> Result<()> {
        signal("KILL", &mut console)
    }

    fn stop(&mut self, _: Node, console: &mut Console) -> Result<()> {
        signal("TERM", console)
    }

    fn exit_code(&mut self, _: Node, console: Console) -> Result<i32> {
        exit_code(console)
    }

    fn restart(&mut self, node: Node, console: Console) -> Result<Console> {
        end(console)?;
        self.start(node)
    }

    fn set_paused(&mut self, _: Node, console: &mut Console, is_paused: bool) -> Result<()> {
        signal(if is_paused { "STOP" } else { "CONT" }, console)
    }

    fn set_cut(&mut self, node: Node, is_cut: bool) -> Result<()> {
        let hub = format!("{}-hub", self.prefix);
        ip(&["-n", &hub, "link", "set", node.name(), if is_cut { "down" } else { "up" }])
    }

    fn replacement(&mut self, node: Node, console: Console) -> Result<Replacement> {
        let (mut command, log) = (self.command(node), self.logs.of(node));
        Ok(Box::new(move || {
            end(console)?;
            let started_at = Instant::now();
            Ok((started_at, Console::open(&mut command, &log)?))
        }))
    }
}

impl Drop for Spaces {
    fn drop(&mut self) {
        let spaces = Node::ALL.map(|node| self.space(node));
        for space in spaces.into_iter().chain([format!("{}-hub", self.prefix)]) {
            // One that was not made yet can't be taken down.
            let _ = ip(&["netns", "del", &space]);
        }
    }
}

fn end(mut console: Console) -> Result<()> {
    signal("TERM", &mut console)?;
    console.end(END_WAIT)?;
    let code = exit_code(console)?;
    ensure!(code == 0, "it ended with {code}");
    Ok(())
}

fn exit_code(mut console: Console) -> Result<i32> {
    console.process().wait()?.code().context("a signal ended it")
}

fn signal(name: &str, console: &mut Console) -> Result<()> {
    let pid = console.process().id().to_string();
    let status = Command::new("kill").args(["-s", name, &pid]).status().context("kill cannot be run")?;
    ensure!(status.success(), "kill -s {name} failed");
    Ok(())
}

fn ip(args: &[&str]) -> Result<()> {
    let output = Command::new("ip").args(args).output().context("ip, from iproute2, cannot be run")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "ip {}: {}", args.join(" "), said.trim());
    Ok(())
}

fn address(node: Node) -> String {
    format!("10.78.0.{}", node as u8 + 1)
}

/// How long one that was told to leave may take, with all that it holds.
const END_WAIT: Duration = Duration::from_secs(2);
