//! The task at the serving end of a stream: a loop around a [`Callee`].
//!
//! While the mailbox is full, nothing more is read: the socket's flow control then stops the sender.

use std::collections::HashMap;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use murmer_core::{Failure, InboundPort, ReplyPort, ReplySink, System, Undecodable, Undeliverable};
use murmer_node::{Callee, CalleeInput, CalleeOutput, RefuseReason, StreamEnd};
use murmer_transport::{RecvHalf, SendHalf};
use murmer_wire::{ActorNumber, EncodeError, NodeId};
use tokio::sync::{Notify, watch};

use super::pump::{BufferWriter, FrameReader, ReadEnd};
use crate::cluster::remote::Shared;

/// The newest stream of each peer to each actor here, so that an older one ends before a newer speaks.
#[derive(Default)]
pub(crate) struct Generations {
    served: Mutex<HashMap<(NodeId, ActorNumber), Arc<Served>>>,
}

struct Served {
    generation: u64,
    supersede: Notify,
    is_over: watch::Sender<bool>,
}

impl Generations {
    /// Takes over from an older stream, once that is over; `None` if there is a newer one.
    async fn enter(self: &Arc<Self>, peer: &NodeId, actor: ActorNumber, generation: u64) -> Option<Place> {
        let served =
            Arc::new(Served { generation, supersede: Notify::new(), is_over: watch::Sender::new(false) });
        let older = {
            let mut table = self.served.lock().unwrap_or_else(PoisonError::into_inner);
            let key = (peer.clone(), actor);
            if table.get(&key).is_some_and(|held| held.generation >= generation) {
                return None;
            }
            table.insert(key, served.clone())
        };
        if let Some(older) = older {
            older.supersede.notify_one();
            // An error means that it is over and gone.
            let _ = older.is_over.subscribe().wait_for(|over| *over).await;
        }
        Some(Place { generations: self.clone(), key: (peer.clone(), actor), served })
    }
}

/// The right to speak to an actor for a peer; given back when dropped, also by an aborted task.
struct Place {
    generations: Arc<Generations>,
    key: (NodeId, ActorNumber),
    served: Arc<Served>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.served.is_over.send_replace(true);
        let mut table = self.generations.served.lock().unwrap_or_else(PoisonError::into_inner);
        if table.get(&self.key).is_some_and(|held| Arc::ptr_eq(held, &self.served)) {
            table.remove(&self.key);
        }
    }
}

/// The callee, and how to wake its task when an answer is in the buffer.
struct Answers {
    state: Mutex<AnswersState>,
}

struct AnswersState {
    callee: Callee,
    /// Asks that were delivered and have no answer yet.
    unanswered: usize,
    task: Option<Waker>,
}

impl Answers {
    fn lock(&self) -> MutexGuard<'_, AnswersState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Each ask that was delivered comes here once.
    fn write(&self, write: impl FnOnce(&mut Callee)) {
        let mut state = self.lock();
        write(&mut state.callee);
        state.unanswered -= 1;
        let task = state.task.take();
        drop(state);
        if let Some(task) = task {
            task.wake();
        }
    }

    fn handle(&self, now: Duration, input: CalleeInput) -> Vec<CalleeOutput> {
        let mut state = self.lock();
        state.callee.handle(now, input);
        std::iter::from_fn(|| state.callee.poll()).collect()
    }

    /// Ready only when the stream is broken.
    fn poll_write<S: SendHalf>(&self, cx: &mut Context<'_>, writer: &mut BufferWriter<S>) -> Poll<()> {
        loop {
            match writer.poll_flush(cx) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(_)) => return Poll::Ready(()),
                Poll::Pending => return Poll::Pending,
            }
            let mut state = self.lock();
            if !state.callee.has_output() {
                state.task = Some(cx.waker().clone());
                return Poll::Pending;
            }
            writer.put(state.callee.take_buffer());
        }
    }

    fn poll_last<S: SendHalf>(
        &self,
        cx: &mut Context<'_>,
        writer: &mut BufferWriter<S>,
    ) -> Poll<Result<(), murmer_transport::StreamEnd>> {
        loop {
            std::task::ready!(writer.poll_flush(cx))?;
            let buffer = self.lock().callee.take_buffer();
            if buffer.is_empty() {
                return Poll::Ready(Ok(()));
            }
            writer.put(buffer);
        }
    }
}

impl ReplySink for Answers {
    fn reply(&self, id: u64, encode: &mut dyn FnMut(&mut BytesMut) -> Result<(), EncodeError>) {
        self.write(|callee| callee.reply(id, encode));
    }

    fn fail(&self, id: u64, failure: Failure) {
        self.write(|callee| match failure {
            Failure::Stopped => callee.refuse(id, RefuseReason::NoActor),
            Failure::Panicked => callee.fail(id, true),
            Failure::NoReply => callee.fail(id, false),
        });
    }
}

/// What one serving task holds.
struct Serving<'a> {
    shared: &'a Shared,
    system: &'a System,
    generations: &'a Arc<Generations>,
    peer: &'a NodeId,
    answers: Arc<Answers>,
    port: Option<Box<dyn InboundPort>>,
    /// Behind `port`: given back only when nothing can reach the mailbox any more.
    place: Option<Place>,
    /// A message was delivered and the mailbox hasn't taken it yet.
    is_delivering: bool,
    /// A newer stream speaks to the actor now; this one only answers.
    is_superseded: bool,
    is_over: bool,
}

