//! The task at the serving end of a stream: a loop around a [`Callee`].
//!
//! While the mailbox is full, nothing more is read: the socket's flow control then stops the sender.

use std::future::{pending, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use murmer_core::{InboundPort, ReplyPort, System, Undecodable, Undeliverable};
use murmer_node::{Callee, CalleeInput, CalleeOutput, RefuseReason, StreamEnd};
use murmer_transport::{RecvHalf, SendHalf};
use murmer_wire::{ActorNumber, NodeId};

use super::answers::Answers;
use super::generations::{Generations, Place};
use super::pump::{BufferWriter, FrameReader, ReadEnd};
use crate::cluster::remote::Shared;

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
    let answers = Arc::new(Answers::new(Callee::new(shared.settings.frame_bytes_max)));
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
        // Until the peer has it: whoever closes the connection waits for this stream. A peer that is not
        // there any more is waited for no longer than its connection is.
        let _ = tokio::time::timeout(LAST_WORD, writer.arrived()).await;
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
            let event = self.event(writer, reader).await;
            self.perform(event).await;
        }
        drop(self.port.take());
        drop(self.place.take());
    }

    /// Ends first: no message may reach a mailbox behind one of a newer stream. Then answers, which make
    /// room; then at most one message more.
    async fn event<S: SendHalf, R: RecvHalf>(
        &mut self,
        writer: &mut BufferWriter<S>,
        reader: &mut FrameReader<R>,
    ) -> Event {
        let (place, port, answers) = (&self.place, &mut self.port, &self.answers);
        let mut timer = pin!(self.shared.sleep_until(answers.deadline()));
        let mut superseded = pin!(async {
            match place {
                Some(place) => place.superseded().await,
                None => pending().await,
            }
        });
        poll_fn(|cx| {
            if superseded.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Event::Superseded);
            }
            if answers.poll_write(cx, writer).is_ready() {
                return Poll::Ready(Event::Broken);
            }
            // Behind `poll_write`, which sees to it that an answer from now on wakes this task.
            if self.is_superseded && answers.all_answered() {
                return Poll::Ready(Event::Answered);
            }
            if self.is_delivering {
                if let Some(port) = port.as_mut()
                    && port.poll_flush(cx).is_ready()
                {
                    return Poll::Ready(Event::Taken);
                }
            } else if answers.has_room()
                && let Poll::Ready(frame) = reader.poll_frame(cx)
            {
                // A peer that doesn't take its answers gets no more of them: writing them wakes us.
                return Poll::Ready(Event::Read(frame));
            }
            if port.as_mut().is_some_and(|port| port.poll_ended(cx).is_ready()) {
                return Poll::Ready(Event::ActorEnded);
            }
            timer.as_mut().poll(cx).map(|()| Event::Deadline)
        })
        .await
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
                    CalleeOutput::Deliver { id, is_ask, key, remaining, payload } => {
                        let Some(port) = &mut self.port else { continue };
                        if is_ask && !self.answers.takes_asks() {
                            next = Some(CalleeInput::Refused { id, reason: RefuseReason::Overloaded });
                            continue;
                        }
                        let reply = is_ask.then(|| ReplyPort::new(self.answers.clone(), id, remaining));
                        match port.deliver(key, &payload, reply) {
                            Ok(()) => {
                                self.is_delivering = true;
                                if is_ask {
                                    self.answers.delivered();
                                }
                            }
                            Err(error) => next = Some(CalleeInput::Refused { id, reason: refusal(&error) }),
                        }
                    }
                    CalleeOutput::Cancelled(id) => self.answers.cancel(id),
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

/// How long the peer has to take the end of a stream. Longer than a connection can be silent.
const LAST_WORD: Duration = Duration::from_secs(10);
