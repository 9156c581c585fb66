//! What actors that are stuck, or busy with large messages, leave to those beside them.

mod calm;

use std::task::{Context, Waker};
use std::time::Duration;

use murmer::prelude::*;
use murmer::transport::Limits;
use murmer::{ActorOptions, Delivery};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use self::calm::Calm;
use super::bed::{Bed, World, found, found_of_type};
use crate::actors::{Probe, ProbeExt};
use crate::wait::until;

/// Never done with the first thing it hears. Strings, unlike vectors, encode quickly in a build for tests.
struct Deaf;

impl Actor for Deaf {
    type State = ();
}

#[handlers]
impl Deaf {
    #[handler]
    async fn hear(&self, _words: String) {
        std::future::pending().await
    }
}

/// Numbers what it weighs.
struct Scale;

impl Actor for Scale {
    type State = usize;
}

#[handlers]
impl Scale {
    #[handler]
    fn weigh(&self, weighed: &mut usize, text: String) -> (usize, usize) {
        *weighed += 1;
        (*weighed, text.len())
    }
}

pub(super) async fn a_thousand_stuck_actors_leave_the_rest_of_their_node_alone<W: World>(bed: &mut Bed<W>) {
    const STUCK: usize = 1_000;
    // More than any other call may take: what they hold up is not to come right by itself.
    let patience = Duration::from_secs(10);
    let config = bed.config("alpha", &[]).mailbox_wait(patience);
    let alpha = bed.start("alpha", config).await.unwrap();
    let beta = bed.node("beta", &["alpha"]).await;
    bed.move_apart();
    let calm = Calm::watch([&alpha, &beta]);
    alpha.start("quick", Probe, vec![]);
    let quick = found(&beta, "quick").await;
    let label = |n| format!("stuck/{n}");
    for n in 0..STUCK {
        alpha.try_start(&label(n), Deaf, (), ActorOptions::default().mailbox(1)).unwrap();
    }
    let mut asks = Vec::new();
    for n in 0..STUCK {
        let stuck = found_of_type::<Deaf>(&beta, &label(n)).await;
        // In hand, in the mailbox, and at its door.
        for _ in 0..3 {
            stuck.hear("x".to_owned()).tell().await.unwrap();
        }
        // One that is there and not read, the rest of the stream's window, and a buffer at this end: the last
        // one finds no room. Together they exceed the window of the connection many times.
        for bytes in [1, 600 << 10, 257 << 10, 1] {
            asks.push(under_way(stuck.hear("x".repeat(bytes)).timeout(6 * patience)));
        }
    }
    // While all of that arrives, and then goes on being there.
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(3) {
        tokio::time::sleep(Duration::from_millis(50)).await; // tidy: sleep news must come through at any time
        let n = begun.elapsed().as_millis() as u64;
        assert_eq!(quick.echo(n).timeout(W::PROMPTLY).await.unwrap(), n);
        for (here, there) in [(&alpha, &beta), (&beta, &alpha)] {
            let label = format!("{} after {n} ms", here.node().name);
            here.start(&label, Probe, vec![]);
            until(&label, W::PROMPTLY, || there.lookup::<Probe>(&label).is_some()).await;
            let newcomer = there.lookup::<Probe>(&label).unwrap();
            assert_eq!(newcomer.echo(n).timeout(W::PROMPTLY).await.unwrap(), n);
        }
    }
    // As many streams as may go unread are left in peace until their mailboxes have been full for too long.
    let Limits { connection_window, stream_window, .. } = Limits::default();
    let waiting = asks.iter().filter(|ask| !ask.is_finished()).count();
    assert!(waiting >= (connection_window / stream_window / 2) as usize, "{waiting}");
    for ask in asks {
        let refusal = timeout(6 * patience, ask).await.expect("nobody waits for ever").unwrap().unwrap_err();
        assert!(matches!(refusal, SendError::Overloaded { .. }), "{refusal:?}");
        assert_eq!(refusal.delivery(), Delivery::Never);
    }
    assert_eq!(quick.echo(1).timeout(W::PROMPTLY).await.unwrap(), 1);
    calm.assert();
}

pub(super) async fn messages_of_megabytes_leave_the_rest_of_their_node_alone<W: World>(bed: &mut Bed<W>) {
    const LARGE: usize = 25;
    // Nearly the most that a message may have.
    const BYTES: usize = (4 << 20) - 64;
    let alpha = bed.node("alpha", &[]).await;
    // How soon a machine that does much else carries 100 MB is not the question.
    let config = bed.config("beta", &["alpha"]).mailbox_wait(Duration::from_secs(30));
    let beta = bed.start("beta", config).await.unwrap();
    bed.move_apart();
    alpha.start("scale", Scale, 0);
    alpha.start("quick", Probe, vec![]);
    let (scale, quick) = (found_of_type::<Scale>(&beta, "scale").await, found(&beta, "quick").await);
    let calm = Calm::watch([&alpha, &beta]);
    let large: Vec<_> = (0..LARGE).map(|_| under_way(scale.weigh("x".repeat(BYTES)))).collect();
    let mut answers = 0;
    while large.iter().any(|ask| !ask.is_finished()) {
        assert_eq!(quick.echo(answers).timeout(W::PROMPTLY).await.unwrap(), answers);
        answers += 1;
        if answers % 8 == 0 {
            let label = format!("after {answers} answers");
            alpha.start(&label, Probe, vec![]);
            until(&label, W::PROMPTLY, || beta.lookup::<Probe>(&label).is_some()).await;
        }
    }
    assert!(answers >= 2 * LARGE as u64, "only {answers} meanwhile");
    for (n, ask) in (1..).zip(large) {
        assert_eq!(ask.await.unwrap().unwrap(), (n, BYTES));
    }
    calm.assert();
}

/// Asks, before anything that is asked later.
fn under_way<F: Future<Output: Send> + Send + 'static>(
    ask: impl IntoFuture<Output = F::Output, IntoFuture = F>,
) -> JoinHandle<F::Output> {
    let mut ask = Box::pin(ask.into_future());
    assert!(ask.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    tokio::spawn(ask)
}
