//! What a message costs on the heap: nothing for a tell, one piece for an ask.

use std::time::Duration;

use allocation_counter::{AllocationInfo, measure};
use murmer::metrics::Metrics;
use murmer::prelude::*;
use tokio::runtime::{Builder, Runtime};

struct Counter;

impl Actor for Counter {
    type State = u64;
}

#[handlers]
impl Counter {
    #[handler]
    fn add(&mut self, sum: &mut u64, n: u64) {
        *sum += n;
    }

    #[handler]
    fn sum(&mut self, sum: &mut u64) -> u64 {
        *sum
    }
}

const MESSAGES: u64 = 10_000;
/// Less than a mailbox keeps room for while it is idle, and than it holds: waiting for a place takes a timer.
const BURST: u64 = 50;
/// What the runtime may need in between, however many messages there are.
const SLACK: u64 = 16;

/// On one thread, so that what the actor allocates is counted, too.
fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().build().expect("a runtime of one thread needs nothing")
}

fn counted(runtime: &Runtime, work: impl AsyncFn()) -> AllocationInfo {
    // Once for what is made at the first use: the two queues, the runtime's own.
    runtime.block_on(work());
    measure(|| runtime.block_on(work()))
}

async fn tell_in_bursts(counter: &Endpoint<Counter>) {
    for burst in 0..MESSAGES / BURST {
        for n in 0..BURST {
            counter.add(burst + n).tell().await.expect("the actor lives");
        }
        // The actor's turn.
        tokio::task::yield_now().await;
    }
}

#[test]
fn a_local_tell_allocates_nothing() {
    let runtime = runtime();
    let counter = runtime.block_on(async { System::local().start("counter", Counter, 0) });
    let counted = counted(&runtime, async || tell_in_bursts(&counter).await);
    assert!(counted.count_total <= SLACK, "{counted:?}");
}

#[test]
fn a_local_ask_allocates_once_at_the_most() {
    let runtime = runtime();
    let counter = runtime.block_on(async { System::local().start("counter", Counter, 1) });
    let counted = counted(&runtime, async || {
        for _ in 0..MESSAGES {
            assert!(counter.sum().await.unwrap() > 0);
        }
    });
    assert!(counted.count_total <= MESSAGES + SLACK, "{counted:?}");
}

#[test]
fn a_message_of_a_system_whose_metrics_are_published_allocates_no_more() {
    let runtime = runtime();
    let counter = runtime.block_on(async {
        let system = System::local();
        // Held until the end of the process; the next time after the first is far off.
        std::mem::forget(Metrics::start(&system, Duration::from_secs(3_600)));
        system.start("counter", Counter, 1)
    });
    let counted = counted(&runtime, async || tell_in_bursts(&counter).await);
    assert!(counted.count_total <= SLACK, "{counted:?}");
}

#[test]
fn what_publishing_allocates_does_not_depend_on_how_many_messages_there_were() {
    let runtime = runtime();
    let publish = |messages: u64| {
        let system = runtime.block_on(async { System::local() });
        let counter = runtime.block_on(async { system.start("counter", Counter, 1) });
        measure(|| {
            runtime.block_on(async {
                let metrics = Metrics::start(&system, Duration::from_secs(3_600));
                for n in 0..messages {
                    counter.add(n).tell().await.unwrap();
                    tokio::task::yield_now().await;
                }
                drop(metrics);
            });
        })
    };
    publish(1);
    let (few, many) = (publish(MESSAGES), publish(4 * MESSAGES));
    assert!(many.count_total <= few.count_total + SLACK, "{few:?} {many:?}");
}

#[test]
fn a_lookup_allocates_nothing() {
    let runtime = runtime();
    let system = runtime.block_on(async { System::local() });
    runtime.block_on(async { system.start("counter", Counter, 1) });
    let counted = counted(&runtime, async || {
        for _ in 0..MESSAGES {
            assert!(system.lookup::<Counter>("counter").is_some());
        }
    });
    assert!(counted.count_total <= SLACK, "{counted:?}");
}
