//! What goes wrong by itself while a test goes on, as the seed says.

use std::time::Duration;

use murmer_transport::Faults;
use tokio::time::{Instant, sleep_until};

use super::TestCluster;

/// Which faults there are, and how often.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use murmer::testing::{Disturbance, check};
///
/// check([1], async |cluster| {
///     for name in ["alpha", "beta", "gamma"] {
///         cluster.add(name, |_| {});
///         cluster.start(name).await;
///     }
///     let faults = Disturbance { every: Duration::from_millis(500), ..Disturbance::default() };
///     cluster.disturb(faults, Duration::from_secs(30)).await;
///     cluster.settled().await;
///     assert_eq!(cluster.running(), ["alpha", "beta", "gamma"]);
/// });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disturbance {
    /// How long until the next fault, on average. 1 ms at least; by default 1 s.
    pub every: Duration,
    /// How long a fault lasts at most; a crashed node is started again after that, a cut mended. By default 10 s,
    /// which is long enough for others to hold a node to be down.
    pub lasts: Duration,
    /// Whether nodes are cut off from others, one way or both ways.
    pub partitions: bool,
    /// Whether nodes crash, to be started again later.
    pub crashes: bool,
    /// Whether the line becomes slow, unsteady and lossy at times.
    pub bad_lines: bool,
}

impl Default for Disturbance {
    fn default() -> Self {
        Self {
            every: Duration::from_secs(1),
            lasts: Duration::from_secs(10),
            partitions: true,
            crashes: true,
            bad_lines: true,
        }
    }
}

/// What can go wrong next.
enum Kind {
    Cuts,
    Crash,
    BadLine,
}

/// A fault that goes on.
enum Fault {
    Crash(String),
    Cuts,
    BadLine,
}

impl TestCluster {
    /// Lets go wrong what `disturbance` says for `span`, then mends it: all cuts healed, the line good, every node
    /// running that ran before. Other things may be done meanwhile, beside it in a `join!`.
    ///
    /// # Cancel safety
    ///
    /// Dropped, it leaves as it is what is broken at that moment.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use murmer::testing::{Disturbance, check};
    ///
    /// check([7], async |cluster| {
    ///     for name in ["alpha", "beta"] {
    ///         cluster.add(name, |_| {});
    ///     }
    ///     cluster.start("alpha").await;
    ///     let beta = cluster.start("beta").await;
    ///     let traffic = async { /* what is tested */ };
    ///     tokio::join!(traffic, cluster.disturb(Disturbance::default(), Duration::from_secs(20)));
    ///     cluster.settled().await;
    ///     # drop(beta);
    /// });
    /// ```
    pub async fn disturb(&self, disturbance: Disturbance, span: Duration) {
        let until = Instant::now() + span;
        let mut broken: Vec<(Instant, Fault)> = Vec::new();
        let mut next_at = self.after(disturbance.every * 2);
        loop {
            let ends_at = broken.iter().map(|(at, _)| *at).min();
            let at = ends_at.map_or(next_at, |ends_at| ends_at.min(next_at)).min(until);
            sleep_until(at).await; // tidy: sleep what the test waits for is time
            let now = Instant::now();
            if now >= until {
                break;
            }
            while let Some(over) = broken.iter().position(|(at, _)| *at <= now) {
                self.mend(broken.swap_remove(over).1).await;
            }
            if now >= next_at {
                if let Some(fault) = self.break_something(&disturbance) {
                    broken.push((self.after(disturbance.lasts), fault));
                }
                next_at = self.after(disturbance.every * 2);
            }
        }
        for (_, fault) in broken {
            self.mend(fault).await;
        }
    }

    fn break_something(&self, disturbance: &Disturbance) -> Option<Fault> {
        let Disturbance { partitions, crashes, bad_lines, .. } = *disturbance;
        let kinds = [(partitions, Kind::Cuts), (crashes, Kind::Crash), (bad_lines, Kind::BadLine)];
        let kinds: Vec<_> = kinds.into_iter().filter(|(is_on, _)| *is_on).map(|(_, kind)| kind).collect();
        let kind = kinds.get(self.roll(kinds.len() as u64) as usize)?;
        match kind {
            Kind::Cuts => {
                let names = self.names();
                if names.len() < 2 {
                    return None;
                }
                let one_way = self.roll(4) == 0;
                let (mut these, mut others) = (Vec::new(), Vec::new());
                for name in &names {
                    if self.roll(2) == 0 { these.push(&**name) } else { others.push(&**name) }
                }
                match one_way {
                    true => self.partition_one_way(&these, &others),
                    false => self.partition(&these, &others),
                }
                Some(Fault::Cuts)
            }
            Kind::Crash => {
                let running = self.running();
                let name = running.get(self.roll(running.len() as u64) as usize)?.clone();
                self.crash(&name);
                Some(Fault::Crash(name))
            }
            Kind::BadLine => {
                let millis = |below| Duration::from_millis(self.roll(below));
                self.set_faults(Faults {
                    delay: millis(100),
                    jitter: millis(100),
                    loss: self.roll(20) as f64 / 100.0,
                    duplication: self.roll(10) as f64 / 100.0,
                    bandwidth: None,
                });
                Some(Fault::BadLine)
            }
        }
    }

    async fn mend(&self, fault: Fault) {
        match fault {
            // The test itself may have started it meanwhile.
            Fault::Crash(name) if self.is_off(&name) => drop(self.start(&name).await),
            Fault::Crash(_) => {}
            Fault::Cuts => self.heal(),
            Fault::BadLine => self.set_faults(Faults::default()),
        }
    }

    /// A point in time from now up to `span` away.
    fn after(&self, span: Duration) -> Instant {
        let micros = u64::try_from(span.as_micros()).unwrap_or(u64::MAX).max(1_000);
        Instant::now() + Duration::from_micros(1_000 + self.roll(micros))
    }
}
