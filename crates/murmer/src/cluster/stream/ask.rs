//! The task at the asking end of a stream: a loop around a [`Caller`](murmer_node::Caller).

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use murmer_core::{Answered, Delivery, FarActor, LinkEnd, SendError};
use murmer_node::{CallerInput, CallerOutput, Opening, Outcome, RefuseReason, StreamEnd};
use murmer_transport::{Connection, Portion, RecvHalf, SendHalf, Timer};
use murmer_wire::{encode, put_frame};

use super::far::FarStream;
use super::items::Items;
use super::open::{Awaiting, Stream};
use super::pace::Pace;
use super::pump::{BufferWriter, FrameReader};
use super::retirement::Staying;
use crate::cluster::counters::{Answer, Settled, Side};

/// Carries `stream` over `connection` until it is over, however that comes; then everything asked over it
/// has been settled.
pub(crate) fn run<C: Connection>(
    connection: C,
    far: Arc<FarStream>,
    stream: Arc<Stream>,
    staying: Staying,
) -> impl Future<Output = ()> + Send {
    // Made here, so that it settles also if the task never runs: its runtime may be going.
    let carried = Carried { far, stream };
    async move {
        // Lost, by its connection or because the peer ended it without a word: told where `carried` ends.
        let _ = carry(&connection, &carried.far, &carried.stream, &staying).await;
    }
}

/// A stream on its way. Whatever is still open when it ends, also with an aborted task, is lost.
struct Carried {
    far: Arc<FarStream>,
    stream: Arc<Stream>,
}

impl Drop for Carried {
    fn drop(&mut self) {
        handle(&self.far, &self.stream, &mut vec![CallerInput::Lost], &mut Vec::new());
        // Also while the stream is held on to: by the way to its actor, or by who reads an answer of it.
        self.stream.lock().count_unsent(Some(0));
        self.far.wake_line();
    }
}

/// The stream ended without a `Close`.
struct Lost;

async fn carry<C: Connection>(
    connection: &C,
    far: &Arc<FarStream>,
    stream: &Arc<Stream>,
    staying: &Staying,
) -> Result<(), Lost> {
    let mut timer = far.shared().timer();
    let (sender, receiver) = open(connection, far, stream, &mut timer).await?;
    let mut writer = BufferWriter::new(sender, opening());
    let mut reader = FrameReader::new(receiver, far.shared().settings.frame_bytes_max);
    let mut retired = pin!(staying.clone().until_retired());
    let mut asking = Asking {
        far,
        stream,
        timer,
        in_flight: far.shared().executor.in_flight(),
        pace: Pace::default(),
        answered: 0,
        answers_max: ANSWERS_MAX,
        is_retiring: false,
        last_word: None,
        inputs: Vec::new(),
        outputs: Vec::new(),
    };
    poll_fn(|cx| asking.poll(cx, &mut writer, &mut reader, retired.as_mut())).await
}

/// A stream that is open.
struct Asking<'a> {
    far: &'a Arc<FarStream>,
    stream: &'a Arc<Stream>,
    timer: Timer,
    in_flight: Portion,
    pace: Pace,
    /// Answers that were read since others had their turn.
    answered: usize,
    /// Of those, how many before they have it again.
    answers_max: usize,
    /// Nothing more is to be written here.
    is_retiring: bool,
    /// Once the peer has stopped reading.
    last_word: Option<LastWord>,
    /// Memory for what was read.
    inputs: Vec<CallerInput>,
    /// And for what the machine says to that.
    outputs: Outputs,
}

