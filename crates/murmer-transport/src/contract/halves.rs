//! How the halves of a stream end, each by itself.

use super::Bed;
use super::pair::{HELLO, fill, friends, read_to_end, stream, waits};
use crate::{Limits, RecvHalf, SendHalf, StreamEnd};

pub(super) async fn a_dropped_sender_looks_like_a_reset<B: Bed>() {
    let pair = friends(&B::new(Limits::default())).await;
    let ((sender, _other), (_sender, mut receiver)) = stream(&pair.dialed, &pair.accepted).await;
    drop(sender);
    assert_eq!(receiver.recv().await, Err(StreamEnd::Reset(0)));
}

pub(super) async fn a_reset_shows_its_code_whenever_asked<B: Bed>() {
    let pair = friends(&B::new(Limits::default())).await;
    let ((mut sender, _other), (_sender, mut receiver)) = stream(&pair.dialed, &pair.accepted).await;
    sender.reset(42);
    for _ in 0..3 {
        assert_eq!(receiver.recv().await, Err(StreamEnd::Reset(42)));
    }
}

pub(super) async fn a_finished_stream_outlives_its_dropped_sender<B: Bed>() {
    let pair = friends(&B::new(Limits::default())).await;
    let ((mut sender, other), (_sender, mut receiver)) = stream(&pair.dialed, &pair.accepted).await;
    sender.send_all(HELLO).await.unwrap();
    sender.finish();
    sender.reset(9);
    drop((sender, other));
    assert_eq!(read_to_end(&mut receiver).await, (HELLO.to_vec(), Ok(())));
}

pub(super) async fn a_reset_stream_can_not_be_finished<B: Bed>() {
    let pair = friends(&B::new(Limits::default())).await;
    let ((mut sender, _other), (_sender, mut receiver)) = stream(&pair.dialed, &pair.accepted).await;
    sender.reset(3);
    sender.finish();
    sender.reset(4);
    assert_eq!(sender.send_all(HELLO).await, Err(StreamEnd::ClosedHere));
    assert_eq!(sender.stopped().await, StreamEnd::ClosedHere);
    assert_eq!(receiver.recv().await, Err(StreamEnd::Reset(3)));
}

pub(super) async fn a_dropped_receiver_stops_the_sender<B: Bed>() {
    let pair = friends(&B::new(Limits::default())).await;
    let ((mut sender, _other), (_sender, receiver)) = stream(&pair.dialed, &pair.accepted).await;
    assert!(waits(sender.stopped()).await);
    drop(receiver);
    assert_eq!(sender.stopped().await, StreamEnd::Stopped(0));
    assert_eq!(sender.send_all(HELLO).await, Err(StreamEnd::Stopped(0)));
}

pub(super) async fn a_stop_shows_its_code<B: Bed>() {
    let pair = friends(&B::new(Limits::default())).await;
    let ((mut sender, _other), (_sender, mut receiver)) = stream(&pair.dialed, &pair.accepted).await;
    fill(&mut sender).await;
    let blocked = sender.send_all(HELLO);
    let stop = async { receiver.stop(7) };
    assert_eq!(tokio::join!(blocked, stop).0, Err(StreamEnd::Stopped(7)));
    assert_eq!(receiver.recv().await, Err(StreamEnd::ClosedHere));
}

pub(super) async fn a_stop_after_the_end_changes_nothing<B: Bed>() {
    let pair = friends(&B::new(Limits::default())).await;
    let ((mut sender, _other), (_sender, mut receiver)) = stream(&pair.dialed, &pair.accepted).await;
    sender.finish();
    sender.finish();
    assert_eq!(receiver.recv().await, Ok(None));
    receiver.stop(7);
    assert_eq!(receiver.recv().await, Ok(None));
    assert_eq!(sender.stopped().await, StreamEnd::ClosedHere);
}

pub(super) async fn a_half_that_was_ended_here_says_so<B: Bed>() {
    let pair = friends(&B::new(Limits::default())).await;
    let ((mut sender, _other), (_sender, mut receiver)) = stream(&pair.dialed, &pair.accepted).await;
    sender.finish();
    assert_eq!(sender.send_all(HELLO).await, Err(StreamEnd::ClosedHere));
    assert_eq!(receiver.recv().await, Ok(None));
    assert_eq!(sender.stopped().await, StreamEnd::ClosedHere);
}
