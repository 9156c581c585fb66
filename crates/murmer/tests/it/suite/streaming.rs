//! Answers that come in pieces, from another node.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use murmer::prelude::*;
use murmer::{Delivery, LinkEnd, Supervision};
use tokio::time::Instant;

use super::bed::{Bed, World, found_of_type};
use crate::actors::Riddle;
use crate::wait::until;

pub(crate) struct Feed;

/// How much all its streams have yielded, and how many of them there are: each holds this once.
#[derive(Clone, Default)]
pub(crate) struct Tally {
    yielded: Arc<AtomicUsize>,
    alive: Arc<()>,
}

impl Actor for Feed {
    type State = Tally;
}

#[handlers]
impl Feed {
    #[handler]
    fn count(&self, tally: &mut Tally, to: u64) -> impl Stream<Item = u64> {
        Each::new(tally, to, |n| n)
    }

    /// Items of so many bytes.
    #[handler]
    fn pages(&self, tally: &mut Tally, to: u64, bytes: usize) -> impl Stream<Item = String> {
        Each::new(tally, to, move |_| "x".repeat(bytes))
    }

    /// Each larger than the one before.
    #[handler]
    fn growing(&self, tally: &mut Tally, by: usize) -> impl Stream<Item = String> {
        Each::new(tally, 100, move |n| "x".repeat(n as usize * by))
    }

    /// Panics over its third item.
    #[handler]
    fn stumble(&self, tally: &mut Tally) -> impl Stream<Item = u64> {
        Each::new(tally, 10, |n| if n < 3 { n } else { panic!("on purpose") })
    }

    /// Cannot be read as what it is written as.
    #[handler]
    pub(crate) fn crooked(&self, tally: &mut Tally) -> impl Stream<Item = Option<Riddle>> {
        Each::new(tally, 10, |n| (n == 3).then_some(Riddle))
    }

    /// Never called.
    #[handler]
    fn solve(&self, tally: &mut Tally, _riddle: Riddle) -> impl Stream<Item = u64> {
        Each::new(tally, 1, |n| n)
    }

    #[handler]
    fn boom(&self, tally: &mut Tally, to: u64) -> impl Stream<Item = u64> {
        assert!(to > 10, "on purpose");
        Each::new(tally, to, |n| n)
    }

    #[handler]
    async fn refer(&self, ctx: &ActorContext<Self>, to: ActorRef<Self>, reply: ReplyTo<ReplyStream<u64>>) {
        if let Some(to) = ctx.system().resolve(&to) {
            // If that fails, the reply has said so.
            let _ = to.forward(FeedCount { to: 100 }, reply).await;
        }
    }

    #[handler]
    async fn rest(&self, ms: u64) {
        tokio::time::sleep(Duration::from_millis(ms)).await; // tidy: sleep a handler that takes its time
    }

    #[handler]
    fn echo(&self, n: u64) -> u64 {
        n
    }

    #[handler]
    fn quit(&self, ctx: &ActorContext<Self>) {
        ctx.stop();
    }

    #[handler]
    fn fail(&self) {
        panic!("on purpose");
    }
}

/// What `make` makes of 1, 2 and so on.
struct Each<F> {
    at: u64,
    to: u64,
    make: F,
    tally: Tally,
}

impl<F> Each<F> {
    fn new(tally: &Tally, to: u64, make: F) -> Self {
        Self { at: 0, to, make, tally: tally.clone() }
    }
}

impl<T, F: FnMut(u64) -> T + Unpin> Stream for Each<F> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<T>> {
        if self.to == SILENT {
            return Poll::Pending;
        }
        if self.at == self.to {
            return Poll::Ready(None);
        }
        self.at += 1;
        self.tally.yielded.fetch_add(1, Ordering::SeqCst);
        let at = self.at;
        Poll::Ready(Some((self.make)(at)))
    }
}

/// Yields nothing, and does not end.
const SILENT: u64 = u64::MAX;

impl Tally {
    fn yielded(&self) -> usize {
        self.yielded.load(Ordering::SeqCst)
    }

    async fn until_yielded(&self, n: usize) {
        until(&format!("{n} items"), SOON, || self.yielded() >= n).await;
        assert_eq!(self.yielded(), n);
    }

    /// Until of the streams only `streams` are left.
    async fn until_left(&self, streams: usize) {
        // One here, one in the actor.
        let what = format!("{streams} streams");
        until(&what, SOON, || Arc::strong_count(&self.alive) == streams + 2).await;
    }
}

async fn feed(bed: &mut Bed<impl World>) -> (Endpoint<Feed>, Tally, [System; 2]) {
    let (alpha, beta) = bed.pair().await;
    let tally = Tally::default();
    alpha.start("feed", Feed, tally.clone());
    let feed = found_of_type(&beta, "feed").await;
    (feed, tally, [alpha, beta])
}