impl Asking<'_> {
    /// Carries what there is, for as long as there is something. Ready once the stream is over.
    fn poll<S: SendHalf, R: RecvHalf>(
        &mut self,
        cx: &mut Context<'_>,
        writer: &mut BufferWriter<S>,
        reader: &mut FrameReader<R>,
        mut retired: Pin<&mut impl Future<Output = ()>>,
    ) -> Poll<Result<(), Lost>> {
        self.answered = 0;
        for _ in 0..TURNS_MAX {
            let now = self.far.shared().now();
            // Answers first: they make room and settle asks before their deadline is looked at.
            let read = self.poll_read(cx, reader);
            let answers = self.inputs.len();
            self.answered += answers;
            let mut is_over = handle(self.far, self.stream, &mut self.inputs, &mut self.outputs);
            let is_at_rest = match read {
                Poll::Ready(Err(Lost)) if !is_over => return Poll::Ready(Err(Lost)),
                Poll::Ready(_) => false,
                Poll::Pending => true,
            };
            if !self.is_retiring && retired.as_mut().poll(cx).is_ready() {
                self.retire();
            }
            let deadline = self.poll_write(cx, writer, reader.received(), now, answers);
            let deadline = earlier(deadline, self.last_word.as_ref().map(|word| word.until));
            let is_late = self.far.shared().poll_deadline(cx, &mut self.timer, now, deadline).is_ready();
            if is_late {
                if self.last_word.as_mut().is_some_and(|word| word.is_late(now, reader.received())) {
                    return Poll::Ready(Err(Lost));
                }
                self.inputs.push(CallerInput::Timeout);
                is_over |= handle(self.far, self.stream, &mut self.inputs, &mut self.outputs);
            }
            if is_over || (self.is_retiring && self.stream.lock().caller.finish_if_quiet()) {
                writer.finish();
                return Poll::Ready(Ok(()));
            }
            if self.is_retiring {
                // If all of it has been accepted, the next message opens the stream that follows.
                self.far.wake_line();
            }
            if is_at_rest && !is_late {
                self.inputs.shrink_to(KEPT_AT_REST);
                self.outputs.shrink_to(KEPT_AT_REST);
                return Poll::Pending;
            }
            if self.answered >= self.answers_max {
                // Whoever was answered asks again, and that leaves while the rest of the answers is read.
                self.far.shared().executor.let_others_run();
                break;
            }
        }
        // Others have their turn.
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Reads what has arrived; pending when that is all, and ready if there may be more.
    fn poll_read<R: RecvHalf>(
        &mut self,
        cx: &mut Context<'_>,
        reader: &mut FrameReader<R>,
    ) -> Poll<Result<(), Lost>> {
        while self.inputs.len() < self.answers_max {
            let frame = ready!(reader.poll_frame(cx)).map_err(|_| Lost)?;
            self.inputs.push(CallerInput::Frame(frame));
        }
        Poll::Ready(Ok(()))
    }

    /// Writes what there is, and returns the machine's deadline. Whoever writes later wakes the task.
    fn poll_write<S: SendHalf>(
        &mut self,
        cx: &mut Context<'_>,
        writer: &mut BufferWriter<S>,
        received: u64,
        now: Duration,
        answers: usize,
    ) -> Option<Duration> {
        loop {
            let is_flushed = self.last_word.is_some()
                || match writer.poll_flush(cx) {
                    Poll::Ready(Ok(())) => true,
                    Poll::Ready(Err(_)) => {
                        // Takes nothing more: what is not written yet never will be.
                        self.last_word = Some(LastWord::after(self.far.shared().now(), received));
                        self.retire();
                        true
                    }
                    Poll::Pending => false,
                };
            let mut inner = self.stream.lock();
            if !is_flushed || self.last_word.is_some() || !inner.caller.has_output() {
                inner.set_task(cx);
                inner.count_unsent(Some(writer.unsent()));
                // Those who have their answers are about to ask again.
                let in_flight = inner.caller.in_flight() + self.answered;
                self.in_flight.set(self.pace.expects(now, answers, in_flight));
                self.answers_max = answers_max(in_flight);
                return inner.caller.deadline();
            }
            let buffer = inner.caller.take_buffer();
            drop(inner);
            writer.put(buffer);
            self.far.wake_line();
        }
    }

    fn retire(&mut self) {
        self.is_retiring = true;
        self.stream.lock().is_retiring = true;
    }
}

/// What a machine says.
type Outputs = Vec<CallerOutput<Awaiting>>;

/// Until when to read on after the peer has stopped reading: its answers and its last word may be on their
/// way. For as long as something arrives, since the one may be behind large others.
struct LastWord {
    until: Duration,
    received: u64,
}

impl LastWord {
    const fn after(now: Duration, received: u64) -> Self {
        Self { until: now.saturating_add(LAST_WORD), received }
    }

    fn is_late(&mut self, now: Duration, received: u64) -> bool {
        if now < self.until {
            return false;
        }
        let is_late = received == self.received;
        *self = Self::after(now, received);
        is_late
    }
}

/// Opens the stream. That waits while the peer allows no more of them; deadlines don't.
async fn open<C: Connection>(
    connection: &C,
    far: &Arc<FarStream>,
    stream: &Arc<Stream>,
    timer: &mut Timer,
) -> Result<(C::Sender, C::Receiver), Lost> {
    let mut opening = pin!(connection.open_stream());
    let opened = poll_fn(|cx| {
        loop {
            if let Poll::Ready(opened) = opening.as_mut().poll(cx) {
                return Poll::Ready(opened);
            }
            let mut inner = stream.lock();
            inner.set_task(cx);
            let deadline = inner.caller.deadline();
            drop(inner);
            ready!(far.shared().poll_deadline(cx, timer, far.shared().now(), deadline));
            handle(far, stream, &mut vec![CallerInput::Timeout], &mut Vec::new());
        }
    });
    opened.await.map_err(|_| Lost)
}

fn earlier(one: Option<Duration>, other: Option<Duration>) -> Option<Duration> {
    one.into_iter().chain(other).min()
}

