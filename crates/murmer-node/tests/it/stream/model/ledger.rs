//! What must become of each message, told by the naive way: a list of all of them, and what happened to each.
//!
//! Hears only what a bystander would see (what was written, what left, what a handler was given, how an ask
//! ended) and says at once when the ends of the stream contradict that, or each other.

use std::collections::BTreeMap;
use std::ops::Range;

use murmer_node::{ItemsEnd, Outcome, ReadEnd, RefuseReason, StreamEnd};

use super::counts::Counts;
use super::message::{Answer, Message, Place};

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

    /// The shell takes what was written on a stream.
    pub(super) fn left(&mut self, generation: u64) {
        let range = self.range(generation);
        for message in &mut self.messages[range] {
            if message.place == Place::Buffer {
                message.place = if message.is_open() { Place::Left } else { Place::Skipped };
            }
        }
    }

    /// The serving end hears that nobody wants the answer any more.
    pub(super) fn cancelled(&self, generation: u64, id: u64) {
        let message = self.find(generation, id);
        let is_too_late = matches!(message.end, Some(Outcome::TimedOut { may_be_handled: true, .. }));
        assert!(message.is_given_up || is_too_late, "nobody gave up {message:?}");
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

    pub(super) fn item_sent(&mut self, number: usize, bytes: usize) {
        self.messages[number].items.sent(bytes);
    }

    pub(super) fn items_ended(&mut self, number: usize, how: ItemsEnd) {
        self.messages[number].items.ended(how);
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
        let early =
            self.messages[self.range(generation)].iter().find(|it| it.id <= upto && !it.has_arrived());
        assert!(early.is_none(), "told early: {early:?}");
    }

    pub(super) fn given_up(&mut self, number: usize) {
        let message = &mut self.messages[number];
        assert!(message.is_open() || message.is_being_read(), "given up after its end: {message:?}");
        message.is_given_up = true;
    }

    /// The asker hears that its answer, a stream, begins.
    pub(super) fn begun(&mut self, number: usize) {
        let message = &mut self.messages[number];
        assert!(message.is_open() && message.order.is_streamed, "nobody waits for that: {message:?}");
        assert_eq!(message.answer, Some(Answer::Items));
        message.is_begun = true;
        message.check();
    }

    pub(super) fn item_read(&mut self, number: usize, item: usize, bytes: usize) {
        self.messages[number].items.read(item, bytes);
    }

    pub(super) fn end_read(&mut self, number: usize, end: ReadEnd) {
        let Message { items, generation, .. } = &mut self.messages[number];
        items.read_end(end);
        if let ReadEnd::Closed(reason) = end {
            assert_eq!(self.closed.get(generation).map(|(said, _)| *said), Some(reason));
        }
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
            Outcome::Failed { panicked } => {
                let is_too_large = message.answer == Some(Answer::TooLarge) && !panicked;
                let is_failed = message.answer == Some(Answer::Failed { panicked: *panicked });
                assert!(is_failed || is_too_large, "{message:?}");
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
                assert_eq!(Some(*after), message.order.timeout);
                let is_refused = message.refused == Some(RefuseReason::Expired) && !may_be_handled;
                assert!(is_refused || *may_be_handled == message.has_left(), "{message:?}");
            }
        }
        self.messages[number].end = Some(outcome);
        self.messages[number].check();
    }

    /// A stream is finished by the asking end: nothing of it may be lost by that.
    pub(super) fn finished(&self, generation: u64) {
        for message in &self.messages[self.range(generation)] {
            assert!(message.has_arrived(), "lost: {message:?}");
            assert!(!message.order.is_ask || !message.is_open(), "an answer is owed: {message:?}");
            assert!(!message.is_being_read() || message.items.has_ended(), "items are owed: {message:?}");
        }
    }

    /// What is left of the last stream once all that was under way arrived, and everybody did their part.
    pub(super) fn settled(&self, generation: u64) {
        let open = self.messages[self.range(generation)].iter().find(|it| it.order.is_ask && it.is_open());
        assert!(open.is_none(), "an ask hangs: {open:?}");
        let unread = self.messages[self.range(generation)].iter().find(|it| it.is_being_read());
        assert!(unread.is_none(), "a reader, or a sender, waits: {unread:?}");
    }

    /// Nothing more will happen.
    pub(super) fn finally(&self) {
        let open = self.messages.iter().find(|it| it.order.is_ask && it.is_open());
        assert!(open.is_none(), "an ask has no end: {open:?}");
        let unread = self.messages.iter().find(|it| it.is_being_read());
        assert!(unread.is_none(), "a streamed answer has no end: {unread:?}");
        self.messages.iter().for_each(Message::check);
    }

    /// Messages that wait in the buffer of a stream, and the bytes of their payloads.
    pub(super) fn buffered(&self, generation: u64) -> (usize, usize) {
        let waiting = self.messages[self.range(generation)].iter().filter(|it| it.place == Place::Buffer);
        waiting.fold((0, 0), |(count, bytes), it| (count + 1, bytes + it.order.bytes))
    }

    /// Asks that can be given up: those that have not ended, and those whose answer is being read.
    pub(super) fn wanted(&self, generation: u64) -> Vec<usize> {
        let is_wanted = |it: &Message| it.order.is_ask && (it.is_open() || it.is_being_read());
        self.range(generation).filter(|number| is_wanted(&self.messages[*number])).collect()
    }

    /// Asks whose answer is being read.
    pub(super) fn being_read(&self, generation: u64) -> Vec<usize> {
        self.range(generation).filter(|number| self.messages[*number].is_being_read()).collect()
    }

    pub(super) fn message(&self, number: usize) -> &Message {
        &self.messages[number]
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

    pub(super) fn counts(&self) -> Counts {
        let count = |is: fn(&Message) -> bool| self.messages.iter().filter(|it| is(it)).count();
        Counts {
            messages: self.messages.len(),
            handled: count(|it| it.is_handled),
            replied: count(|it| matches!(it.end, Some(Outcome::Reply(_)))),
            streamed: count(|it| it.is_begun),
            items: self.messages.iter().map(|it| it.items.count()).sum(),
            never: count(|it| it.order.is_ask && it.is_never()),
        }
    }
}
