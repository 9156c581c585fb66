//! Handlers that answer by a stream.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use murmer::prelude::*;
use murmer::{Delivery, Supervision};
use tokio::task::yield_now;

/// Counts: how far all its streams got, and how many of them there are.
struct Counter;

#[derive(Clone, Default)]
struct Counted {
    yielded: Arc<AtomicUsize>,
    alive: Arc<()>,
}

impl Actor for Counter {
    type State = Counted;
}

#[handlers]
impl Counter {
    #[handler]
    fn count(&self, counted: &mut Counted, to: usize) -> impl Stream<Item = usize> {
        Count { at: 0, to, counted: counted.clone() }
    }

    /// Two things at once: it waits, and it sees its actor.
    #[handler]
    async fn count_later(
        &mut self,
        ctx: &ActorContext<Self>,
        counted: &mut Counted,
        to: usize,
    ) -> impl Stream<Item = usize> + Send + 'static {
        yield_now().await;
        assert!(ctx.label().is_some());
        Count { at: 0, to, counted: counted.clone() }
    }

    /// Panics over its third item.
    #[handler]
    fn stumble(&self) -> impl Stream<Item = usize> + use<> {
        Stumble(0)
    }

    #[handler]
    fn boom(&self, to: usize) -> impl Stream<Item = usize> {
        assert!(to > 10, "on purpose");
        Stumble(0)
    }

    #[handler]
    fn quit(&self, ctx: &ActorContext<Self>) {
        ctx.stop();
    }

    #[handler]
    fn fail(&self) {
        panic!("on purpose");
    }

    #[handler]
    fn idle(&self) {}
}

struct Count {
    at: usize,
    to: usize,
    counted: Counted,
}

impl Stream for Count {
    type Item = usize;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<usize>> {
        if self.to == FOR_EVER {
            return Poll::Pending;
        }
        if self.at == self.to {
            return Poll::Ready(None);
        }
        self.at += 1;
        self.counted.yielded.fetch_add(1, Ordering::SeqCst);
        Poll::Ready(Some(self.at))
    }
}

struct Stumble(usize);

impl Stream for Stumble {
    type Item = usize;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<usize>> {
        self.0 += 1;
        assert!(self.0 < 3, "on purpose");
        Poll::Ready(Some(self.0))
    }
}

fn start(system: &System) -> (Endpoint<Counter>, Counted) {
    let counted = Counted::default();
    (system.start("counter", Counter, counted.clone()), counted)
}

impl Counted {
    fn yielded(&self) -> usize {
        self.yielded.load(Ordering::SeqCst)
    }

    /// Until of the streams only `streams` are left: each holds the state once.
    async fn until_left(&self, streams: usize) {
        // One here, one in the actor.
        while Arc::strong_count(&self.alive) > streams + 2 {
            yield_now().await;
        }
    }
}

async fn rest<T>(mut stream: ReplyStream<T>) -> (Vec<T>, Option<SendError>) {
    let mut items = vec![];
    while let Some(item) = stream.next().await {
        match item {
            Ok(item) => items.push(item),
            Err(error) => {
                assert!(stream.next().await.is_none(), "an error is the last item");
                return (items, Some(error));
            }
        }
    }
    assert!(stream.next().await.is_none(), "an end is final");
    (items, None)
}

#[track_caller]
fn assert_interrupted(error: Option<SendError>) {
    let error = error.expect("it breaks off");
    assert!(matches!(error, SendError::Interrupted), "{error:?}");
    assert_eq!(error.delivery(), Delivery::Handled);
}

#[tokio::test]
async fn a_stream_gives_its_items_in_order_and_ends() {
    let (counter, _) = start(&System::local());
    let (items, error) = rest(counter.count(1_000).await.unwrap()).await;
    assert_eq!((items, error.is_none()), ((1..=1_000).collect(), true));
    let (items, error) = rest(counter.count_later(3).await.unwrap()).await;
    assert_eq!((items, error.is_none()), (vec![1, 2, 3], true));
    let (items, error) = rest(counter.count(0).await.unwrap()).await;
    assert_eq!((items, error.is_none()), (vec![], true));
}