/// Feeds the machine and performs what it says; true once the stream is over.
fn handle(
    far: &Arc<FarStream>,
    stream: &Arc<Stream>,
    inputs: &mut Vec<CallerInput>,
    outputs: &mut Outputs,
) -> bool {
    if inputs.is_empty() {
        return false;
    }
    let now = far.shared().now();
    let mut readers = Vec::new();
    let mut inner = stream.lock();
    let had_accepted = inner.caller.has_accepted();
    for input in inputs.drain(..) {
        inner.caller.handle(now, input);
        while let Some(output) = inner.caller.poll() {
            match output {
                CallerOutput::Readable(id) => readers.extend(inner.readers.remove(&id)),
                output => outputs.push(output),
            }
        }
    }
    let is_first_accepted = !had_accepted && inner.caller.has_accepted();
    let flushed = inner.take_flushed();
    drop(inner);
    for waiting in flushed {
        // Whoever waited may be gone.
        let _ = waiting.send(());
    }
    if is_first_accepted {
        // Some may have waited for just that.
        far.wake_line();
    }
    readers.into_iter().for_each(Waker::wake);
    let mut is_over = false;
    // Counted together: what is shared costs more to write than what is not.
    let mut settled = Settled::default();
    for output in outputs.drain(..) {
        match output {
            CallerOutput::Settled { token, outcome } => settled.add(settle(far, now, token, outcome)),
            CallerOutput::Begun { token, id } => {
                settled.add(Answer::Answered);
                let items = Items::new(far.clone(), stream.clone(), id);
                // Dropped, if nobody waits for them any more, they say so.
                drop(token.reply.send(Ok(Answered::Streamed(Box::new(items)))));
            }
            CallerOutput::Readable(_) => {}
            CallerOutput::Ended(Some(StreamEnd::Shed)) => {
                far.shared().counters.shed(Side::Asking);
                far.shed();
                is_over = true;
            }
            CallerOutput::Idle | CallerOutput::Ended(_) | CallerOutput::Misbehaved => is_over = true,
        }
    }
    far.shared().counters.settled(&settled);
    is_over
}

fn settle(far: &FarStream, now: Duration, awaiting: Awaiting, outcome: Outcome) -> Answer {
    let Awaiting { reply, actor_type, message, asked_at } = awaiting;
    let overloaded = || SendError::Overloaded { waited: far.shared().now().saturating_sub(asked_at) };
    let lost = |reason, may_be_handled| SendError::Lost {
        node: far.id().node.clone(),
        reason,
        delivery: if may_be_handled { Delivery::Maybe } else { Delivery::Never },
    };
    let result = match outcome {
        Outcome::Reply(bytes) => Ok(Answered::Whole(bytes)),
        Outcome::Refused(reason) => Err(match reason {
            RefuseReason::NoActor | RefuseReason::WrongActor => SendError::Stopped,
            RefuseReason::UnknownMessage | RefuseReason::Malformed => {
                SendError::SchemaMismatch { actor_type, message }
            }
            RefuseReason::Expired => SendError::TimedOut { after: Duration::ZERO, delivery: Delivery::Never },
            RefuseReason::Overloaded => overloaded(),
        }),
        Outcome::Failed { panicked: true } => Err(SendError::Panicked),
        Outcome::Failed { panicked: false } => Err(SendError::NoReply),
        Outcome::Closed { reason: StreamEnd::Stopped, may_be_handled: false } => Err(SendError::Stopped),
        Outcome::Closed { reason: StreamEnd::Shed, may_be_handled: false } => Err(overloaded()),
        Outcome::Closed { may_be_handled, .. } => Err(lost(LinkEnd::Stream, may_be_handled)),
        Outcome::Lost { may_be_handled } => Err(lost(LinkEnd::Broken, may_be_handled)),
        Outcome::TimedOut { after, may_be_handled } => Err(SendError::TimedOut {
            after,
            delivery: if may_be_handled { Delivery::Maybe } else { Delivery::Never },
        }),
    };
    let answer = Answer::of(&result);
    match &result {
        Ok(_) => far.shared().counters.latency.answered(|| now.saturating_sub(asked_at)),
        Err(error) => far.shared().counters.refused_here(error),
    }
    // A caller that has stopped waiting has dropped the other half.
    drop(reply.send(result));
    answer
}

fn opening() -> Bytes {
    let (mut body, mut frame) = (BytesMut::new(), BytesMut::new());
    encode(&Opening::Actor, &mut body).expect("an opening has a known shape");
    put_frame(&mut frame, &body);
    frame.freeze()
}

/// How many answers are read of so many that are awaited before their askers have a turn.
///
/// A part of them, so that both ends have something to do: with all at once, each end would wait while the other works.
const fn answers_max(in_flight: usize) -> usize {
    match in_flight / PARTS {
        // Few enough for one packet, or nearly.
        0..ANSWERS_MIN => {
            if in_flight < 2 * ANSWERS_MIN {
                ANSWERS_MAX
            } else {
                ANSWERS_MIN
            }
        }
        part if part < ANSWERS_MAX => part,
        _ => ANSWERS_MAX,
    }
}

const PARTS: usize = 8;
const ANSWERS_MIN: usize = 8;
/// Frames between two looks at what there is to write: its sender waits.
const ANSWERS_MAX: usize = 64;
/// Of those, and of what comes of them, what a stream keeps memory for while nothing arrives: there may be
/// thousands of streams.
const KEPT_AT_REST: usize = 4;
/// Turns of those before other streams have theirs.
const TURNS_MAX: usize = 4;
/// How long nothing may arrive from a peer that has stopped reading.
const LAST_WORD: Duration = Duration::from_secs(1);
