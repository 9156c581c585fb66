//! Everything that can go wrong, by name.
//!
//! Doesn't know how it is done, nor when.

use std::fmt;

/// One kind of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Datagrams are lost, up to a fifth of them; words on streams arrive later for it.
    Loss,
    /// For a second or two nearly all is lost around one site.
    Bursts,
    /// Everything takes longer, always the same time.
    Delay,
    /// Everything takes longer, never the same time: datagrams overtake each other.
    Jitter,
    /// Datagrams arrive twice.
    Duplicates,
    /// Logs keep so few changes, and windows are so small, that peers need snapshots.
    SmallRings,
    /// Some sites and all others don't reach each other.
    Partition,
    /// Two sites don't reach each other.
    Partial,
    /// A site doesn't reach another, or all others, but is reached by them.
    OneWay,
    /// A path is cut and healed again and again.
    Flapping,
    /// Connections break, and can be made anew at once.
    Sever,
    /// A process ends without a word to the cluster, and comes back as a new one.
    Crash,
    /// One that comes back does so at another address.
    Moved,
    /// One that comes back does so with a clock that was set back.
    ClockBack,
    /// One that comes back knows no seeds: the others have to come for it.
    Seedless,
    /// A process does nothing for a while, and then gets all that has queued.
    Pause,
    /// A process gets everything late, for a while.
    Slow,
    /// A second process with a name that is taken.
    Twin,
    /// Many processes begin at the same moment.
    Storm,
    /// A process leaves.
    Leave,
    /// A process leaves while some of the others don't hear it.
    LeaveCut,
    /// A member sends membership packets about others that no sound one would send.
    ForgedGossip,
    /// A member says things to registries and nodes, in the name of others, that are not so.
    ForgedWords,
    /// A discovery tells a process of places where others are, or it is itself, or nobody.
    Hearsay,
}

impl Fault {
    /// All kinds.
    pub const ALL: [Self; COUNT] = [
        Self::Loss,
        Self::Bursts,
        Self::Delay,
        Self::Jitter,
        Self::Duplicates,
        Self::SmallRings,
        Self::Partition,
        Self::Partial,
        Self::OneWay,
        Self::Flapping,
        Self::Sever,
        Self::Crash,
        Self::Moved,
        Self::ClockBack,
        Self::Seedless,
        Self::Pause,
        Self::Slow,
        Self::Twin,
        Self::Storm,
        Self::Leave,
        Self::LeaveCut,
        Self::ForgedGossip,
        Self::ForgedWords,
        Self::Hearsay,
    ];

    /// The kind that [`Display`](fmt::Display) calls so.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.to_string() == name)
    }

    /// True for those under which no node has a reason to hold a living member to be down.
    pub const fn is_tame(self) -> bool {
        match self {
            Self::Loss | Self::Delay | Self::Jitter | Self::Duplicates | Self::SmallRings => true,
            // How a process comes back; by themselves they end none.
            Self::Moved | Self::ClockBack | Self::Seedless | Self::Hearsay => true,
            Self::Bursts | Self::Partition | Self::Partial | Self::OneWay | Self::Flapping => false,
            Self::Sever | Self::Crash | Self::Pause | Self::Slow | Self::Twin | Self::Storm => false,
            Self::Leave | Self::LeaveCut | Self::ForgedGossip | Self::ForgedWords => false,
        }
    }

    /// True for those that come and go, rather than being there all the time.
    pub(crate) const fn is_event(self) -> bool {
        match self {
            Self::Bursts | Self::Partition | Self::Partial | Self::OneWay | Self::Flapping => true,
            Self::Sever | Self::Crash | Self::Pause | Self::Slow | Self::Twin | Self::Storm => true,
            Self::Leave | Self::LeaveCut | Self::ForgedGossip | Self::ForgedWords | Self::Hearsay => true,
            Self::Loss | Self::Delay | Self::Jitter | Self::Duplicates | Self::SmallRings => false,
            Self::Moved | Self::ClockBack | Self::Seedless => false,
        }
    }
}

/// `clock-back` for [`Fault::ClockBack`], and so on.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, letter) in format!("{self:?}").chars().enumerate() {
            if letter.is_uppercase() && at > 0 {
                write!(f, "-")?;
            }
            write!(f, "{}", letter.to_ascii_lowercase())?;
        }
        Ok(())
    }
}

/// How many kinds there are.
pub(crate) const COUNT: usize = 24;