/// All items, and the error they end with, if they do.
async fn rest<T>(mut stream: ReplyStream<T>) -> (Vec<T>, Option<SendError>) {
    let mut items = vec![];
    while let Some(item) = stream.next().await {
        match item {
            Ok(item) => items.push(item),
            Err(error) => {
                assert!(stream.next().await.is_none(), "an error is the last item");
                assert_eq!(error.delivery(), Delivery::Handled, "{error:?}");
                return (items, Some(error));
            }
        }
    }
    assert!(stream.next().await.is_none(), "an end is final");
    (items, None)
}

fn first(n: u64) -> Vec<u64> {
    (1..=n).collect()
}

pub(super) async fn items_come_in_order_and_then_the_end(bed: &mut Bed<impl World>) {
    let (feed, tally, _nodes) = feed(bed).await;
    assert!(!feed.is_local());
    for n in [0, 1, 32, 33, 20_000] {
        let (items, error) = rest(feed.count(n).await.unwrap()).await;
        assert!(error.is_none(), "{error:?}");
        assert_eq!(items, first(n));
    }
    tally.until_left(0).await;
}

pub(super) async fn a_hundred_streams_at_once_get_their_own_items(bed: &mut Bed<impl World>) {
    let (feed, tally, _nodes) = feed(bed).await;
    let mut readers = tokio::task::JoinSet::new();
    for n in 0..100 {
        let stream = feed.count(n * 3);
        readers.spawn(async move { (n, rest(stream.await.unwrap()).await) });
    }
    while let Some(read) = readers.join_next().await {
        let (n, (items, error)) = read.unwrap();
        assert!(error.is_none(), "{error:?}");
        assert_eq!(items, first(n * 3));
    }
    tally.until_left(0).await;
}

pub(super) async fn a_reader_that_stops_stops_its_stream_and_nobody_else(bed: &mut Bed<impl World>) {
    let (feed, tally, _nodes) = feed(bed).await;
    let mut stream = feed.count(1_000_000).await.unwrap();
    tally.until_yielded(32).await;
    for n in 0..200 {
        assert_eq!(feed.echo(n).timeout(SOON).await.unwrap(), n);
    }
    let (items, _) = rest(feed.count(1_000).await.unwrap()).await;
    assert_eq!(items.len(), 1_000, "another reader gets all of its own");
    assert_eq!(tally.yielded(), 1_032);
    for n in 1..=16 {
        assert_eq!(stream.next().await.unwrap().unwrap(), n);
    }
    tally.until_yielded(1_048).await;
}

pub(super) async fn large_items_are_fewer_ahead_and_come_through(bed: &mut Bed<impl World>) {
    let (feed, tally, _nodes) = feed(bed).await;
    let stream = feed.pages(40, 30 << 10).await.unwrap();
    tally.until_yielded(3).await;
    assert_eq!(feed.echo(1).await.unwrap(), 1);
    assert_eq!(tally.yielded(), 3);
    let (pages, error) = rest(stream).await;
    assert!(error.is_none() && pages.len() == 40 && pages.iter().all(|page| page.len() == 30 << 10));
    // Beyond all credit, and within the limit of frames.
    let (pages, error) = rest(feed.pages(5, 1 << 20).await.unwrap()).await;
    assert!(error.is_none() && pages.len() == 5 && pages.iter().all(|page| page.len() == 1 << 20));
}

pub(super) async fn an_item_over_the_limit_ends_its_stream_and_says_so(bed: &mut Bed<impl World>) {
    const LIMIT: usize = 64 << 10;
    let config = bed.config("alpha", &[]).message_bytes_max(LIMIT);
    let alpha = bed.start("alpha", config).await.unwrap();
    let config = bed.config("beta", &["alpha"]).message_bytes_max(LIMIT);
    let beta = bed.start("beta", config).await.unwrap();
    let tally = Tally::default();
    alpha.start("feed", Feed, tally.clone());
    let feed: Endpoint<Feed> = found_of_type(&beta, "feed").await;
    let (items, error) = rest(feed.growing(20_000).await.unwrap()).await;
    assert_eq!(items.len(), 3);
    let Some(SendError::ItemTooLarge { bytes, max: LIMIT }) = error else { panic!("{error:?}") };
    assert!((80_000..80_100).contains(&bytes), "{bytes}");
    tally.until_left(0).await;
    assert_eq!(feed.echo(1).await.unwrap(), 1);
}

pub(super) async fn dropping_a_stream_ends_it_over_there(bed: &mut Bed<impl World>) {
    let (feed, tally, _nodes) = feed(bed).await;
    let silent = feed.count(SILENT).await.unwrap();
    let full = feed.count(1_000).await.unwrap();
    let mut read = feed.count(1_000).await.unwrap();
    for n in 1..=100 {
        assert_eq!(read.next().await.unwrap().unwrap(), n);
    }
    tally.until_left(3).await;
    drop(silent);
    tally.until_left(2).await;
    drop(full);
    tally.until_left(1).await;
    drop(read);
    tally.until_left(0).await;
    assert_eq!(feed.echo(1).await.unwrap(), 1);
}

