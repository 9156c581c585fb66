//! One actor on another node, as endpoints hold it.
//!
//! Senders encode with no lock in hand, since that is code of the message's, and then write into the
//! stream's buffer; the stream's task takes that buffer whole when the socket is ready. Senders that find it
//! full line up, first come first, and only the first of the line may write: so order is that of the first
//! poll here, too.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use murmer_core::{CallId, FarActor, FarCall, SendError, StopReason};
use murmer_node::{Caller, Draft, WriteError};
use murmer_wire::{ActorId, Label};
use tokio::sync::oneshot;

use super::open::{Awaiting, Stream, StreamState};
use super::scratch;
use super::shed::Shed;
use crate::cluster::counters::Side;
use crate::cluster::remote::{Road, Shared};

/// One actor on another node.
pub(crate) struct FarStream {
    /// For the tasks of its streams.
    this: Weak<Self>,
    id: ActorId,
    label: Option<Label>,
    shared: Arc<Shared>,
    state: Mutex<State>,
    /// Whether anybody lines up, at a glance: wrong for a moment, it costs an encoding.
    has_line: AtomicBool,
    /// Whether the actor's node can be, as far as is known.
    is_reachable: AtomicBool,
}

struct State {
    stream: Option<Arc<Stream>>,
    /// A stream whose task is still to be started.
    opened: Option<(Road, Arc<Stream>)>,
    /// Of the last stream opened. Lives as long as anybody holds an endpoint; starts at the time it was
    /// made, so that it rises across the lives of this value, too.
    generation: u64,
    line: VecDeque<(u64, Waker)>,
    next_ticket: u64,
    shed: Shed,
}

impl FarStream {
    pub(crate) fn new(id: ActorId, label: Option<Label>, shared: Arc<Shared>) -> Arc<Self> {
        let generation = shared.now().as_micros() as u64;
        let state = State {
            stream: None,
            opened: None,
            generation,
            line: VecDeque::new(),
            next_ticket: 0,
            shed: Shed::default(),
        };
        let (state, has_line) = (Mutex::new(state), AtomicBool::new(false));
        let is_reachable = AtomicBool::new(true);
        Arc::new_cyclic(|this| Self { this: this.clone(), id, label, shared, state, has_line, is_reachable })
    }

    /// There is room: the first of the line may write.
    pub(crate) fn wake_line(&self) {
        let first = self.lock().line.front().map(|(_, waker)| waker.clone());
        if let Some(waker) = first {
            waker.wake();
        }
    }

    /// Ready once every message that has been written by now has been accepted, or never will be; `None` if all of
    /// them have. An older stream than the last has none left that hasn't.
    pub(crate) fn flush(&self) -> Option<oneshot::Receiver<()>> {
        let stream = self.lock().stream.clone()?;
        stream.lock().flush()
    }

    pub(crate) fn set_reachable(&self, is_reachable: bool) {
        self.is_reachable.store(is_reachable, Ordering::Relaxed);
    }

