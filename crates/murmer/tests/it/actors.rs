//! Actors for the tests to send to.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use murmer::Wire;
use murmer::prelude::*;
use tokio::sync::Semaphore;

/// Does what it is told, also what an actor should not.
pub(crate) struct Probe;

impl Actor for Probe {
    type State = Vec<u32>;
}

#[handlers]
impl Probe {
    #[handler]
    fn echo(&self, n: u64) -> u64 {
        n
    }

    #[handler]
    fn note(&self, noted: &mut Vec<u32>, n: u32) {
        noted.push(n);
    }

    #[handler]
    fn noted(&self, noted: &mut Vec<u32>) -> Vec<u32> {
        noted.clone()
    }

    /// The node it runs on.
    #[handler]
    fn place(&self, ctx: &ActorContext<Self>) -> String {
        ctx.id().node.name.to_string()
    }

    #[handler]
    fn boom(&self) {
        panic!("on purpose");
    }

    #[handler]
    async fn hang(&self) {
        std::future::pending().await
    }

    #[handler]
    fn weigh(&self, bytes: Vec<u8>) -> usize {
        bytes.len()
    }

    #[handler]
    fn grow(&self, bytes: usize) -> Vec<u8> {
        vec![7; bytes]
    }

    #[handler]
    pub(crate) fn explode(&self) -> Bomb {
        Bomb
    }

    #[handler]
    fn quit(&self, ctx: &ActorContext<Self>) -> u8 {
        ctx.stop();
        1
    }

    /// Lets another actor answer.
    #[handler]
    async fn pass_on(&self, ctx: &ActorContext<Self>, to: ActorRef<Self>, n: u64) -> Option<(String, u64)> {
        let to = ctx.system().resolve(&to)?;
        Some((to.place().await.ok()?, to.echo(n).await.ok()?))
    }
}

/// Panics when it is to be sent.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Bomb;

impl serde::Serialize for Bomb {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        panic!("on purpose");
    }
}

/// Keeps those who ask waiting.
pub(crate) struct Clerk;

impl Actor for Clerk {
    type State = Vec<(u64, ReplyTo<u64>)>;
}

#[handlers]
impl Clerk {
    /// Answers `n` when it is released.
    #[handler]
    fn wait(&self, waiting: &mut Vec<(u64, ReplyTo<u64>)>, n: u64, reply: ReplyTo<u64>) {
        waiting.push((n, reply));
    }

    /// Answers all who wait, and says how many these were.
    #[handler]
    fn release(&self, waiting: &mut Vec<(u64, ReplyTo<u64>)>) -> usize {
        let waited = waiting.len();
        waiting.drain(..).for_each(|(n, reply)| reply.send(n));
        waited
    }

    /// How many wait and still want to know.
    #[handler]
    fn wanted(&self, waiting: &mut Vec<(u64, ReplyTo<u64>)>) -> usize {
        waiting.iter().filter(|(_, reply)| reply.is_wanted()).count()
    }

    /// Answers what a task works out.
    #[handler]
    fn delegate(&self, reply: ReplyTo<u64>, ctx: &ActorContext<Self>, n: u64) {
        ctx.spawn(async move { reply.send(2 * n) });
    }

    /// Lets another actor answer.
    #[handler]
    async fn refer(&self, ctx: &ActorContext<Self>, to: ActorRef<Probe>, n: u64, reply: ReplyTo<u64>) {
        if let Some(to) = ctx.system().resolve(&to) {
            // If that fails, the reply has said so.
            let _ = to.forward(ProbeEcho { n }, reply).await;
        }
    }

    #[handler]
    fn lose(&self, n: u64, reply: ReplyTo<u64>) {
        drop((n, reply));
    }

    #[handler]
    fn fumble(&self, n: u64, reply: ReplyTo<u64>) {
        let _in_hand = (n, reply);
        panic!("on purpose");
    }

    #[handler]
    fn idle(&self) {}
}

/// Keeps things of one kind, for any node.
pub(crate) struct Shelf<T, const N: usize>(pub(crate) Vec<T>);

impl<T: Wire + Clone, const N: usize> Actor for Shelf<T, N> {
    type State = ();
}

#[handlers]
impl<T: Wire + Clone, const N: usize> Shelf<T, N> {
    /// Takes the thing, or gives it back if there are `N` already.
    #[handler]
    fn put(&mut self, thing: T) -> Result<usize, T> {
        if self.0.len() == N {
            return Err(thing);
        }
        self.0.push(thing);
        Ok(self.0.len())
    }

    #[handler]
    async fn all(&mut self) -> Vec<T> {
        self.0.clone()
    }

    #[handler]
    fn first_later(&self, reply: ReplyTo<Option<T>>) {
        reply.send(self.0.first().cloned());
    }

    #[handler]
    fn count(&self) -> usize {
        self.0.len()
    }

    /// Everything goes.
    #[handler(message)]
    fn replace(&mut self, with: Replace<T>) -> usize {
        self.0 = with.things;
        self.0.len()
    }
}

#[derive(serde::Serialize, serde::Deserialize, Message)]
#[serde(bound = "")]
#[message(reply = usize)]
pub(crate) struct Replace<T: Wire> {
    pub(crate) things: Vec<T>,
}

/// Something to put onto a shelf.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, Wire)]
#[wire(name = "shop::Item")]
pub(crate) struct Item<U> {
    pub(crate) price: U,
}

/// Answers nothing until it is let through.
pub(crate) struct Gate;

/// The gate as its keeper sees it.
#[derive(Debug)]
pub(crate) struct Latch {
    pub(crate) permits: Semaphore,
    entered: AtomicUsize,
}

impl Latch {
    pub(crate) fn closed() -> Arc<Self> {
        Arc::new(Self { permits: Semaphore::new(0), entered: AtomicUsize::new(0) })
    }

    /// How many messages have been handled, the one in hand included.
    pub(crate) fn entered(&self) -> usize {
        self.entered.load(Ordering::SeqCst)
    }
}

impl Actor for Gate {
    type State = Arc<Latch>;
}

#[handlers(clone)]
impl Gate {
    /// Takes one permit and returns `n`.
    #[handler]
    async fn pass(&self, latch: &mut Arc<Latch>, n: u64) -> u64 {
        latch.entered.fetch_add(1, Ordering::SeqCst);
        latch.permits.acquire().await.expect("never closed").forget();
        n
    }

    /// Never called.
    #[handler]
    fn solve(&self, _riddle: Riddle) {}

    /// The same, with something to carry back.
    #[handler]
    async fn fetch(&self, latch: &mut Arc<Latch>, bytes: usize) -> Vec<u8> {
        self.pass(latch, 0).await;
        vec![7; bytes]
    }
}

/// Can be sent and not be read: who gets it refuses it at once, however busy the actor is.
#[derive(Debug, Clone)]
pub(crate) struct Riddle;

impl serde::Serialize for Riddle {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit_struct("Riddle")
    }
}

impl<'de> serde::Deserialize<'de> for Riddle {
    fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(serde::de::Error::custom("a riddle"))
    }
}

/// Nobody else's business.
pub(crate) struct Hermit;

impl Actor for Hermit {
    type State = ();
}

#[handlers(local)]
impl Hermit {
    #[handler]
    fn mumble(&self) -> &'static str {
        "hm"
    }
}
