//! Why actors end.

use core::fmt;

/// Why an actor has ended, or can't be reached any more.
///
/// # Examples
///
/// ```
/// # use murmer::prelude::*;
/// # struct Machine; impl Actor for Machine { type State = (); }
/// # #[handlers] impl Machine { #[handler] fn overheat(&mut self) { panic!("too hot") } }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
/// let machine = System::local().start("machine", Machine, ());
/// machine.overheat().tell().await?;
/// let reason = machine.ended().await;
/// assert_eq!(reason, StopReason::Panicked("too hot".into()));
/// assert_eq!(reason.to_string(), "panicked: too hot");
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StopReason {
    /// It was told to, or told itself to: by a stop, a drain, its parent's end, or a shutdown.
    Stopped,
    /// It was told to end at once; a message in hand was broken off.
    Killed,
    /// A handler or hook panicked, with this message.
    Panicked(String),
    /// Its start-up failed, with this error.
    StartFailed(String),
    /// It failed more often than its [`Supervision`](crate::Supervision) allows. The last failure was this.
    RestartLimit(Box<Self>),
    /// A child of its gave up and is to take its parent along.
    ChildFailed(Box<Self>),
    /// Its node left the cluster.
    NodeLeft,
    /// Its node is held to be down. It may still be running there.
    NodeDown,
    /// There is no such actor, and none is remembered.
    NeverExisted,
}

impl StopReason {
    /// True if it ended because something went wrong in it; what [`Restart::Transient`](crate::Restart)
    /// restarts.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Machine; impl Actor for Machine { type State = (); }
    /// # #[handlers] impl Machine { #[handler] fn overheat(&mut self) { panic!("too hot") } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
    /// let system = System::local();
    /// let (one, two) = (system.start("one", Machine, ()), system.start("two", Machine, ()));
    /// one.overheat().tell().await?;
    /// two.control().stop();
    /// assert!(one.ended().await.is_failure());
    /// assert!(!two.ended().await.is_failure());
    /// # Ok(()) }
    /// ```
    pub const fn is_failure(&self) -> bool {
        match self {
            Self::Panicked(_) | Self::StartFailed(_) | Self::RestartLimit(_) | Self::ChildFailed(_) => true,
            Self::Stopped | Self::Killed | Self::NodeLeft | Self::NodeDown | Self::NeverExisted => false,
        }
    }

    /// The same, with no more of its text, and of what it goes back to, than so.
    pub(crate) fn cut(&self, bytes_max: usize) -> Self {
        self.cut_within(bytes_max, WRAPS_MAX)
    }

    fn cut_within(&self, bytes_max: usize, wraps_max: usize) -> Self {
        let cut = |text: &str| text[..text.floor_char_boundary(bytes_max)].to_owned();
        match self {
            Self::Panicked(message) => Self::Panicked(cut(message)),
            Self::StartFailed(error) => Self::StartFailed(cut(error)),
            Self::RestartLimit(last) | Self::ChildFailed(last) if wraps_max == 0 => {
                last.cause().cut_within(bytes_max, 0)
            }
            Self::RestartLimit(last) => {
                Self::RestartLimit(Box::new(last.cut_within(bytes_max, wraps_max - 1)))
            }
            Self::ChildFailed(last) => Self::ChildFailed(Box::new(last.cut_within(bytes_max, wraps_max - 1))),
            Self::Stopped | Self::Killed | Self::NodeLeft | Self::NodeDown | Self::NeverExisted => {
                self.clone()
            }
        }
    }

    /// What it goes back to in the end.
    fn cause(&self) -> &Self {
        let mut cause = self;
        while let Self::RestartLimit(last) | Self::ChildFailed(last) = cause {
            cause = last;
        }
        cause
    }
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stopped => f.write_str("stopped"),
            Self::Killed => f.write_str("killed"),
            Self::Panicked(message) => write!(f, "panicked: {message}"),
            Self::StartFailed(error) => write!(f, "start-up failed: {error}"),
            Self::RestartLimit(last) => write!(f, "failed too often, the last time because it {last}"),
            Self::ChildFailed(last) => write!(f, "a child of its gave up: {last}"),
            Self::NodeLeft => f.write_str("its node left the cluster"),
            Self::NodeDown => f.write_str("its node is held to be down"),
            Self::NeverExisted => f.write_str("there is no such actor"),
        }
    }
}

/// How deep a family is at the most that a reason is remembered for.
const WRAPS_MAX: usize = 16;