pub(super) async fn a_stream_nobody_waits_for_does_not_run(bed: &mut Bed<impl World>) {
    let (feed, tally, _nodes) = feed(bed).await;
    feed.count(10).tell().await.unwrap();
    // One that is given up before its turn, and one whose time is over by then.
    feed.rest(200).tell().await.unwrap();
    assert!(tokio::time::timeout(Duration::from_millis(50), feed.count(10)).await.is_err());
    let error = feed.count(10).timeout(Duration::from_millis(50)).await.unwrap_err();
    assert!(matches!(error, SendError::TimedOut { .. }), "{error:?}");
    assert_eq!(feed.echo(1).await.unwrap(), 1);
    tally.until_left(0).await;
    assert_eq!(tally.yielded(), 0);
}

pub(super) async fn a_time_limit_is_about_getting_the_stream(bed: &mut Bed<impl World>) {
    let alpha = bed.node("alpha", &[]).await;
    let limit = Duration::from_millis(300);
    let config = bed.config("beta", &["alpha"]).ask_timeout(limit);
    let beta = bed.start("beta", config).await.unwrap();
    alpha.start("feed", Feed, Tally::default());
    let feed: Endpoint<Feed> = found_of_type(&beta, "feed").await;
    let own = feed.count(SILENT).timeout(limit / 2).await.unwrap();
    let mut general = feed.count(SILENT).await.unwrap();
    let waited = tokio::time::timeout(3 * limit, general.next()).await;
    assert!(waited.is_err(), "it goes on for as long as it takes: {waited:?}");
    feed.quit().await.unwrap();
    for stream in [own, general] {
        assert_interrupted(rest(stream).await.1);
    }
}

pub(super) async fn a_panic_in_a_stream_is_told_to_its_reader_elsewhere(bed: &mut Bed<impl World>) {
    let (feed, _, _nodes) = feed(bed).await;
    let (items, error) = rest(feed.stumble().await.unwrap()).await;
    assert_eq!(items, [1, 2]);
    assert!(matches!(error, Some(SendError::Panicked)), "{error:?}");
    assert_eq!(feed.echo(1).await.unwrap(), 1, "the actor goes on");
    let error = feed.boom(1).await.unwrap_err();
    assert!(matches!(error, SendError::Panicked), "{error:?}");
}

pub(super) async fn the_end_of_an_actor_breaks_its_streams_off(bed: &mut Bed<impl World>) {
    let (feed, tally, _nodes) = feed(bed).await;
    let mut stream = feed.count(1_000).await.unwrap();
    let silent = feed.count(SILENT).await.unwrap();
    let whole = feed.count(20).await.unwrap();
    assert_eq!(stream.next().await.unwrap().unwrap(), 1);
    tally.until_yielded(32 + 20).await;
    tally.until_left(2).await;
    feed.quit().await.unwrap();
    let (items, error) = rest(stream).await;
    assert_eq!(items, (2..=32).collect::<Vec<_>>(), "what was made is not lost");
    assert_interrupted(error);
    assert_interrupted(rest(silent).await.1);
    let (items, error) = rest(whole).await;
    assert_eq!((items, error.is_none()), (first(20), true), "it had ended before");
    let error = feed.count(1).await.unwrap_err();
    assert!(matches!(error, SendError::Stopped), "{error:?}");
}

pub(super) async fn a_stream_does_not_outlive_the_life_it_began_in(bed: &mut Bed<impl World>) {
    let (alpha, beta) = bed.pair().await;
    alpha.supervise("feed", Supervision::permanent(), || (Feed, Tally::default()));
    let feed: Endpoint<Feed> = found_of_type(&beta, "feed").await;
    let stream = feed.count(SILENT).await.unwrap();
    feed.fail().await.unwrap_err();
    assert_interrupted(rest(stream).await.1);
    assert_eq!(rest(feed.count(3).await.unwrap()).await.0, [1, 2, 3]);
}

pub(super) async fn the_death_of_a_node_is_told_to_its_readers(bed: &mut Bed<impl World>) {
    let alpha = bed.mortal_node("alpha", &[]).await;
    let beta = bed.node("beta", &["alpha"]).await;
    alpha.start("feed", Feed, Tally::default());
    let feed: Endpoint<Feed> = found_of_type(&beta, "feed").await;
    let mut stream = feed.count(1_000).await.unwrap();
    let silent = feed.count(SILENT).await.unwrap();
    for n in 1..=40 {
        assert_eq!(stream.next().await.unwrap().unwrap(), n);
    }
    bed.kill("alpha", alpha).await;
    let (items, error) = tokio::time::timeout(LOST_WITHIN, rest(stream)).await.unwrap();
    assert_eq!(items, (41..41 + items.len() as u64).collect::<Vec<_>>());
    for error in [error, tokio::time::timeout(LOST_WITHIN, rest(silent)).await.unwrap().1] {
        assert!(matches!(error, Some(SendError::Lost { reason: LinkEnd::Broken, .. })), "{error:?}");
    }
}

