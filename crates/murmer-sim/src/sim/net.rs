//! Faults of the network: what is cut, and for how long; what breaks, and where much is lost.
//!
//! Doesn't know what nodes make of it.

use std::time::Duration;

use super::{Event, Sim};
use crate::cable::End;
use crate::fault::Fault;
use crate::paths::Pairs;

impl Sim {
    /// Some sites and all others don't reach each other.
    pub(super) fn partition(&mut self) -> bool {
        let count = self.sites.len();
        let site = self.dice(Fault::Partition).below(count);
        // Most often one alone, which is when it has nobody to ask.
        let is_alone = self.dice(Fault::Partition).chance(0.4);
        let sides: Vec<bool> = (0..count)
            .map(|at| at == site || (!is_alone && self.dice(Fault::Partition).chance(0.4)))
            .collect();
        let pairs: Pairs = pairs(count).filter(|(from, to)| sides[*from] != sides[*to]).collect();
        let span = self.dice(Fault::Partition).millis(200, 20_000);
        self.cut_for(&pairs, span);
        true
    }

    /// Two sites don't reach each other.
    pub(super) fn partial(&mut self) -> bool {
        let (one, other) = self.two(Fault::Partial);
        let span = self.dice(Fault::Partial).millis(200, 20_000);
        self.cut_for(&Pairs::from([(one, other), (other, one)]), span);
        true
    }

    /// A site doesn't reach another, or all others, or isn't reached by them.
    pub(super) fn one_way(&mut self) -> bool {
        let (one, other) = self.two(Fault::OneWay);
        let count = self.sites.len();
        let pairs: Pairs = match self.dice(Fault::OneWay).below(3) {
            0 => Pairs::from([(one, other)]),
            1 => (0..count).filter(|at| *at != one).map(|at| (one, at)).collect(),
            _ => (0..count).filter(|at| *at != one).map(|at| (at, one)).collect(),
        };
        let span = self.dice(Fault::OneWay).millis(200, 20_000);
        self.cut_for(&pairs, span);
        true
    }

    /// A path is cut and healed again and again.
    pub(super) fn flapping(&mut self) -> bool {
        let (one, other) = self.two(Fault::Flapping);
        let count = self.sites.len();
        let is_all = self.dice(Fault::Flapping).chance(0.3);
        let pairs: Pairs = if is_all {
            pairs(count).filter(|(from, to)| (*from == one) != (*to == one)).collect()
        } else {
            Pairs::from([(one, other), (other, one)])
        };
        let end = self.dice(Fault::Flapping).millis(3_000, 15_000);
        let mut at = Duration::ZERO;
        while at < end {
            let span = self.dice(Fault::Flapping).millis(100, 2_500);
            self.schedule(at, Event::Cut { pairs: pairs.clone(), span });
            at += span + self.dice(Fault::Flapping).millis(100, 2_500);
        }
        true
    }

    pub(super) fn cut_for(&mut self, pairs: &Pairs, span: Duration) {
        if !self.is_faulty {
            return;
        }
        self.trace.say(self.now, || format!("FAULT cut {pairs:?} for {span:?}"));
        let cut = self.paths.cut(pairs.clone());
        self.schedule(span, Event::Heal(cut));
    }

    pub(super) fn heal(&mut self, cut: u64) {
        let open = self.paths.heal(cut);
        if !open.is_empty() {
            self.trace.say(self.now, || format!("FAULT healed {open:?}"));
            self.resume(&open);
        }
    }

    /// Some connections of a site break, as both ends notice.
    pub(super) fn sever(&mut self) -> bool {
        let site = self.some_site(Fault::Sever);
        self.trace.say(self.now, || format!("FAULT sever n{site}"));
        for End { cable, .. } in self.cables.ends_at(site) {
            if self.dice(Fault::Sever).chance(0.5) {
                self.close(End { cable, side: 0 });
            }
        }
        true
    }

    /// For a while nearly all is lost to and from a site.
    pub(super) fn burst(&mut self) -> bool {
        let site = self.some_site(Fault::Bursts);
        let until = self.now + self.dice(Fault::Bursts).millis(200, 2_500);
        self.trace.say(self.now, || format!("FAULT burst around n{site} until {until:?}"));
        for other in 0..self.sites.len() {
            self.paths.burst(site, other, until);
            self.paths.burst(other, site, until);
        }
        true
    }

    /// Two different sites.
    fn two(&mut self, fault: Fault) -> (usize, usize) {
        let count = self.sites.len();
        let one = self.dice(fault).below(count);
        (one, (one + 1 + self.dice(fault).below(count - 1)) % count)
    }

    pub(super) fn some_site(&mut self, fault: Fault) -> usize {
        let count = self.sites.len();
        self.dice(fault).below(count)
    }
}

/// All pairs of different sites.
fn pairs(count: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..count).flat_map(move |from| (0..count).map(move |to| (from, to))).filter(|(from, to)| from != to)
}
