//! An actor that does as its script says, and writes down what happens to it.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use murmer::prelude::*;
use murmer::{StartFailure, StopReason, Terminated};

/// What happened, in order.
#[derive(Clone, Default)]
pub(super) struct Journal {
    lines: Arc<Mutex<Vec<String>>>,
}

impl Journal {
    pub(super) fn add(&self, line: impl Into<String>) {
        self.lines.lock().unwrap().push(line.into());
    }

    /// All lines so far, and forgets them.
    pub(super) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.lines.lock().unwrap())
    }
}

pub(super) type Deed = Box<dyn FnOnce(&ActorContext<Subject>) + Send>;
pub(super) type Wait = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What a hook does the next time it runs.
pub(super) enum Turn {
    Fails,
    Panics,
    Waits(Wait),
    Does(Deed),
}

/// What the hooks do, over all lives; nothing once it is used up.
#[derive(Clone, Default)]
pub(super) struct Script {
    started: Arc<Mutex<VecDeque<Turn>>>,
    stopped: Arc<Mutex<VecDeque<Turn>>>,
    terminated: Arc<Mutex<VecDeque<Turn>>>,
}

impl Script {
    pub(super) fn started(self, turn: Turn) -> Self {
        self.started.lock().unwrap().push_back(turn);
        self
    }

    pub(super) fn stopped(self, turn: Turn) -> Self {
        self.stopped.lock().unwrap().push_back(turn);
        self
    }

    pub(super) fn terminated(self, turn: Turn) -> Self {
        self.terminated.lock().unwrap().push_back(turn);
        self
    }
}

pub(super) struct Subject {
    name: String,
    journal: Journal,
    script: Script,
}

impl Subject {
    pub(super) fn new(name: &str, journal: &Journal) -> Self {
        Self::scripted(name, journal, &Script::default())
    }

    pub(super) fn scripted(name: &str, journal: &Journal, script: &Script) -> Self {
        Self { name: name.to_owned(), journal: journal.clone(), script: script.clone() }
    }

    /// Makes such an actor for each of its lives.
    pub(super) fn factory(
        name: &str,
        journal: &Journal,
        script: Script,
    ) -> impl FnMut() -> (Self, u32) + Send + 'static {
        let (name, journal) = (name.to_owned(), journal.clone());
        move || (Self::scripted(&name, &journal, &script), 0)
    }

    fn add(&self, what: impl std::fmt::Display) {
        self.journal.add(format!("{} {what}", self.name));
    }

    async fn play(turns: &Mutex<VecDeque<Turn>>, ctx: &ActorContext<Self>) -> Result<(), StartFailure> {
        let turn = turns.lock().unwrap().pop_front();
        match turn {
            None => {}
            Some(Turn::Fails) => return Err("on purpose".into()),
            Some(Turn::Panics) => panic!("on purpose"),
            Some(Turn::Waits(wait)) => wait.await,
            Some(Turn::Does(deed)) => deed(ctx),
        }
        Ok(())
    }
}

impl Actor for Subject {
    /// How many messages this life has handled.
    type State = u32;

    async fn started(&mut self, ctx: &ActorContext<Self>, _: &mut u32) -> Result<(), StartFailure> {
        self.add("starts");
        Self::play(&self.script.started, ctx).await
    }

    async fn stopped(&mut self, ctx: &ActorContext<Self>, _: &mut u32, reason: &StopReason) {
        self.add(format_args!("stops: {reason}"));
        drop(Self::play(&self.script.stopped, ctx).await);
    }

    async fn terminated(&mut self, ctx: &ActorContext<Self>, _: &mut u32, notice: Terminated) {
        self.add(format_args!("is told {}: {}", notice.tag, notice.reason));
        drop(Self::play(&self.script.terminated, ctx).await);
    }
}

#[handlers(local)]
impl Subject {
    #[handler]
    fn note(&mut self, handled: &mut u32, n: u32) -> u32 {
        *handled += 1;
        self.add(n);
        *handled
    }

    #[handler]
    fn boom(&mut self) {
        panic!("on purpose");
    }

    /// Does something as the actor.
    #[handler]
    fn with(&mut self, ctx: &ActorContext<Self>, deed: Deed) {
        deed(ctx);
    }

    /// Waits in its handler.
    #[handler]
    async fn hold(&mut self, wait: Wait) {
        wait.await;
    }

    /// Blocks its thread until there is something to receive.
    #[handler]
    fn block(&mut self, gate: std::sync::mpsc::Receiver<()>) {
        // An error is as good as a word.
        let _ = gate.recv();
    }
}

impl Drop for Subject {
    fn drop(&mut self) {
        self.add("is gone");
    }
}

/// Lets everything happen that can without time passing: the clock of a paused runtime moves only once all
/// tasks wait.
pub(super) async fn idle() {
    tokio::time::sleep(Duration::from_nanos(1)).await;
}

/// Runs `deed` as the actor, and returns what it returns.
pub(super) async fn within<R: Send + 'static>(
    subject: &Endpoint<Subject>,
    deed: impl FnOnce(&ActorContext<Subject>) -> R + Send + 'static,
) -> R {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let deed: Deed = Box::new(move |ctx| drop(sender.send(deed(ctx))));
    subject.with(deed).await.unwrap();
    receiver.await.unwrap()
}

/// Never ends.
pub(super) fn for_ever() -> Wait {
    Box::pin(std::future::pending())
}

/// A wait, and what ends it.
pub(super) fn gate() -> (Wait, tokio::sync::oneshot::Sender<()>) {
    let (open, opened) = tokio::sync::oneshot::channel();
    (Box::pin(async move { drop(opened.await) }), open)
}
