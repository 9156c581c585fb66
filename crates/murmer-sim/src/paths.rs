//! The ways between sites: which are cut, where much is lost, how long a word takes.
//!
//! Every path draws for itself, by counting what it carried; so what happens elsewhere changes nothing here.
//! Doesn't know what is carried.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use crate::dice::{hash, is_below};
use crate::menu::Menu;

/// Sites as pairs, from and to.
pub(crate) type Pairs = Rc<[(usize, usize)]>;

/// All paths between all sites.
#[derive(Debug)]
pub(crate) struct Paths {
    seed: u64,
    sites: usize,
    paths: Vec<Path>,
    cuts: BTreeMap<u64, Pairs>,
    last_cut: u64,
}

#[derive(Debug, Clone, Default)]
struct Path {
    /// How many cuts it is part of.
    cuts: u32,
    carried: u64,
    /// Until then nearly all is lost.
    burst_until: Duration,
}

/// What becomes of a datagram: when it arrives, once or twice.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fate {
    pub(crate) after: Option<Duration>,
    pub(crate) again_after: Option<Duration>,
}

impl Paths {
    pub(crate) fn new(seed: u64, sites: usize) -> Self {
        let paths = vec![Path::default(); sites * sites];
        Self { seed, sites, paths, cuts: BTreeMap::new(), last_cut: 0 }
    }

    /// Cuts some paths; returns what to call it.
    pub(crate) fn cut(&mut self, pairs: Pairs) -> u64 {
        for (from, to) in pairs.iter() {
            self.paths[from * self.sites + to].cuts += 1;
        }
        self.last_cut += 1;
        self.cuts.insert(self.last_cut, pairs);
        self.last_cut
    }

    /// Takes a cut back; returns the paths that are open again.
    pub(crate) fn heal(&mut self, cut: u64) -> Vec<(usize, usize)> {
        let Some(pairs) = self.cuts.remove(&cut) else { return Vec::new() };
        let mut open = Vec::new();
        for (from, to) in pairs.iter() {
            let path = &mut self.paths[from * self.sites + to];
            path.cuts -= 1;
            if path.cuts == 0 {
                open.push((*from, *to));
            }
        }
        open
    }

    /// All cuts there are.
    pub(crate) fn cuts(&self) -> Vec<u64> {
        self.cuts.keys().copied().collect()
    }

    pub(crate) fn burst(&mut self, from: usize, to: usize, until: Duration) {
        let path = &mut self.paths[from * self.sites + to];
        path.burst_until = path.burst_until.max(until);
    }

    pub(crate) fn end_bursts(&mut self) {
        self.paths.iter_mut().for_each(|path| path.burst_until = Duration::ZERO);
    }

    pub(crate) fn is_open(&self, from: usize, to: usize) -> bool {
        self.paths[from * self.sites + to].cuts == 0
    }

    /// How long one word of a stream takes, with what it takes to send it again where it is lost.
    pub(crate) fn word(&mut self, now: Duration, from: usize, to: usize, menu: &Menu) -> Duration {
        let (roll, is_burst) = self.roll(now, from, to);
        let mut wait = way(roll, menu);
        let loss = if is_burst { BURST_LOSS } else { menu.loss() };
        for attempt in 1..=RESENT_MAX {
            if !is_below(hash(&[roll, attempt]), loss) {
                break;
            }
            wait += RESEND_AFTER * (1 << attempt.min(4)) as u32 / 2;
        }
        wait
    }

    /// What becomes of a datagram.
    pub(crate) fn datagram(&mut self, now: Duration, from: usize, to: usize, menu: &Menu) -> Fate {
        let (roll, is_burst) = self.roll(now, from, to);
        let loss = if is_burst { BURST_LOSS } else { menu.loss() };
        let after = (!is_below(hash(&[roll, 1]), loss)).then(|| way(roll, menu));
        let is_twice = is_below(hash(&[roll, 2]), menu.duplicates());
        let again = is_twice.then(|| way(hash(&[roll, 3]), menu));
        Fate { after, again_after: again }
    }

    fn roll(&mut self, now: Duration, from: usize, to: usize) -> (u64, bool) {
        let at = from * self.sites + to;
        let path = &mut self.paths[at];
        path.carried += 1;
        (hash(&[self.seed, at as u64, path.carried]), path.burst_until > now)
    }
}

fn way(roll: u64, menu: &Menu) -> Duration {
    let jitter = menu.jitter().as_nanos() as u64;
    menu.delay() + Duration::from_nanos(roll % (jitter + 1))
}

/// Nearly all.
const BURST_LOSS: f64 = 0.9;
/// QUIC sends again after a few round trips, and waits twice as long each time.
const RESEND_AFTER: Duration = Duration::from_millis(60);
const RESENT_MAX: u64 = 8;
