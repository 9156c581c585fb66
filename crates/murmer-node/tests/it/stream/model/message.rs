//! One message, and what has happened to it.

use std::time::Duration;

use murmer_node::{Outcome, RefuseReason};

use super::items::Items;

/// What a message is before it is written.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Order {
    pub(super) is_ask: bool,
    /// Its answer is to be a stream.
    pub(super) is_streamed: bool,
    pub(super) timeout: Option<Duration>,
    pub(super) bytes: usize,
}

/// One message, from its writing on.
#[derive(Debug, Default)]
pub(super) struct Message {
    pub(super) order: Order,
    pub(super) generation: u64,
    /// Its place in its stream, from 1.
    pub(super) id: u64,
    pub(super) place: Place,
    /// The mailbox has it.
    pub(super) is_taken: bool,
    pub(super) is_handled: bool,
    pub(super) refused: Option<RefuseReason>,
    pub(super) answer: Option<Answer>,
    pub(super) items: Items,
    /// The asker knows that its answer, a stream, begins.
    pub(super) is_begun: bool,
    pub(super) is_given_up: bool,
    pub(super) end: Option<Outcome>,
}

/// How far its bytes got.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Place {
    #[default]
    Buffer,
    /// The shell has begun to take them.
    Left,
    /// It was over before that: only its number went out.
    Skipped,
}

/// What the actor said to an ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// A number of words, each of them the message's own number.
    Words(usize),
    Failed {
        panicked: bool,
    },
    TooLarge,
    /// A stream begins.
    Items,
}

impl Message {
    pub(super) fn new(generation: u64, id: u64, order: Order) -> Self {
        Self { generation, id, order, ..Self::default() }
    }

    /// An ask of which nothing has been said.
    pub(super) fn is_open(&self) -> bool {
        !self.is_given_up && !self.is_begun && self.end.is_none()
    }

    /// Somebody reads its answer, of which more may come.
    pub(super) fn is_being_read(&self) -> bool {
        self.is_begun && !self.is_given_up && !self.items.is_read_to_the_end()
    }

    pub(super) fn has_left(&self) -> bool {
        self.place == Place::Left
    }

    /// Nothing can be lost of it any more.
    pub(super) fn has_arrived(&self) -> bool {
        self.is_taken || self.refused.is_some() || self.place == Place::Skipped
    }

    /// The asker was told that no handler ran, and that none will.
    pub(super) fn is_never(&self) -> bool {
        match &self.end {
            None => false,
            Some(Outcome::Reply(_) | Outcome::Failed { .. }) => false,
            Some(Outcome::Refused(_)) => true,
            Some(
                Outcome::Closed { may_be_handled, .. }
                | Outcome::Lost { may_be_handled }
                | Outcome::TimedOut { may_be_handled, .. },
            ) => !may_be_handled,
        }
    }

    pub(super) fn check(&self) {
        assert!(!(self.is_never() && self.is_handled), "said never, and handled: {self:?}");
        let says_handled = matches!(self.end, Some(Outcome::Reply(_) | Outcome::Failed { .. }));
        assert!(!says_handled && !self.is_begun || self.is_handled, "said handled, and was not: {self:?}");
    }
}
