//! What a seed has drawn: which faults are on, and how strong each is.
//!
//! Every kind draws from its own stream, so that one can be left out and all others stay as they are.
//! Doesn't know what strength means to a kind.

use std::fmt;
use std::time::Duration;

use crate::dice::{Dice, hash};
use crate::fault::{COUNT, Fault};
use crate::recipe::Recipe;

/// The faults of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Menu {
    /// By kind; 0 for one that is off, else up to 1.
    strengths: [f64; COUNT],
    /// Whether every process is given all others as seeds, or only the first two.
    pub(crate) seeds_everywhere: bool,
    /// Whether the order of what a paused process finds on waking is turned around: its timers first.
    pub(crate) timers_first: bool,
}

impl Menu {
    /// What `recipe` says: its seed draws, and what it leaves out is off.
    pub fn draw(recipe: &Recipe) -> Self {
        let mut dice = Dice::new(recipe.seed, MENU);
        // Most have a few kinds, some only those that kill nobody, some everything at once.
        let (tame, wild) = match dice.below(8) {
            0 => (0.8, 0.0),
            1 => (0.9, 0.9),
            2 => (0.5, 0.1),
            _ => (0.5, 0.35),
        };
        let strengths = Fault::ALL.map(|fault| {
            let mut dice = Dice::new(recipe.seed, hash(&[MENU, fault as u64]));
            let is_on = dice.chance(if fault.is_tame() { tame } else { wild });
            let strength = (dice.below(10) + 1) as f64 / 10.0;
            if is_on && !recipe.without.contains(&fault) { strength } else { 0.0 }
        });
        Self { strengths, seeds_everywhere: dice.chance(0.5), timers_first: dice.chance(0.5) }
    }

    /// The same, with nothing going wrong.
    pub(crate) const fn calm(&self) -> Self {
        Self { strengths: [0.0; COUNT], ..*self }
    }

    /// How strong a kind is; 0 for one that is off, else up to 1.
    pub fn strength(&self, fault: Fault) -> f64 {
        self.strengths[fault as usize]
    }

    /// Whether a kind is on.
    pub fn has(&self, fault: Fault) -> bool {
        self.strength(fault) > 0.0
    }

    /// The kinds that are on.
    pub fn faults(&self) -> impl Iterator<Item = Fault> {
        Fault::ALL.into_iter().filter(|fault| self.has(*fault))
    }

    /// True if nothing that happens is a reason to hold a member to be down.
    pub fn is_tame(&self) -> bool {
        self.faults().all(Fault::is_tame)
    }

    /// The part of all datagrams that is lost: at most a fifth, which members must survive.
    pub(crate) fn loss(&self) -> f64 {
        0.2 * self.strength(Fault::Loss)
    }

    /// What every word takes at least: up to 20 ms, on top of 100 µs.
    pub(crate) fn delay(&self) -> Duration {
        Duration::from_micros(100 + (20_000.0 * self.strength(Fault::Delay)) as u64)
    }

    /// What a word may take beyond that: up to 40 ms, so that a probe and its answer stay within the 200 ms
    /// that membership waits.
    pub(crate) fn jitter(&self) -> Duration {
        Duration::from_micros(200 + (40_000.0 * self.strength(Fault::Jitter)) as u64)
    }

    /// The part of all datagrams that arrives twice.
    pub(crate) fn duplicates(&self) -> f64 {
        0.2 * self.strength(Fault::Duplicates)
    }
}

/// `loss 0.3, crash 1` and so on.
impl fmt::Display for Menu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for fault in self.faults() {
            write!(f, "{fault} {}, ", self.strength(fault))?;
        }
        write!(f, "seeds {}", if self.seeds_everywhere { "everywhere" } else { "two" })
    }
}

/// The stream that the menu is drawn from.
const MENU: u64 = 1;
