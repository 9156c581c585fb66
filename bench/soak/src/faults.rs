//! What is broken next.

use std::fmt;

/// Ten seconds of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    Loss,
    Delay,
    Narrow,
    Cut,
    CutOneWay,
    Doze,
    Restart,
    Crash,
}

const ALL: [Fault; 9] = [
    Fault::None,
    Fault::Loss,
    Fault::Delay,
    Fault::Narrow,
    Fault::Cut,
    Fault::CutOneWay,
    Fault::Doze,
    Fault::Restart,
    Fault::Crash,
];

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "-",
            Self::Loss => "5 % of packets lost, 2 % doubled",
            Self::Delay => "20 to 60 ms of delay, reordered",
            Self::Narrow => "2 MB/s",
            Self::Cut => "beta cut off for 4 s",
            Self::CutOneWay => "beta unheard for 4 s",
            Self::Doze => "an actor that takes nothing for 7 s",
            Self::Restart => "gamma leaves and comes back",
            Self::Crash => "gamma crashes and comes back",
        })
    }
}

/// All faults in an order that the seed decides, over and over.
pub(crate) struct Faults {
    dice: u64,
    left: Vec<Fault>,
}

impl Faults {
    pub(crate) fn new(seed: u64) -> Self {
        Self { dice: seed, left: Vec::new() }
    }

    pub(crate) fn next(&mut self) -> Fault {
        if self.left.is_empty() {
            self.left = ALL.to_vec();
        }
        // The constants are Knuth's, of MMIX.
        self.dice = self.dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let at = (self.dice >> 33) as usize % self.left.len();
        self.left.swap_remove(at)
    }
}
