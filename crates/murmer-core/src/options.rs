//! How one actor is run, where the defaults don't fit.

/// How one actor is run.
///
/// # Examples
///
/// ```
/// use murmer_core::{ActorOptions, ChildStrategy};
///
/// let options = ActorOptions::default().mailbox(16).children(ChildStrategy::OneForAll);
/// ```
#[derive(Debug, Clone)]
pub struct ActorOptions {
    pub(crate) mailbox: usize,
    pub(crate) children: ChildStrategy,
    pub(crate) own_thread: bool,
}

/// Which children begin another life when one of them has failed and is restarted.
///
/// They lay down their lives, the youngest first, wherever their handlers wait; then they begin again, the
/// oldest first and one after the other. So a start-up may ask an older sibling, and must not wait for a
/// younger one. A child that is never restarted ends instead.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ChildStrategy {
    /// That one.
    #[default]
    OneForOne,
    /// All of them: for children that are of no use without each other.
    OneForAll,
    /// That one and those started after it: for children that build on those before them.
    RestForOne,
}

impl ActorOptions {
    /// Messages a mailbox holds unless told otherwise.
    pub const MAILBOX_DEFAULT: usize = 1_024;

    /// How many messages may wait for the actor, the one being handled included.
    ///
    /// From 1; a thousand or so absorbs bursts while a slow actor is still noticed within a
    /// thousand messages. 0 is taken as 1, since an actor that takes no message is no use.
    #[must_use]
    pub fn mailbox(mut self, messages: usize) -> Self {
        self.mailbox = messages.max(1);
        self
    }

    /// Which of its children are restarted along with one that failed. One for one unless set.
    #[must_use]
    pub const fn children(mut self, strategy: ChildStrategy) -> Self {
        self.children = strategy;
        self
    }

    /// Runs the actor on a thread of its own, so that its handlers may block: for a handful of actors
    /// around blocking libraries. A thread costs what thousands of actors do. Its tasks, timers and children,
    /// and whatever else it starts, run on the runtime around it and are not held up.
    ///
    /// For a single piece of blocking work use
    /// [`ActorContext::spawn_blocking`](crate::ActorContext::spawn_blocking).
    #[must_use]
    pub const fn own_thread(mut self) -> Self {
        self.own_thread = true;
        self
    }
}

impl Default for ActorOptions {
    fn default() -> Self {
        Self { mailbox: Self::MAILBOX_DEFAULT, children: ChildStrategy::OneForOne, own_thread: false }
    }
}
