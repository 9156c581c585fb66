//! Machines on one network, as far as processes can tell: network namespaces, all on one bridge.
//!
//! Needs root, and `ip` from iproute2. Nothing of the machine's own network is touched: the bridge is in a
//! namespace of its own.

use std::io::{self, Write};
use std::process::Command;

/// So many machines; gone when it is dropped.
pub(crate) struct Machines {
    prefix: String,
    count: usize,
}

impl Machines {
    /// None where they can't be made, which is said out loud: then what needs them is not tested.
    pub(crate) fn new(count: usize) -> Option<Self> {
        // Names of interfaces and namespaces that no other process of tests has.
        let machines = Self { prefix: format!("murmer-t{}", std::process::id()), count };
        match machines.make() {
            Ok(()) => Some(machines),
            Err(why) => {
                let skipped = "SKIPPED, NOT CHECKED: what needs network namespaces";
                // Not by a macro of the standard library, whose words are shown only of tests that fail.
                let _ = writeln!(io::stderr(), "{skipped}: {why} (needs root, and ip from iproute2)");
                None
            }
        }
    }

    fn make(&self) -> Result<(), String> {
        let hub = self.hub();
        ip(&["netns", "add", &hub])?;
        ip(&["-n", &hub, "link", "add", "br0", "type", "bridge"])?;
        ip(&["-n", &hub, "link", "set", "br0", "up"])?;
        for at in 0..self.count {
            let (space, port) = (self.space(at), port(at));
            ip(&["netns", "add", &space])?;
            ip(&["-n", &hub, "link", "add", &port, "type", "veth", "peer", "name", "eth0", "netns", &space])?;
            ip(&["-n", &hub, "link", "set", &port, "master", "br0", "up"])?;
            ip(&["-n", &space, "address", "add", &format!("10.77.0.{}/24", at + 1), "dev", "eth0"])?;
            ip(&["-n", &space, "link", "set", "eth0", "up"])?;
            ip(&["-n", &space, "link", "set", "lo", "up"])?;
        }
        Ok(())
    }

    /// Runs whatever it is given on that machine. It becomes the process that it runs.
    pub(crate) fn on(&self, at: usize) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.space(at)]);
        command
    }

    /// Takes the plug of that machine out, or puts it in again.
    pub(crate) fn plug(&self, at: usize, is_in: bool) {
        let state = if is_in { "up" } else { "down" };
        ip(&["-n", &self.hub(), "link", "set", &port(at), state]).expect("the port is there");
    }

    fn hub(&self) -> String {
        format!("{}-hub", self.prefix)
    }

    fn space(&self, at: usize) -> String {
        format!("{}-{at}", self.prefix)
    }
}

impl Drop for Machines {
    fn drop(&mut self) {
        for space in (0..self.count).map(|at| self.space(at)).chain([self.hub()]) {
            // One that was not made can't be taken down.
            let _ = ip(&["netns", "del", &space]);
        }
    }
}

fn port(at: usize) -> String {
    format!("port{at}")
}

fn ip(args: &[&str]) -> Result<(), String> {
    let output = Command::new("ip").args(args).output().map_err(|error| format!("ip: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { Err(format!("ip {}: {}", args.join(" "), said.trim())) }
}
