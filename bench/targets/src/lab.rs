//! Where the processes live: each in a network namespace of its own, all on one bridge; or on loopback.
//!
//! A line is cut in one direction by a route into a black hole, as a router that lost its mind would.

use std::net::SocketAddr;
use std::process::Command;

use anyhow::{Context, Result, ensure};

pub(crate) struct Lab {
    /// How the namespaces' names begin; none on loopback.
    prefix: Option<String>,
    nodes: usize,
}

impl Lab {
    pub(crate) const fn loopback() -> Self {
        Self { prefix: None, nodes: 0 }
    }

    /// Namespaces if this process may make them, else loopback, and says so.
    pub(crate) fn new(nodes: usize) -> Result<Self> {
        let prefix = format!("murmer{}", std::process::id());
        if let Err(error) = ip(&["netns", "add", &format!("{prefix}-hub")]) {
            crate::say(format_args!("no namespaces, so on loopback: {error:#}"));
            return Ok(Self::loopback());
        }
        // From here on whatever was made is taken down again.
        let lab = Self { prefix: Some(prefix.clone()), nodes };
        let hub = format!("{prefix}-hub");
        ip(&["-n", &hub, "link", "add", "br0", "type", "bridge"])?;
        ip(&["-n", &hub, "link", "set", "br0", "up"])?;
        for node in 0..nodes {
            let (space, port) = (format!("{prefix}-{node}"), format!("port{node}"));
            ip(&["netns", "add", &space])?;
            ip(&["-n", &hub, "link", "add", &port, "type", "veth", "peer", "name", "eth0", "netns", &space])?;
            ip(&["-n", &hub, "link", "set", &port, "master", "br0", "up"])?;
            ip(&["-n", &space, "address", "add", &format!("{}/24", lab.ip_of(node)), "dev", "eth0"])?;
            ip(&["-n", &space, "link", "set", "eth0", "up"])?;
            ip(&["-n", &space, "link", "set", "lo", "up"])?;
        }
        Ok(lab)
    }

    pub(crate) fn describe(&self) -> &'static str {
        if self.prefix.is_some() { "in network namespaces" } else { "on loopback" }
    }

    pub(crate) const fn can_cut(&self) -> bool {
        self.prefix.is_some()
    }

    pub(crate) fn addr(&self, node: usize) -> Result<SocketAddr> {
        let addr = match self.prefix {
            Some(_) => format!("{}:7100", self.ip_of(node)),
            None => format!("127.0.0.1:{}", LOOPBACK_PORT + node),
        };
        Ok(addr.parse()?)
    }

    /// This program, to run where `node` lives.
    pub(crate) fn command(&self, node: usize) -> Result<Command> {
        let program = std::env::current_exe()?;
        Ok(match &self.prefix {
            Some(prefix) => {
                let mut command = Command::new("ip");
                command.args(["netns", "exec", &format!("{prefix}-{node}")]).arg(program);
                command
            }
            None => Command::new(program),
        })
    }

    /// Nothing that `from` sends arrives at `to` any more.
    pub(crate) fn cut(&self, from: usize, to: usize) -> Result<()> {
        self.route("add", from, to)
    }

    pub(crate) fn heal(&self, from: usize, to: usize) -> Result<()> {
        self.route("del", from, to)
    }

    fn route(&self, what: &str, from: usize, to: usize) -> Result<()> {
        let prefix = self.prefix.as_ref().context("on loopback nothing can be cut")?;
        ip(&[
            "-n",
            &format!("{prefix}-{from}"),
            "route",
            what,
            "blackhole",
            &format!("{}/32", self.ip_of(to)),
        ])
    }

    fn ip_of(&self, node: usize) -> String {
        format!("10.77.0.{}", node + 1)
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        if let Some(prefix) = &self.prefix {
            let spaces = (0..self.nodes).map(|node| format!("{prefix}-{node}"));
            for space in spaces.chain([format!("{prefix}-hub")]) {
                // One that was not made yet can't be taken down.
                let _ = ip(&["netns", "del", &space]);
            }
        }
    }
}

fn ip(args: &[&str]) -> Result<()> {
    let output = Command::new("ip").args(args).output().context("ip, from iproute2")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "ip {}: {}", args.join(" "), said.trim());
    Ok(())
}

/// The first of the ports on loopback.
const LOOPBACK_PORT: usize = 17_100;
