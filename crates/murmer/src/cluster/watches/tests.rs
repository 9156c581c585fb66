//! What watches leave behind, and reasons that travel.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use murmer_wire::{Incarnation, NodeId, NodeName};

use super::*;

fn actor() -> ActorId {
    let node = NodeId { name: NodeName::new("far").unwrap(), incarnation: Incarnation::mint(1, 1) };
    ActorId { node, number: ActorNumber(7) }
}

fn poll<T>(future: std::pin::Pin<&mut impl Future<Output = T>>) -> Poll<T> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn every_reason_comes_back_as_it_was() {
    let panicked = || StopReason::Panicked("too hot".into());
    let reasons = [
        StopReason::Stopped,
        StopReason::Killed,
        panicked(),
        StopReason::StartFailed("no oil".into()),
        StopReason::RestartLimit(Box::new(panicked())),
        StopReason::ChildFailed(Box::new(StopReason::RestartLimit(Box::new(panicked())))),
        StopReason::NeverExisted,
    ];
    for reason in reasons {
        assert_eq!(reason::told(WatchEnd::Ended(reason::to_tell(reason.clone()))), reason);
    }
}

#[test]
fn whoever_stops_waiting_leaves_nothing_behind() {
    let (watches, actor) = (Watches::default(), actor());
    {
        let mut waiting = Box::pin(watches.ended(&actor));
        assert!(poll(waiting.as_mut()).is_pending());
    }
    assert!(watches.take().is_empty(), "the driver had not heard of it");
    let mut waiting = Box::pin(watches.ended(&actor));
    assert!(poll(waiting.as_mut()).is_pending());
    assert!(matches!(watches.take()[..], [Input::Watch { watcher: None, .. }]));
    drop(waiting);
    assert!(matches!(watches.take()[..], [Input::Unwatch(_)]));
    assert!(watches.lock().open.is_empty());
}

#[test]
fn nobody_waits_for_news_once_the_node_is_over() {
    let watches = Watches::default();
    let actor = actor();
    let mut early = pin!(watches.ended(&actor));
    assert!(poll(early.as_mut()).is_pending());
    watches.end();
    assert_eq!(poll(early), Poll::Ready(StopReason::NodeDown));
    assert_eq!(poll(pin!(watches.ended(&actor))), Poll::Ready(StopReason::NodeDown));
    watches.flushed(1);
    assert!(watches.take().is_empty());
}
