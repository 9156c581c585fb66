//! What goes wrong when: each kind of fault on the menu has its own clock and its own dice.
//!
//! Doesn't know what nodes make of it.

use std::time::Duration;

use super::Sim;
use crate::fault::Fault;

impl Sim {
    /// The next fault of a kind, some time after `wait`: the stronger it is, the sooner.
    pub(super) fn plan(&mut self, fault: Fault, wait: Duration) {
        let longest = (LONGEST_MS as f64 / (0.5 + 2.5 * self.menu.strength(fault))) as u64;
        let wait = wait + self.dice(fault).millis(100, longest);
        self.schedule(wait, super::Event::Fault(fault));
    }

    pub(super) fn fault(&mut self, fault: Fault) {
        if !self.is_faulty {
            return;
        }
        self.plan(fault, Duration::ZERO);
        let has_happened = match fault {
            Fault::Bursts => self.burst(),
            Fault::Partition => self.partition(),
            Fault::Partial => self.partial(),
            Fault::OneWay => self.one_way(),
            Fault::Flapping => self.flapping(),
            Fault::Sever => self.sever(),
            Fault::Crash => self.crash(),
            Fault::Pause => self.pause(),
            Fault::Slow => self.slow(),
            Fault::Twin => self.twin(),
            Fault::Storm => self.storm(),
            Fault::Leave => {
                let site = self.some_site(fault);
                self.leave(site)
            }
            Fault::LeaveCut => self.leave_cut(),
            Fault::ForgedGossip => self.forge_gossip(),
            Fault::ForgedWords => self.forge_words(),
            Fault::Hearsay => self.hearsay(),
            // These are there all the time, and never planned.
            Fault::Loss | Fault::Delay | Fault::Jitter | Fault::Duplicates | Fault::SmallRings => false,
            Fault::Moved | Fault::ClockBack | Fault::Seedless => false,
        };
        if has_happened {
            self.happened.add(fault);
        }
    }
}

/// Between two faults of the weakest sort, in milliseconds; half of it passes on average.
const LONGEST_MS: u64 = 24_000;
