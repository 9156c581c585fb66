//! In what portions many answers are read, and what is expected to follow them.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Mutex;

use tokio::task::JoinSet;

use super::*;

/// Asks one actor so often, and has its node answer all of that at once. How many answers whoever had one found for the
/// others, at the most; and what is expected to happen then.
async fn most_at_once(asks: usize) -> (usize, usize) {
    let (here, there, _transports) = connected().await;
    let far = far(&here, shared("us"), 1);
    let mut answers = Vec::new();
    for _ in 0..asks {
        let (reply, answer) = oneshot::channel();
        send(&far, Some(reply)).await.unwrap();
        answers.push(Some(answer));
    }
    let (mut peer, _asks) = there.accept_stream().await.unwrap();
    all_at_rest().await;
    let (answers, most) = (Arc::new(Mutex::new(answers)), Arc::new(AtomicUsize::new(0)));
    let mut askers = JoinSet::new();
    for place in 0..asks {
        let (answers, most) = (answers.clone(), most.clone());
        askers.spawn(async move {
            let all = poll_fn(|cx| {
                let mut answers = answers.lock().unwrap();
                let answered = answers.iter().flatten().filter(|answer| !answer.is_empty()).count();
                let Some(answer) = &mut answers[place] else { return Poll::Ready(answered) };
                Pin::new(answer).poll(cx).map(|_| {
                    answers[place] = None;
                    answered
                })
            });
            most.fetch_max(all.await, Ordering::SeqCst);
        });
    }
    all_at_rest().await;
    let frames: Vec<_> =
        (1..=asks as u64).map(|id| ActorFrame::Reply { id, payload: Bytes::from_static(b"bread") }).collect();
    peer.send_all(framed(&frames)).await.unwrap();
    while askers.join_next().await.is_some() {}
    (most.load(Ordering::SeqCst), far.shared().executor.in_flight().sum())
}

#[tokio::test(start_paused = true)]
async fn askers_have_a_turn_when_a_part_of_the_answers_was_read() {
    for (asks, part) in [(12, 12), (40, 8), (200, 25), (1_000, 64)] {
        let (most, _) = most_at_once(asks).await;
        assert_eq!(most, part, "of {asks}");
    }
}

/// Nobody waits any more, but the last eight answers have only just come.
#[tokio::test(start_paused = true)]
async fn whoever_has_just_been_answered_is_expected_to_ask_again() {
    let (_, expected) = most_at_once(64).await;
    assert_eq!(expected, 8);
}
