//! The task at the serving end of a stream: a loop around a [`Callee`].
//!
//! While the mailbox is full, nothing more is read: the socket's flow control then stops the sender. A stream
//! for which that lasts too long, or that is one of too many, is shed: what it did not hand on is turned away.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use murmer_core::{InboundPort, ReplyPort, System, Undecodable, Undeliverable};
use murmer_node::{Callee, CalleeInput, CalleeOutput, RefuseReason, StreamEnd};
use murmer_transport::{Portion, RecvHalf, SendHalf, Timer};
use murmer_wire::{ActorNumber, MessageKey, NodeId};

use super::answers::{Answers, Handled, TooMany};
use super::generations::{Generations, Place};
use super::pace::Pace;
use super::pressure::{Pressing, Pressure};
use super::pump::{BufferWriter, FrameReader, ReadEnd};
use crate::cluster::counters::Side;
use crate::cluster::remote::{Settings, Shared};

/// What the serving streams of one connection share.
pub(crate) struct Host {
    pub(crate) shared: Arc<Shared>,
    pub(crate) system: System,
    pub(crate) generations: Arc<Generations>,
    pub(crate) peer: NodeId,
    pub(crate) pressure: Pressure,
}

/// What one serving task holds.
struct Serving<'a> {
    host: &'a Host,
    answers: Arc<Answers>,
    port: Option<Box<dyn InboundPort>>,
    /// Behind `port`: given back only when nothing can reach the mailbox any more.
    place: Option<Place>,
    /// While there is something, no more is read.
    waiting: Waiting,
    /// The mailbox has taken the last message, which the machine is told with whatever comes next.
    has_taken: bool,
    /// While nothing is read although something may be there.
    blocked: Option<Blockade>,
    timer: Timer,
    in_flight: Portion,
    pace: Pace,
    /// Messages that were taken in this turn.
    taken: usize,
    /// When the turn began: what is read in one arrived at one time.
    now: Duration,
    /// Answers have gone out at the last look.
    has_written: bool,
    /// What the machine said last about its answers.
    state: Handled,
    /// Memory for what the machine says.
    outputs: Vec<CalleeOutput>,
    is_shed: bool,
    /// A newer stream speaks to the actor now; this one only answers.
    is_superseded: bool,
    is_over: bool,
}

/// What was read and is not with the actor.
enum Waiting {
    Nothing,
    /// The right to speak to the actor, while older streams still may.
    Place(ActorNumber, Entering),
    /// An ask that answers of others leave no room for.
    Room(Message),
    /// What the mailbox hasn't taken yet. Its id, if it is an ask.
    Mailbox(Option<u64>),
}

struct Blockade {
    pressing: Pressing,
    /// Until when, if it is the mailbox that takes nothing. Answers are another matter: who doesn't take
    /// them, or waits for large ones, has a time limit of its own.
    until: Option<Duration>,
}

type Entering = Pin<Box<dyn Future<Output = Option<Place>> + Send>>;

/// One message that was read.
struct Message {
    id: u64,
    is_ask: bool,
    key: MessageKey,
    remaining: Option<Duration>,
    payload: Bytes,
}

/// Serves one stream of a peer's until it is over.
pub(crate) async fn serve<S: SendHalf, R: RecvHalf>(host: &Host, sender: S, mut reader: FrameReader<R>) {
    host.shared.counters.opened(Side::Serving);
    let mut serving = Serving::new(host);
    let mut writer = BufferWriter::new(sender, Bytes::new());
    poll_fn(|cx| serving.poll(cx, &mut writer, &mut reader)).await;
    serving.let_go();
    serving.in_flight.set(0);
    // Dropped, it gives back what it held of the connection's window.
    let _reader = (!serving.is_shed).then_some(reader);
    // The last answers, and `Close` behind them.
    let flushed = poll_fn(|cx| serving.answers.poll_last(cx, &mut writer)).await;
    if flushed.is_ok() {
        writer.finish();
        // Until the peer has it: whoever closes the connection waits for this stream. A peer that is not
        // there any more is waited for no longer than its connection is.
        let until = Some(host.shared.now() + LAST_WORD);
        let mut arrived = pin!(writer.arrived());
        poll_fn(|cx| {
            let late = host.shared.poll_deadline(cx, &mut serving.timer, host.shared.now(), until);
            if late.is_ready() { late } else { arrived.as_mut().poll(cx) }
        })
        .await;
    }
}