#[tokio::test]
async fn a_reply_stream_is_a_stream() {
    let (counter, _) = start(&System::local());
    let mut stream = counter.count(2).await.unwrap();
    let next = std::future::poll_fn(|cx| Pin::new(&mut stream).poll_next(cx));
    assert_eq!(next.await.unwrap().unwrap(), 1);
}

#[tokio::test]
async fn the_actor_goes_on_while_its_streams_are_read() {
    let (counter, _) = start(&System::local());
    let mut first = counter.count(100).await.unwrap();
    let mut second = counter.count(100).await.unwrap();
    for n in 1..=100 {
        assert_eq!(first.next().await.unwrap().unwrap(), n);
        counter.idle().await.unwrap();
        assert_eq!(second.next().await.unwrap().unwrap(), n);
    }
}

#[tokio::test]
async fn a_stream_is_ahead_of_its_reader_by_no_more_than_its_buffer() {
    let (counter, counted) = start(&System::local());
    let mut stream = counter.count(1_000).await.unwrap();
    let settle = async || {
        for _ in 0..100 {
            yield_now().await;
        }
    };
    settle().await;
    assert_eq!(counted.yielded(), 32);
    stream.next().await.unwrap().unwrap();
    settle().await;
    assert_eq!(counted.yielded(), 33);
}

#[tokio::test]
async fn dropping_a_reply_stream_ends_the_stream_also_where_it_waits() {
    let (counter, counted) = start(&System::local());
    let waiting = counter.count(FOR_EVER).await.unwrap();
    let full = counter.count(1_000).await.unwrap();
    yield_now().await;
    drop(waiting);
    counted.until_left(1).await;
    drop(full);
    counted.until_left(0).await;
}

#[tokio::test]
async fn a_stream_nobody_asked_for_does_not_run() {
    let (counter, counted) = start(&System::local());
    counter.count(10).tell().await.unwrap();
    counter.idle().await.unwrap();
    counted.until_left(0).await;
    assert_eq!(counted.yielded(), 0);
}

#[tokio::test]
async fn the_end_of_the_actor_breaks_its_streams_off_behind_what_was_sent() {
    let (counter, _) = start(&System::local());
    let mut stream = counter.count(1_000).await.unwrap();
    let waiting = counter.count(FOR_EVER).await.unwrap();
    assert_eq!(stream.next().await.unwrap().unwrap(), 1);
    counter.quit().await.unwrap();
    counter.closed().await;
    let (items, error) = rest(stream).await;
    assert_eq!(items, (2..2 + items.len()).collect::<Vec<_>>());
    assert!(items.len() >= 31, "what waits for its reader is not lost");
    assert_interrupted(error);
    assert_interrupted(rest(waiting).await.1);
}

#[tokio::test]
async fn a_stream_that_had_ended_before_its_actor_is_whole() {
    let (counter, counted) = start(&System::local());
    let stream = counter.count(31).await.unwrap();
    counted.until_left(0).await;
    counter.quit().await.unwrap();
    counter.closed().await;
    let (items, error) = rest(stream).await;
    assert_eq!((items.len(), error.is_none()), (31, true));
}

#[tokio::test]
async fn a_stream_does_not_outlive_the_life_that_began_it() {
    let system = System::local();
    let counter = system.supervise("counter", Supervision::permanent(), || (Counter, Counted::default()));
    let stream = counter.count(FOR_EVER).await.unwrap();
    counter.fail().await.unwrap_err();
    assert_interrupted(rest(stream).await.1);
    counter.idle().await.unwrap();
}

#[tokio::test]
async fn a_panic_in_a_stream_is_told_to_its_reader_and_the_actor_goes_on() {
    let (counter, _) = start(&System::local());
    let (items, error) = rest(counter.stumble().await.unwrap()).await;
    assert_eq!(items, [1, 2]);
    assert!(matches!(error, Some(SendError::Panicked)), "{error:?}");
    counter.idle().await.unwrap();
}

#[tokio::test]
async fn a_panic_before_there_is_a_stream_is_the_handlers() {
    let (counter, _) = start(&System::local());
    assert!(matches!(counter.boom(1).await.unwrap_err(), SendError::Panicked));
}

const FOR_EVER: usize = usize::MAX;