/// Serves one stream of `peer`'s until it is over.
pub(crate) async fn serve<S: SendHalf, R: RecvHalf>(
    shared: Arc<Shared>,
    system: System,
    generations: Arc<Generations>,
    peer: NodeId,
    sender: S,
    mut reader: FrameReader<R>,
) {
    let callee = Callee::new(shared.settings.frame_bytes_max);
    let answers = Arc::new(Answers { state: Mutex::new(AnswersState { callee, unanswered: 0, task: None }) });
    let mut serving = Serving {
        shared: &shared,
        system: &system,
        generations: &generations,
        peer: &peer,
        answers,
        port: None,
        place: None,
        is_delivering: false,
        is_superseded: false,
        is_over: false,
    };
    let mut writer = BufferWriter::new(sender, Bytes::new());
    serving.run(&mut writer, &mut reader).await;
    // The last answers, and `Close` behind them.
    let flushed = poll_fn(|cx| serving.answers.poll_last(cx, &mut writer)).await;
    if flushed.is_ok() {
        writer.finish();
    }
}

enum Event {
    Read(Result<Bytes, ReadEnd>),
    Taken,
    ActorEnded,
    Superseded,
    Answered,
    Deadline,
    Broken,
}

impl Serving<'_> {
    async fn run<S: SendHalf, R: RecvHalf>(
        &mut self,
        writer: &mut BufferWriter<S>,
        reader: &mut FrameReader<R>,
    ) {
        while !self.is_over {
            let deadline = self.answers.lock().callee.deadline();
            let mut timer = pin!(self.shared.sleep_until(deadline));
            let served = self.place.as_ref().map(|place| place.served.clone());
            let mut superseded = pin!(async {
                match &served {
                    Some(served) => served.supersede.notified().await,
                    None => std::future::pending().await,
                }
            });
            // Ends first: no message may reach a mailbox behind one of a newer stream. Then answers,
            // which make room; then at most one message more.
            let event = poll_fn(|cx| {
                if superseded.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(Event::Superseded);
                }
                if self.is_superseded && self.answers.lock().unanswered == 0 {
                    return Poll::Ready(Event::Answered);
                }
                if self.answers.poll_write(cx, writer).is_ready() {
                    return Poll::Ready(Event::Broken);
                }
                if self.is_delivering {
                    if let Some(port) = &mut self.port
                        && port.poll_flush(cx).is_ready()
                    {
                        return Poll::Ready(Event::Taken);
                    }
                } else if let Poll::Ready(frame) = reader.poll_frame(cx) {
                    return Poll::Ready(Event::Read(frame));
                }
                if self.port.as_mut().is_some_and(|port| port.poll_ended(cx).is_ready()) {
                    return Poll::Ready(Event::ActorEnded);
                }
                timer.as_mut().poll(cx).map(|()| Event::Deadline)
            })
            .await;
            self.perform(event).await;
        }
        drop(self.port.take());
        drop(self.place.take());
    }

    async fn perform(&mut self, event: Event) {
        match event {
            // Sent before the peer moved on, and too late: `Close` will say so.
            Event::Read(Ok(_)) if self.is_superseded => {}
            Event::Read(Ok(frame)) => self.feed(CalleeInput::Frame(frame)).await,
            // The caller has finished with it, or it is broken: nobody is left to tell.
            Event::Read(Err(_)) | Event::Broken => self.is_over = true,
            Event::Taken => {
                self.is_delivering = false;
                self.feed(CalleeInput::Taken).await;
            }
            Event::ActorEnded => self.feed(CalleeInput::End(StreamEnd::Stopped)).await,
            Event::Superseded => {
                self.is_superseded = true;
                self.is_delivering = false;
                drop(self.port.take());
                drop(self.place.take());
            }
            Event::Answered => self.feed(CalleeInput::End(StreamEnd::Moved)).await,
            Event::Deadline => self.feed(CalleeInput::Timeout).await,
        }
    }

    async fn feed(&mut self, input: CalleeInput) {
        let mut next = Some(input);
        while let Some(input) = next.take() {
            for output in self.answers.handle(self.shared.now(), input) {
                match output {
                    CalleeOutput::Bind { actor, generation } => next = self.bind(actor, generation).await,
                    CalleeOutput::Deliver { id, is_ask, key, payload, .. } => {
                        let sink = self.answers.clone();
                        let reply = is_ask.then(|| ReplyPort::new(sink, id));
                        let Some(port) = &mut self.port else { continue };
                        match port.deliver(key, &payload, reply) {
                            Ok(()) => {
                                self.is_delivering = true;
                                self.answers.lock().unanswered += usize::from(is_ask);
                            }
                            Err(error) => next = Some(CalleeInput::Refused { id, reason: refusal(&error) }),
                        }
                    }
                    // The answer is dropped where it arrives.
                    CalleeOutput::Cancelled(_) => {}
                    CalleeOutput::Over => self.is_over = true,
                }
            }
        }
    }

    async fn bind(&mut self, actor: ActorNumber, generation: u64) -> Option<CalleeInput> {
        let Some(place) = self.generations.enter(self.peer, actor, generation).await else {
            return Some(CalleeInput::End(StreamEnd::Moved));
        };
        self.place = Some(place);
        self.port = self.system.port(actor);
        self.port.is_none().then_some(CalleeInput::End(StreamEnd::Stopped))
    }
}

const fn refusal(error: &Undeliverable) -> RefuseReason {
    match error {
        Undeliverable::Undecodable(Undecodable::UnknownMessage) => RefuseReason::UnknownMessage,
        Undeliverable::Undecodable(_) => RefuseReason::Malformed,
        _ => RefuseReason::NoActor,
    }
}
