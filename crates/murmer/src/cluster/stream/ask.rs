//! The task at the asking end of a stream: a loop around a [`Caller`](murmer_node::Caller).

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use murmer_core::{Answered, Delivery, FarActor, LinkEnd, SendError};
use murmer_node::{CallerInput, CallerOutput, Opening, Outcome, RefuseReason, StreamEnd};
use murmer_transport::Connection;
use murmer_wire::{encode, put_frame};

use super::far::{Awaiting, FarStream, Stream};
use super::items::Items;
use super::pump::{BufferWriter, FrameReader, ReadEnd};
use super::retirement::Staying;

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
        handle(&self.far, &self.stream, CallerInput::Lost);
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
    let shared = far.shared();
    let (sender, receiver) = open(connection, far, stream).await?;
    let mut writer = BufferWriter::new(sender, opening());
    let mut reader = FrameReader::new(receiver, shared.settings.frame_bytes_max);
    let mut retired = pin!(staying.clone().until_retired());
    let mut is_retiring = false;
    let mut last_word: Option<LastWord> = None;
    loop {
        let deadline = earlier(stream.lock().caller.deadline(), last_word.as_ref().map(|word| word.until));
        let mut timer = pin!(shared.sleep_until(deadline));
        // Answers first: they make room and settle asks before their deadline is looked at.
        let event = poll_fn(|cx| {
            if let Poll::Ready(frame) = reader.poll_frame(cx) {
                return Poll::Ready(Event::Read(frame));
            }
            if last_word.is_none()
                && let Poll::Ready(event) = poll_write(cx, &mut writer, far, stream, deadline)
            {
                return Poll::Ready(event);
            }
            if !is_retiring && retired.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Event::Retired);
            }
            timer.as_mut().poll(cx).map(|()| Event::Deadline)
        })
        .await;
        let is_over = match event {
            Event::Read(Ok(frame)) => handle(far, stream, CallerInput::Frame(frame)),
            Event::Read(Err(_)) => return Err(Lost),
            Event::Broken => {
                last_word = Some(LastWord::after(shared.now(), reader.received()));
                // Takes nothing more: what is not written yet never will be.
                stream.lock().is_retiring = true;
                is_retiring = true;
                false
            }
            Event::Deadline => {
                if last_word.as_mut().is_some_and(|word| word.is_late(shared.now(), reader.received())) {
                    return Err(Lost);
                }
                handle(far, stream, CallerInput::Timeout)
            }
            // New writes may have brought an earlier deadline.
            Event::Written => false,
            Event::Retired => {
                is_retiring = true;
                stream.lock().is_retiring = true;
                false
            }
        };
        if is_over || (is_retiring && stream.lock().caller.finish_if_quiet()) {
            writer.finish();
            return Ok(());
        }
        if is_retiring {
            // If all of it has been accepted, the next message opens the stream that follows.
            far.wake_line();
        }
    }
}

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
) -> Result<(C::Sender, C::Receiver), Lost> {
    let mut opening = pin!(connection.open_stream());
    loop {
        let deadline = stream.lock().caller.deadline();
        let mut timer = pin!(far.shared().sleep_until(deadline));
        let opened = poll_fn(|cx| {
            if let Poll::Ready(opened) = opening.as_mut().poll(cx) {
                return Poll::Ready(Some(opened));
            }
            let mut inner = stream.lock();
            inner.task = Some(cx.waker().clone());
            let is_earlier = is_earlier(inner.caller.deadline(), deadline);
            drop(inner);
            if is_earlier { Poll::Ready(None) } else { timer.as_mut().poll(cx).map(|()| None) }
        })
        .await;
        match opened {
            Some(opened) => return opened.map_err(|_| Lost),
            // If the time has not come, this does nothing.
            None => handle(far, stream, CallerInput::Timeout),
        };
    }
}

fn earlier(one: Option<Duration>, other: Option<Duration>) -> Option<Duration> {
    one.into_iter().chain(other).min()
}

fn is_earlier(deadline: Option<Duration>, known: Option<Duration>) -> bool {
    deadline.is_some_and(|at| known.is_none_or(|known| at < known))
}

enum Event {
    Read(Result<Bytes, ReadEnd>),
    Written,
    Broken,
    Deadline,
    Retired,
}

fn poll_write<S: murmer_transport::SendHalf>(
    cx: &mut std::task::Context<'_>,
    writer: &mut BufferWriter<S>,
    far: &FarStream,
    stream: &Stream,
    deadline: Option<Duration>,
) -> Poll<Event> {
    let mut has_taken = false;
    loop {
        match writer.poll_flush(cx) {
            Poll::Ready(Ok(())) => {}
            Poll::Ready(Err(_)) => return Poll::Ready(Event::Broken),
            Poll::Pending if has_taken => return Poll::Ready(Event::Written),
            Poll::Pending => {
                let mut inner = stream.lock();
                inner.task = Some(cx.waker().clone());
                let is_earlier = is_earlier(inner.caller.deadline(), deadline);
                return if is_earlier { Poll::Ready(Event::Written) } else { Poll::Pending };
            }
        }
        let mut inner = stream.lock();
        if !inner.caller.has_output() {
            inner.task = Some(cx.waker().clone());
            drop(inner);
            return if has_taken { Poll::Ready(Event::Written) } else { Poll::Pending };
        }
        let buffer = inner.caller.take_buffer();
        drop(inner);
        writer.put(buffer);
        far.wake_line();
        has_taken = true;
    }
}

/// Feeds the machine and performs what it says; true once the stream is over.
fn handle(far: &Arc<FarStream>, stream: &Arc<Stream>, input: CallerInput) -> bool {
    let (mut outputs, mut readers) = (Vec::new(), Vec::new());
    let mut inner = stream.lock();
    inner.caller.handle(far.shared().now(), input);
    while let Some(output) = inner.caller.poll() {
        match output {
            CallerOutput::Readable(id) => readers.extend(inner.readers.remove(&id)),
            output => outputs.push(output),
        }
    }
    drop(inner);
    readers.into_iter().for_each(Waker::wake);
    let mut is_over = false;
    for output in outputs {
        match output {
            CallerOutput::Settled { token, outcome } => settle(far, token, outcome),
            CallerOutput::Begun { token, id } => {
                let items = Items::new(far.clone(), stream.clone(), id);
                // Dropped, if nobody waits for them any more, they say so.
                drop(token.reply.send(Ok(Answered::Streamed(Box::new(items)))));
            }
            CallerOutput::Readable(_) => {}
            CallerOutput::Idle | CallerOutput::Ended(_) | CallerOutput::Misbehaved => is_over = true,
        }
    }
    is_over
}

fn settle(far: &FarStream, awaiting: Awaiting, outcome: Outcome) {
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
    // A caller that has stopped waiting has dropped the other half.
    drop(reply.send(result));
}

fn opening() -> Bytes {
    let (mut body, mut frame) = (BytesMut::new(), BytesMut::new());
    encode(&Opening::Actor, &mut body).expect("an opening has a known shape");
    put_frame(&mut frame, &body);
    frame.freeze()
}

/// How long nothing may arrive from a peer that has stopped reading.
const LAST_WORD: Duration = Duration::from_secs(1);