pub(super) async fn a_node_whose_reader_dies_yields_no_more(bed: &mut Bed<impl World>) {
    let alpha = bed.node("alpha", &[]).await;
    let beta = bed.mortal_node("beta", &["alpha"]).await;
    let tally = Tally::default();
    alpha.start("feed", Feed, tally.clone());
    let feed: Endpoint<Feed> = found_of_type(&beta, "feed").await;
    let kept = [feed.count(1_000).await.unwrap(), feed.count(SILENT).await.unwrap()];
    tally.until_left(2).await;
    bed.kill("beta", beta).await;
    until("they end", LOST_WITHIN, || Arc::strong_count(&tally.alive) == 2).await;
    drop(kept);
}

pub(super) async fn a_shutdown_waits_for_no_stream(bed: &mut Bed<impl World>) {
    let (feed, _, [alpha, _beta]) = feed(bed).await;
    let (unread, silent) = (feed.count(1_000).await.unwrap(), feed.count(SILENT).await.unwrap());
    let begun = Instant::now();
    alpha.shutdown().await;
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    for stream in [unread, silent] {
        assert_interrupted(rest(stream).await.1);
    }
}

pub(super) async fn a_stream_outlives_the_connection_that_loses_against_another(bed: &mut Bed<impl World>) {
    // Alpha dials in vain, and will try again within two seconds. By then beta has dialed alpha; but of
    // two connections, alpha's stays.
    let config = bed.config("alpha", &["beta"]).join_wait(Duration::from_millis(50));
    let alpha = bed.start("alpha", config).await.unwrap();
    let beta = bed.node("beta", &["alpha"]).await;
    let tally = Tally::default();
    alpha.start("feed", Feed, tally.clone());
    let feed: Endpoint<Feed> = found_of_type(&beta, "feed").await;
    let mut stream = feed.count(1_000_000).await.unwrap();
    let dropped = feed.count(SILENT).await.unwrap();
    let (began_at, mut read) = (Instant::now(), 0);
    while began_at.elapsed() < Duration::from_millis(2_500) {
        assert_eq!(stream.next().await.unwrap().unwrap(), read + 1);
        assert_eq!(feed.echo(read).await.unwrap(), read);
        read += 1;
        tokio::time::sleep(Duration::from_millis(1)).await; // tidy: sleep the other connection comes meanwhile
    }
    drop(dropped);
    tally.until_left(1).await;
}

pub(super) async fn a_streamed_answer_can_be_left_to_another_actor(bed: &mut Bed<impl World>) {
    let (feed, tally, [alpha, beta]) = feed(bed).await;
    let beside = alpha.start("beside", Feed, tally.clone());
    let here = beta.start("here", Feed, tally.clone());
    found_of_type::<Feed>(&alpha, "here").await;
    for other in [&beside, &here] {
        let stream = feed.refer(other.actor_ref()).await.unwrap();
        let (items, error) = rest(stream).await;
        assert_eq!((items, error.is_none()), (first(100), true), "{error:?}");
    }
    let mut stream = feed.refer(here.actor_ref()).await.unwrap();
    assert_eq!(stream.next().await.unwrap().unwrap(), 1);
    here.control().stop();
    assert_interrupted(rest(stream).await.1);
}

pub(super) async fn a_stream_of_another_build_is_told_apart(bed: &mut Bed<impl World>) {
    let (feed, tally, _nodes) = feed(bed).await;
    // As of a build with another type inside the message, or inside the item.
    let error = feed.solve(Riddle).await.unwrap_err();
    assert!(matches!(error, SendError::SchemaMismatch { message: "solve", .. }), "{error:?}");
    let (items, error) = rest(feed.crooked().await.unwrap()).await;
    assert!(items.len() == 2 && items.iter().all(Option::is_none));
    assert!(matches!(error, Some(SendError::Reply(Some(_)))), "{error:?}");
    tally.until_left(0).await;
}

#[track_caller]
fn assert_interrupted(error: Option<SendError>) {
    assert!(matches!(error, Some(SendError::Interrupted)), "{error:?}");
}

/// A second, were the machine not busy with other tests.
const SOON: Duration = Duration::from_secs(5);
/// More than a connection may be silent.
const LOST_WITHIN: Duration = Duration::from_secs(20);