    /// A stream was shed. Those who line up meanwhile are told when to try.
    pub(super) fn shed(self: &Arc<Self>) {
        let until = self.lock().shed.shed(self.shared.now());
        let (this, mut timer) = (Arc::downgrade(self), self.shared.timer());
        let shared = self.shared.clone();
        self.shared.executor.spawn(async move {
            poll_fn(|cx| shared.poll_deadline(cx, &mut timer, shared.now(), Some(until))).await;
            if let Some(this) = this.upgrade() {
                this.wake_line();
            }
        });
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Leaves the line, if it ever was in there.
    fn done(
        &self,
        ticket: &mut Option<u64>,
        result: Result<CallId, SendError>,
    ) -> Poll<Result<CallId, SendError>> {
        if let Some(ticket) = ticket.take() {
            self.withdraw(ticket);
        }
        if let Err(error) = &result {
            self.shared.counters.refused_here(error);
        }
        Poll::Ready(result)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new stream over the connection there is now.
    fn open(&self, state: &mut State) -> Result<(), SendError> {
        let node = &self.id.node;
        let road =
            self.shared.road(node).map_err(|reason| SendError::Unreachable { node: node.clone(), reason })?;
        state.generation += 1;
        let caller = Caller::new(
            self.shared.now(),
            self.id.number,
            state.generation,
            self.shared.settings.frame_bytes_max,
            IDLE_AFTER,
        );
        let stream = Arc::new(Stream::new(caller, self.shared.unsent.portion()));
        state.stream = Some(stream.clone());
        state.opened = Some((road, stream));
        self.shared.counters.opened(Side::Asking);
        Ok(())
    }

    /// Writes, unless somebody else is first; `None` if there is no room. Nor is there while the messages of a
    /// stream that moves have not all been accepted: later ones must not overtake them. The task is to be woken
    /// outside of all locks.
    fn write(
        &self,
        state: &mut State,
        call: &mut FarCall<'_>,
        draft: &mut Draft,
    ) -> Result<Option<(CallId, Option<Waker>)>, SendError> {
        if !state.is_first(*call.ticket) {
            return Ok(None);
        }
        // Twice at most: one that was just opened is not run before the lock is let go of.
        loop {
            if let Some(stream) = &state.stream {
                let mut inner = stream.lock();
                match (inner.caller.is_over(), inner.is_retiring) {
                    (false, false) => {
                        let (is_written, is_accepted) =
                            (inner.caller.last_id() > 0, inner.caller.has_accepted());
                        if !state.shed.may_write(is_written, is_accepted) {
                            return Ok(None);
                        }
                        let written = self.write_to(&mut inner, call, draft)?;
                        let message = inner.caller.last_id();
                        let id = CallId { stream: state.generation, message };
                        return Ok(written.then(|| (id, inner.task.take())));
                    }
                    (false, true) if !inner.caller.has_all_accepted() => return Ok(None),
                    _ => {}
                }
            }
            if !state.shed.may_open(self.shared.now()) {
                return Ok(None);
            }
            self.open(state)?;
        }
    }

    /// Writes into an open stream; false if there is no room.
    fn write_to(
        &self,
        inner: &mut StreamState,
        call: &mut FarCall<'_>,
        draft: &mut Draft,
    ) -> Result<bool, SendError> {
        if !inner.may_hold_more(self.shared.settings.unsent_bytes_max) {
            return Ok(false);
        }
        let changes = self.shared.manifest_changes();
        if !inner.sendable.contains(call.key, changes) {
            self.check(call)?;
            inner.sendable.add(call.key, changes);
        }
        let (actor_type, message, asked_at) = (call.actor_type, call.message, self.shared.now());
        let token = call.reply.take().map(|reply| Awaiting { reply, actor_type, message, asked_at });
        let timeout = token.is_some().then(|| call.timeout.unwrap_or(self.shared.settings.ask_timeout));
        let written = inner.caller.write(asked_at, call.key, timeout, token, call.is_streamed, draft);
        let Err((error, token)) = written else {
            inner.count_unsent(None);
            return Ok(true);
        };
        *call.reply = token.map(|awaiting| awaiting.reply);
        match error {
            WriteError::TooLarge { bytes, max } => Err(SendError::TooLarge { bytes, max }),
            _ => Ok(false),
        }
    }

    /// Writes, or lines up. Starts the stream if one was opened for that.
    fn write_or_line_up(
        &self,
        cx: &Context<'_>,
        call: &mut FarCall<'_>,
        draft: &mut Draft,
    ) -> Result<Option<CallId>, SendError> {
        let mut state = self.lock();
        let mut written = self.write(&mut state, call, draft);
        if let Ok(None) = written {
            // What can't be sent need not wait for its turn to learn that.
            match self.check(call) {
                Ok(()) => {
                    state.line_up(cx, call.ticket);
                    self.has_line.store(true, Ordering::Relaxed);
                }
                Err(error) => written = Err(error),
            }
        }
        let opened = state.opened.take();
        drop(state);
        // Outside the lock: a runtime that is going drops the task, and the stream with it, on the spot.
        if let (Some((road, stream)), Some(this)) = (opened, self.this.upgrade()) {
            (road.0)(this, stream);
        }
        let (id, task) = written?.unzip();
        if let Some(task) = task.flatten() {
            task.wake();
        }
        Ok(id)
    }

    /// Whether the other node has such a message, as far as is known.
    fn check(&self, call: &FarCall<'_>) -> Result<(), SendError> {
        let (actor_type, message) = (call.actor_type, call.message);
        if self.shared.may_have(&self.id.node, actor_type, call.key) {
            Ok(())
        } else {
            Err(SendError::SchemaMismatch { actor_type, message })
        }
    }
}

impl State {
    /// Whether whoever holds `ticket`, or comes without one, may write.
    fn is_first(&self, ticket: Option<u64>) -> bool {
        match (self.line.front(), ticket) {
            (Some((first, _)), Some(ticket)) => *first == ticket,
            (first, _) => first.is_none(),
        }
    }

    fn line_up(&mut self, cx: &Context<'_>, ticket: &mut Option<u64>) {
        if let Some(ticket) = *ticket {
            if let Some((_, waker)) = self.line.iter_mut().find(|(held, _)| *held == ticket) {
                waker.clone_from(cx.waker());
            }
            return;
        }
        *ticket = Some(self.next_ticket);
        self.line.push_back((self.next_ticket, cx.waker().clone()));
        self.next_ticket += 1;
    }
}

impl FarActor for FarStream {
    fn id(&self) -> &ActorId {
        &self.id
    }

    fn label(&self) -> Option<&Label> {
        self.label.as_ref()
    }

    fn is_reachable(&self) -> bool {
        self.is_reachable.load(Ordering::Relaxed)
    }

    fn poll_call(&self, cx: &mut Context<'_>, call: &mut FarCall<'_>) -> Poll<Result<CallId, SendError>> {
        // If there is a line, it would be encoded for nothing.
        if call.ticket.is_some() || self.has_line.load(Ordering::Relaxed) {
            if call.ticket.is_none()
                && let Err(error) = self.check(call)
            {
                return self.done(call.ticket, Err(error));
            }
            let mut state = self.lock();
            if !state.is_first(*call.ticket) {
                state.line_up(cx, call.ticket);
                return Poll::Pending;
            }
        }
        // What lines up or writes while this encodes was sent at the same time: its order is free.
        let mut draft = match scratch::draft(call.encode) {
            Ok(draft) => draft,
            Err(error) => return self.done(call.ticket, Err(error)),
        };
        let result = self.write_or_line_up(cx, call, &mut draft);
        scratch::reuse(draft);
        match result {
            Ok(None) => Poll::Pending,
            Ok(Some(id)) => self.done(call.ticket, Ok(id)),
            Err(error) => self.done(call.ticket, Err(error)),
        }
    }

    fn withdraw(&self, ticket: u64) {
        let mut state = self.lock();
        state.line.retain(|(held, _)| *held != ticket);
        self.has_line.store(!state.line.is_empty(), Ordering::Relaxed);
        drop(state);
        // Whoever is first now may find room.
        self.wake_line();
    }

    fn mailbox_wait(&self) -> Duration {
        self.shared.settings.mailbox_wait
    }

    fn cancel(&self, call: CallId) {
        let state = self.lock();
        // A stream that has been replaced only waits for what is under way: let it.
        let Some(stream) = state.stream.as_ref().filter(|_| state.generation == call.stream) else { return };
        let mut inner = stream.lock();
        let cancelled = inner.caller.cancel(call.message);
        let task = inner.task.take();
        drop(inner);
        drop(state);
        if cancelled.is_some() {
            self.shared.counters.given_up();
        }
        // What waits for the answer, and the stream's task, both know nothing of our locks.
        drop(cancelled);
        if let Some(task) = task {
            task.wake();
        }
    }

    fn overloaded(&self) {
        let waited = self.mailbox_wait();
        self.shared.counters.refused_here(&SendError::Overloaded { waited });
    }

    fn ended(&self) -> Pin<Box<dyn Future<Output = StopReason> + Send + '_>> {
        Box::pin(self.shared.watches.ended(&self.id))
    }
}

impl Drop for FarStream {
    fn drop(&mut self) {
        self.shared.let_go(&self.id);
    }
}

/// A stream that carried nothing for this long is closed; the next send opens another.
const IDLE_AFTER: Duration = Duration::from_secs(60);
