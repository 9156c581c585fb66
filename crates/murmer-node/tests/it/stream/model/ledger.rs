//! What must become of each message, told by the naive way: a list of all of them, and what happened to each.
//!
//! Hears only what a bystander would see (what was written, what left, what a handler was given, how an ask
//! ended) and says at once when the ends of the stream contradict that, or each other.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use murmer_node::{Outcome, RefuseReason, StreamEnd};

/// One message, from its writing on.
#[derive(Debug, Default)]
pub(super) struct Message {
    pub(super) is_ask: bool,
    pub(super) generation: u64,
    /// Its place in its stream, from 1.
    pub(super) id: u64,
    pub(super) bytes: usize,
    pub(super) timeout: Option<Duration>,
    place: Place,

    /// The mailbox has it.
    pub(super) is_taken: bool,
    is_handled: bool,
    refused: Option<RefuseReason>,
    answer: Option<Answer>,
    is_given_up: bool,
    end: Option<Outcome>,
}

/// How far its bytes got.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Place {
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
}

/// All messages by number, and what streams said as they closed.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    messages: Vec<Message>,
    /// Where in `messages` those of each stream begin: one stream follows the other.
    begins: BTreeMap<u64, usize>,
    last_handled: Option<usize>,
    /// By generation, as the serving end said it last.
    accepted: BTreeMap<u64, u64>,
    closed: BTreeMap<u64, (StreamEnd, u64)>,
}

impl Ledger {
    pub(super) fn written(&mut self, message: Message) -> usize {
        let begins_at = *self.begins.entry(message.generation).or_insert(self.messages.len());
        assert_eq!(message.id, (self.messages.len() - begins_at) as u64 + 1, "ids have no gaps");
        self.messages.push(message);
        self.messages.len() - 1
    }

    /// Messages that wait in the buffer of a stream, and the bytes of their payloads.
    pub(super) fn buffered(&self, generation: u64) -> (usize, usize) {
        let waiting = self.messages[self.range(generation)].iter().filter(|it| it.place == Place::Buffer);
        waiting.fold((0, 0), |(count, bytes), it| (count + 1, bytes + it.bytes))
    }

    /// The shell takes what was written on a stream.
    pub(super) fn left(&mut self, generation: u64) {
        let range = self.range(generation);
        for message in &mut self.messages[range] {
            if message.place == Place::Buffer {
                message.place = if message.is_open() { Place::Left } else { Place::Skipped };
            }
        }
    }

    pub(super) fn cancelled(&mut self, generation: u64, id: u64) {
        let message = self.find(generation, id);
        assert!(message.is_given_up, "nobody gave up {message:?}");
    }

    pub(super) fn taken(&mut self, number: usize) {
        let message = &mut self.messages[number];
        assert!(!message.is_taken && message.refused.is_none(), "delivered twice: {message:?}");
        message.is_taken = true;
        let is_beyond = self.closed.get(&message.generation).is_some_and(|(_, last)| message.id > *last);
        assert!(!is_beyond, "taken after the close: {message:?}");
    }

    pub(super) fn refused(&mut self, number: usize, reason: RefuseReason) {
        let message = &mut self.messages[number];
        assert!(!message.is_handled, "refused after a handler ran: {message:?}");
        message.refused = Some(reason);
    }

    pub(super) fn handled(&mut self, number: usize) {
        assert!(self.last_handled < Some(number), "{number} is handled after {:?}", self.last_handled);
        self.last_handled = Some(number);
        let closed = self.closed.get(&self.messages[number].generation).copied();
        let message = &mut self.messages[number];
        message.is_handled = true;
        assert!(message.has_left() && message.refused.is_none(), "{message:?}");
        assert!(closed.is_none_or(|(_, last)| message.id <= last), "beyond the close: {message:?}");
        message.check();
    }

    pub(super) fn answered(&mut self, number: usize, answer: Answer) {
        self.messages[number].answer = Some(answer);
    }

    /// The serving end says that all up to here were taken, or refused.
    pub(super) fn accepted(&mut self, generation: u64, upto: u64) {
        let before = self.accepted.insert(generation, upto);
        assert!(before < Some(upto), "accepted {upto} after {before:?}");
        self.check_taken(generation, upto);
    }

    /// The serving end says its last word.
    pub(super) fn closed(&mut self, generation: u64, reason: StreamEnd, last_accepted: u64) {
        assert_eq!(self.closed.insert(generation, (reason, last_accepted)), None, "closed twice");
        self.check_taken(generation, last_accepted);
        let mut all = self.messages[self.range(generation)].iter();
        let beyond = all.find(|it| it.id > last_accepted && (it.is_taken || it.refused.is_some()));
        assert!(beyond.is_none(), "taken, and not told so: {beyond:?}");
    }

    fn check_taken(&self, generation: u64, upto: u64) {
        for message in self.messages[self.range(generation)].iter().filter(|it| it.id <= upto) {
            // What was over before it left is a number only.
            let is_settled = message.is_taken || message.refused.is_some() || message.place == Place::Skipped;
            assert!(is_settled, "told early: {message:?}");
        }
    }