enum Event {
    Read(Result<Bytes, ReadEnd>),
    Entered(ActorNumber, Option<Place>),
    Admitted(Message, Result<(), TooMany>),
    Taken,
    /// Nothing can be read now; or it can again.
    Blocked(bool),
    Shed,
    ActorEnded,
    Superseded,
    Answered,
    Deadline,
    Broken,
}

impl<'a> Serving<'a> {
    fn new(host: &'a Host) -> Self {
        let Settings { frame_bytes_max, unsent_bytes_max, .. } = host.shared.settings;
        let unsent = host.shared.unsent_answers.portion();
        let answers = Answers::new(Callee::new(frame_bytes_max), unsent, unsent_bytes_max);
        Self {
            host,
            answers: Arc::new(answers),
            port: None,
            place: None,
            waiting: Waiting::Nothing,
            has_taken: false,
            blocked: None,
            timer: host.shared.timer(),
            in_flight: host.shared.executor.in_flight(),
            pace: Pace::default(),
            taken: 0,
            now: host.shared.now(),
            has_written: false,
            state: Handled::default(),
            outputs: Vec::new(),
            is_shed: false,
            is_superseded: false,
            is_over: false,
        }
    }

    /// Carries what there is, all the way, for as long as there is something. Ready once the stream is over.
    fn poll<S: SendHalf, R: RecvHalf>(
        &mut self,
        cx: &mut Context<'_>,
        writer: &mut BufferWriter<S>,
        reader: &mut FrameReader<R>,
    ) -> Poll<()> {
        for _ in 0..TURNS_MAX {
            self.now = self.host.shared.now();
            let is_at_rest = self.poll_messages(cx, writer, reader).is_pending();
            self.tell_taken();
            let waits_for_room = matches!(self.waiting, Waiting::Room(_)) || !self.state.has_room;
            if !self.is_over {
                match self.poll_event(cx, writer) {
                    Poll::Ready(event) => self.perform(event),
                    Poll::Pending if is_at_rest && !(waits_for_room && self.has_written) => {
                        return Poll::Pending;
                    }
                    Poll::Pending => {}
                }
            }
            if self.is_over {
                return Poll::Ready(());
            }
        }
        // Others have their turn.
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Reads and hands on; pending when that has to wait.
    fn poll_messages<S: SendHalf, R: RecvHalf>(
        &mut self,
        cx: &mut Context<'_>,
        writer: &mut BufferWriter<S>,
        reader: &mut FrameReader<R>,
    ) -> Poll<()> {
        for _ in 0..STEPS_MAX {
            let event = ready!(self.poll_waiting(cx, writer, reader));
            self.perform(event);
            if self.is_over {
                break;
            }
        }
        Poll::Ready(())
    }

    /// Everything but messages: ends first, then answers, which make room.
    fn poll_event<S: SendHalf>(&mut self, cx: &mut Context<'_>, writer: &mut BufferWriter<S>) -> Poll<Event> {
        if self.place.as_ref().is_some_and(|place| place.poll_superseded(cx).is_ready()) {
            return Poll::Ready(Event::Superseded);
        }
        if self.blocked.as_ref().is_some_and(|blocked| blocked.pressing.poll_shed(cx).is_ready()) {
            return Poll::Ready(Event::Shed);
        }
        match self.answers.poll_write(cx, writer) {
            Ok(written) => {
                self.state.has_room = written.has_room;
                self.has_written = written.has_written;
                let taken = std::mem::take(&mut self.taken);
                self.in_flight.set(self.pace.expects(self.now, taken, written.unanswered));
            }
            Err(_) => return Poll::Ready(Event::Broken),
        }
        // Behind `poll_write`, which sees to it that an answer from now on wakes this task.
        if self.is_superseded && self.answers.all_answered() {
            return Poll::Ready(Event::Answered);
        }
        if self.port.as_mut().is_some_and(|port| port.poll_ended(cx).is_ready()) {
            return Poll::Ready(Event::ActorEnded);
        }
        let is_waiting = !matches!(self.waiting, Waiting::Nothing);
        let is_blocked = is_waiting || !self.state.has_room;
        if is_blocked != self.blocked.is_some() {
            return Poll::Ready(Event::Blocked(is_blocked));
        }
        let until = self.blocked.as_ref().and_then(|blocked| blocked.until);
        let deadline = self.state.deadline.into_iter().chain(until).min();
        self.host.shared.poll_deadline(cx, &mut self.timer, self.now, deadline).map(|()| Event::Deadline)
    }

    /// Goes on with what waits; with nothing waiting, reads. What is done waits no more.
    fn poll_waiting<S: SendHalf, R: RecvHalf>(
        &mut self,
        cx: &mut Context<'_>,
        writer: &mut BufferWriter<S>,
        reader: &mut FrameReader<R>,
    ) -> Poll<Event> {
        let event = match &mut self.waiting {
            // A peer that doesn't take its answers gets no more of them: writing them wakes us.
            Waiting::Nothing if !self.state.has_room => return Poll::Pending,
            Waiting::Nothing => return reader.poll_frame(cx).map(Event::Read),
            Waiting::Place(actor, entering) => match entering.as_mut().poll(cx) {
                Poll::Ready(place) => Event::Entered(*actor, place),
                // Nothing is read or written meanwhile that could show that the stream is over.
                Poll::Pending => return writer.poll_stopped(cx).map(|_| Event::Broken),
            },
            Waiting::Room(message) => {
                let admitted = ready!(self.answers.poll_admit(cx, message.id));
                let Waiting::Room(message) = std::mem::replace(&mut self.waiting, Waiting::Nothing) else {
                    return Poll::Pending;
                };
                return Poll::Ready(Event::Admitted(message, admitted));
            }
            Waiting::Mailbox(_) => match &mut self.port {
                Some(port) => {
                    ready!(port.poll_flush(cx));
                    Event::Taken
                }
                None => return Poll::Pending,
            },
        };
        self.waiting = Waiting::Nothing;
        Poll::Ready(event)
    }

    fn perform(&mut self, event: Event) {
        if matches!(event, Event::Read(_) | Event::Entered(..) | Event::Admitted(..) | Event::Taken) {
            self.blocked = None;
        }
        match event {
            Event::Read(Ok(frame)) => self.feed(CalleeInput::Frame(frame)),
            // The caller has finished with it, or it is broken: nobody is left to tell.
            Event::Read(Err(_)) | Event::Broken => self.is_over = true,
            Event::Entered(actor, Some(place)) => {
                self.place = Some(place);
                self.port = self.host.system.port(actor);
                if self.port.is_none() {
                    self.feed(CalleeInput::End(StreamEnd::Stopped));
                }
            }
            // There is a newer stream.
            Event::Entered(_, None) => self.feed(CalleeInput::End(StreamEnd::Moved)),
            Event::Admitted(message, admitted) => self.admitted(message, admitted),
            Event::Taken => {
                self.has_taken = true;
                self.taken += 1;
            }
            Event::ActorEnded => self.feed(CalleeInput::End(StreamEnd::Stopped)),
            Event::Superseded => {
                self.is_superseded = true;
                self.let_go();
                // What was sent before the peer moved on is too late: `Close` will say so.
                self.feed(CalleeInput::Superseded);
            }
            Event::Answered => self.feed(CalleeInput::End(StreamEnd::Moved)),
            Event::Blocked(false) => self.blocked = None,
            Event::Blocked(true) => self.block(),
            Event::Shed => self.shed(),
            Event::Deadline if self.is_blocked_for_too_long() => self.shed(),
            Event::Deadline => self.feed(CalleeInput::Timeout),
        }
    }

    fn block(&mut self) {
        let now = self.now;
        let is_mailbox = matches!(self.waiting, Waiting::Mailbox(_));
        let until = is_mailbox.then(|| now + self.host.shared.settings.mailbox_wait.max(BLOCKED_AT_LEAST));
        self.blocked = Some(Blockade { pressing: self.host.pressure.enter(now), until });
    }

    fn is_blocked_for_too_long(&self) -> bool {
        let until = self.blocked.as_ref().and_then(|blocked| blocked.until);
        until.is_some_and(|until| until <= self.host.shared.now())
    }

    fn shed(&mut self) {
        self.is_shed = true;
        self.host.shared.counters.shed(Side::Serving);
        self.let_go();
        self.feed(CalleeInput::End(StreamEnd::Shed));
    }

    /// Nothing reaches the mailbox from here any more. What waited for it counts as taken only if it is in
    /// there; of a tell nobody can say, nor does anybody ask.
    fn let_go(&mut self) {
        let port = self.port.take();
        if let Waiting::Mailbox(Some(id)) = std::mem::replace(&mut self.waiting, Waiting::Nothing)
            && !self.answers.withdraw(id, port)
        {
            self.has_taken = true;
            self.tell_taken();
        }
        self.blocked = None;
        drop(self.place.take());
    }

    /// So that the sender can be told: at the latest before this task waits.
    fn tell_taken(&mut self) {
        if self.has_taken {
            self.has_taken = false;
            self.feed(CalleeInput::Taken);
        }
    }

    fn feed(&mut self, input: CalleeInput) {
        let has_taken = std::mem::take(&mut self.has_taken);
        let mut outputs = std::mem::take(&mut self.outputs);
        self.state = self.answers.handle(self.now, has_taken, input, &mut outputs);
        for output in outputs.drain(..) {
            match output {
                CalleeOutput::Bind { actor, generation } => {
                    let (generations, peer) = (self.host.generations.clone(), self.host.peer.clone());
                    let entering = async move { generations.enter(&peer, actor, generation).await };
                    self.waiting = Waiting::Place(actor, Box::pin(entering));
                }
                CalleeOutput::Deliver { id, is_ask, key, remaining, payload } => {
                    let message = Message { id, is_ask, key, remaining, payload };
                    match std::mem::replace(&mut self.state.admitted, Poll::Ready(Ok(()))) {
                        Poll::Ready(admitted) => self.admitted(message, admitted),
                        Poll::Pending => self.waiting = Waiting::Room(message),
                    }
                }
                CalleeOutput::Cancelled(id) => self.answers.cancel(id),
                // Told to whoever waits for it.
                CalleeOutput::Credited(_) => {}
                CalleeOutput::Over => self.is_over = true,
            }
        }
        self.outputs = outputs;
    }

    fn admitted(&mut self, message: Message, admitted: Result<(), TooMany>) {
        match admitted {
            Ok(()) => self.deliver(message),
            Err(TooMany) => {
                self.refuse(message.id, RefuseReason::Overloaded);
            }
        }
    }

    fn deliver(&mut self, message: Message) {
        let Some(port) = &mut self.port else { return };
        let Message { id, is_ask, key, remaining, payload } = message;
        // Longer than time itself is no limit.
        let expires_at = remaining.and_then(|span| self.host.shared.instant(self.now).checked_add(span));
        let reply = is_ask.then(|| ReplyPort::new(self.answers.clone(), id, expires_at));
        match port.deliver(key, &payload, reply) {
            Ok(()) => self.waiting = Waiting::Mailbox(is_ask.then_some(id)),
            Err(error) => {
                if is_ask {
                    self.answers.undelivered(id);
                }
                self.refuse(id, refusal(&error));
            }
        }
    }

    fn refuse(&mut self, id: u64, reason: RefuseReason) {
        self.host.shared.counters.refused_there(reason);
        self.feed(CalleeInput::Refused { id, reason });
    }
}

impl Drop for Serving<'_> {
    fn drop(&mut self) {
        // Whoever still yields items, or answers, need not.
        self.feed(CalleeInput::Lost);
    }
}

const fn refusal(error: &Undeliverable) -> RefuseReason {
    match error {
        Undeliverable::Undecodable(Undecodable::UnknownMessage) => RefuseReason::UnknownMessage,
        Undeliverable::Undecodable(_) => RefuseReason::Malformed,
        _ => RefuseReason::NoActor,
    }
}

/// How long a mailbox may take nothing, at the least: a tell that is turned away is lost without a word, so
/// a node whose own senders wait for less does not do that to others.
const BLOCKED_AT_LEAST: Duration = Duration::from_secs(5);
/// Steps with messages before answers are looked after: their asker waits.
const STEPS_MAX: usize = 64;
/// Turns of those before other streams have theirs.
const TURNS_MAX: usize = 4;
/// How long the peer has to take the end of a stream. Longer than a connection can be silent.
const LAST_WORD: Duration = Duration::from_secs(10);
