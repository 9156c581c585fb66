//! The processes by number, and waiting for what they say.

use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::lab::Lab;
use crate::process::{Process, Said};

pub(crate) struct Cluster {
    // Before the lab, which can't be taken down while they live in it.
    processes: Vec<Option<Process>>,
    lab: Lab,
    said: Receiver<Said>,
    out: Sender<Said>,
    labels: usize,
}

impl Cluster {
    /// Starts all, and waits until they are together.
    pub(crate) fn start(lab: Lab, nodes: usize) -> Result<Self> {
        let (out, said) = channel();
        let processes = (0..nodes).map(|_| None).collect();
        let mut cluster = Self { processes, lab, said, out, labels: 0 };
        for node in 0..nodes {
            cluster.boot(node, true)?;
        }
        cluster.together(Duration::from_secs(30)).context("the processes didn't come together")?;
        Ok(cluster)
    }

    pub(crate) const fn can_cut(&self) -> bool {
        self.lab.can_cut()
    }

    pub(crate) fn len(&self) -> usize {
        self.processes.len()
    }

    /// A new process; with a seed it is told of two others.
    pub(crate) fn boot(&mut self, node: usize, with_seed: bool) -> Result<()> {
        let mut command = self.lab.command(node)?;
        command.args(["node", &name(node), &self.lab.addr(node)?.to_string()]);
        for seed in (0..3).filter(|seed| with_seed && *seed != node).take(2) {
            command.arg(self.lab.addr(seed)?.to_string());
        }
        self.processes[node] = Some(Process::start(command, node, self.out.clone())?);
        Ok(())
    }

    pub(crate) fn kill(&mut self, node: usize) -> Result<()> {
        self.take(node)?.kill()
    }

    /// Tells it to leave; it ends by itself.
    pub(crate) fn leave(&mut self, node: usize) -> Result<Process> {
        let mut process = self.take(node)?;
        process.tell("leave")?;
        Ok(process)
    }

    pub(crate) fn signal(&self, node: usize, name: &str) -> Result<()> {
        self.processes[node].as_ref().context("it runs")?.signal(name)
    }

    pub(crate) fn tell(&mut self, node: usize, line: &str) -> Result<()> {
        self.processes[node].as_mut().context("it runs")?.tell(line)
    }

    pub(crate) fn cut(&self, from: usize, to: usize) -> Result<()> {
        self.lab.cut(from, to)
    }

    pub(crate) fn heal(&self, from: usize, to: usize) -> Result<()> {
        self.lab.heal(from, to)
    }

    /// A label that nobody has used.
    pub(crate) fn fresh_label(&mut self) -> String {
        self.labels += 1;
        format!("probe/{}", self.labels)
    }

    /// Forgets what has been said so far.
    pub(crate) fn hush(&self) {
        while self.said.try_recv().is_ok() {}
    }

    /// When the last of `nodes` had said `line`; since when is the caller's to know.
    pub(crate) fn when_all_say(&self, nodes: &[usize], line: &str, within: Duration) -> Result<Instant> {
        let wanted = nodes.iter().map(|node| (*node, line.to_owned()));
        self.when_all_said(wanted.collect(), within)
    }

    /// When the last of these had been said.
    pub(crate) fn when_all_said(
        &self,
        mut wanted: BTreeSet<(usize, String)>,
        within: Duration,
    ) -> Result<Instant> {
        let until = Instant::now() + within;
        let mut last = Instant::now();
        while !wanted.is_empty() {
            match self.said.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(Said { node, at, line }) => {
                    if wanted.remove(&(node, line)) {
                        last = at;
                    }
                }
                Err(RecvTimeoutError::Timeout) => bail!("not said within {within:?}: {wanted:?}"),
                Err(RecvTimeoutError::Disconnected) => bail!("nobody is left to say it"),
            }
        }
        Ok(last)
    }

    /// Waits until each process reaches a new actor of every other, and holds all of them to be up.
    pub(crate) fn together(&mut self, within: Duration) -> Result<Instant> {
        let running: Vec<_> = (0..self.len()).filter(|node| self.processes[*node].is_some()).collect();
        let mut wanted = BTreeSet::new();
        for node in &running {
            let whole = format!("whole {}", running.len() - 1);
            self.tell(*node, &whole)?;
            wanted.insert((*node, whole));
            let label = self.fresh_label();
            self.tell(*node, &format!("start {label}"))?;
            for other in running.iter().filter(|other| *other != node) {
                self.tell(*other, &format!("expect {label}"))?;
                wanted.insert((*other, format!("seen {label}")));
            }
        }
        self.when_all_said(wanted, within)
    }

    /// All but one.
    pub(crate) fn others(&self, node: usize) -> Vec<usize> {
        (0..self.len()).filter(|other| *other != node).collect()
    }

    fn take(&mut self, node: usize) -> Result<Process> {
        self.processes[node].take().context("it runs")
    }
}

pub(crate) fn name(node: usize) -> String {
    format!("n{node}")
}