    pub(super) fn given_up(&mut self, number: usize) {
        let message = &mut self.messages[number];
        assert!(message.is_open(), "given up after its end: {message:?}");
        message.is_given_up = true;
    }

    pub(super) fn ended(&mut self, number: usize, outcome: Outcome) {
        let message = &self.messages[number];
        assert!(message.is_open(), "{outcome:?} after the end: {message:?}");
        match &outcome {
            Outcome::Reply(payload) => {
                let words = payload.chunks_exact(8).filter(|word| **word == (number as u64).to_le_bytes());
                assert_eq!(message.answer, Some(Answer::Words(words.count())), "somebody else's answer");
                assert_eq!(payload.len() % 8, 0, "half a word");
            }
            Outcome::Refused(reason) => assert_eq!(message.refused, Some(*reason), "{message:?}"),
            Outcome::Failed { panicked: true } => {
                assert_eq!(message.answer, Some(Answer::Failed { panicked: true }));
            }
            Outcome::Failed { panicked: false } => {
                let is_failed =
                    matches!(message.answer, Some(Answer::Failed { panicked: false } | Answer::TooLarge));
                assert!(is_failed, "{message:?}");
            }
            Outcome::Closed { reason, may_be_handled } => {
                let (said, last_accepted) = self.closed[&message.generation];
                assert_eq!(*reason, said);
                assert_eq!(*may_be_handled, message.has_left() && message.id <= last_accepted, "{message:?}");
            }
            Outcome::Lost { may_be_handled } => {
                assert_eq!(*may_be_handled, message.has_left(), "{message:?}")
            }
            Outcome::TimedOut { after, may_be_handled } => {
                assert_eq!(Some(*after), message.timeout);
                let is_refused = message.refused == Some(RefuseReason::Expired);
                assert!(
                    is_refused && !may_be_handled || *may_be_handled == message.has_left(),
                    "{message:?}"
                );
            }
        }
        self.messages[number].end = Some(outcome);
        self.messages[number].check();
    }

    /// A stream is finished by the asking end: nothing of it may be lost by that.
    pub(super) fn finished(&self, generation: u64) {
        for message in &self.messages[self.range(generation)] {
            assert!(
                message.is_taken || message.refused.is_some() || message.place == Place::Skipped,
                "lost: {message:?}"
            );
            assert!(!message.is_ask || !message.is_open(), "an answer is owed: {message:?}");
        }
    }

    /// Nothing more will happen.
    pub(super) fn finally(&self) {
        let open = self.messages.iter().find(|it| it.is_ask && it.is_open());
        assert!(open.is_none(), "an ask has no end: {open:?}");
        self.messages.iter().for_each(Message::check);
    }

    /// Asks that have not ended.
    pub(super) fn open(&self, generation: u64) -> Vec<usize> {
        let is_open = |it: &Message| it.is_ask && it.is_open();
        self.range(generation).filter(|number| is_open(&self.messages[*number])).collect()
    }

    pub(super) fn find(&self, generation: u64, id: u64) -> &Message {
        let found = self.messages[self.range(generation)].get(id as usize - 1);
        found.unwrap_or_else(|| panic!("message {id} of stream {generation} was never written"))
    }

    /// The numbers of a stream's messages.
    fn range(&self, generation: u64) -> Range<usize> {
        let end = self.begins.range(generation + 1..).next().map_or(self.messages.len(), |(_, at)| *at);
        self.begins.get(&generation).copied().unwrap_or(end)..end
    }

    pub(super) fn message(&self, number: usize) -> &Message {
        &self.messages[number]
    }

    pub(super) fn counts(&self) -> Counts {
        let count = |is: fn(&Message) -> bool| self.messages.iter().filter(|it| is(it)).count();
        Counts {
            messages: self.messages.len(),
            handled: count(|it| it.is_handled),
            replied: count(|it| matches!(it.end, Some(Outcome::Reply(_)))),
            never: count(|it| it.is_ask && it.is_never()),
        }
    }
}

impl Message {
    pub(super) fn new(
        (generation, id): (u64, u64),
        is_ask: bool,
        bytes: usize,
        timeout: Option<Duration>,
    ) -> Self {
        Self { is_ask, generation, id, bytes, timeout, ..Self::default() }
    }

    fn is_open(&self) -> bool {
        !self.is_given_up && self.end.is_none()
    }

    fn has_left(&self) -> bool {
        self.place == Place::Left
    }

    /// The asker was told that no handler ran, and that none will.
    fn is_never(&self) -> bool {
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

    fn check(&self) {
        assert!(!(self.is_never() && self.is_handled), "said never, and handled: {self:?}");
        let says_handled = matches!(self.end, Some(Outcome::Reply(_) | Outcome::Failed { .. }));
        assert!(!says_handled || self.is_handled, "said handled, and was not: {self:?}");
    }
}

/// How much of everything there was.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Counts {
    pub(super) messages: usize,
    pub(super) handled: usize,
    pub(super) replied: usize,
    pub(super) never: usize,
}

impl Counts {
    pub(super) fn add(&mut self, other: Self) {
        self.messages += other.messages;
        self.handled += other.handled;
        self.replied += other.replied;
        self.never += other.never;
    }
}
