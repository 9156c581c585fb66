//! Sending to one of several actors, or to all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use murmer::prelude::*;
use murmer::{ActorOptions, Delivery, FirstResponseError, ReceptionKey, RouteError, Router};
use tokio::task::yield_now;
use tokio::time::Instant;

use crate::actors::{Gate, GateExt, GatePass, Latch};

/// Writes down what it was given.
struct Worker(u32);

type Book = Arc<Mutex<Vec<(u32, u64)>>>;

/// Can't be copied.
pub(super) struct Parcel(u64);

impl Actor for Worker {
    type State = Book;
}

#[handlers(local)]
impl Worker {
    #[handler]
    fn work(&self, book: &mut Book, n: u64) -> u32 {
        book.lock().unwrap().push((self.0, n));
        self.0
    }

    #[handler]
    async fn boom(&self) -> u32 {
        panic!("on purpose");
    }

    #[handler]
    pub(super) fn unpack(&self, parcel: Parcel) -> u64 {
        parcel.0
    }
}

impl Clone for WorkerWork {
    fn clone(&self) -> Self {
        Self { n: self.n }
    }
}

fn workers(system: &System, n: u32) -> (Vec<Endpoint<Worker>>, Book) {
    let book = Book::default();
    let start = |number| system.start(&format!("worker/{number}"), Worker(number), book.clone());
    ((0..n).map(start).collect(), book)
}

fn work(n: u64) -> WorkerWork {
    WorkerWork { n }
}

/// Waits until all that was accepted is handled.
async fn drain(list: &[Endpoint<Worker>]) {
    for worker in list {
        worker.control().drain();
        worker.closed().await;
    }
}

/// How many messages each got, by number.
fn shares(book: &Book) -> BTreeMap<u32, usize> {
    let mut shares = BTreeMap::new();
    for (number, _) in book.lock().unwrap().iter() {
        *shares.entry(*number).or_default() += 1;
    }
    shares
}

#[tokio::test]
async fn round_robin_gives_each_its_turn() {
    let (list, _) = workers(&System::local(), 3);
    let router = Router::round_robin(list);
    let mut turns = Vec::new();
    for n in 0..6 {
        turns.push(router.clone().send(work(n)).await.unwrap());
    }
    assert_eq!(turns, [0, 1, 2, 0, 1, 2]);
}

#[tokio::test]
async fn an_actor_that_has_stopped_is_passed_over_and_nobody_notices() {
    let system = System::local();
    let (mut list, book) = workers(&system, 4);
    // A start that failed.
    list.push(system.start("", Worker(9), book.clone()));
    for gone in [0, 3] {
        list[gone].control().stop_and_wait().await;
    }
    let router = Router::round_robin(list.clone());
    for n in 0..10 {
        router.send(work(n)).await.unwrap();
        router.tell(work(n)).await.unwrap();
        assert_eq!(router.send(WorkerUnpack { parcel: Parcel(n) }).await.unwrap(), n, "without a copy");
    }
    drain(&list).await;
    assert_eq!(shares(&book).into_keys().collect::<Vec<_>>(), [1, 2]);
    assert_eq!(book.lock().unwrap().len(), 20);
}

#[tokio::test]
async fn with_nobody_to_send_to_a_router_says_so() {
    let system = System::local();
    let (list, _) = workers(&system, 2);
    let nobody = Router::round_robin(Vec::<Endpoint<Worker>>::new());
    let error = nobody.send(work(1)).await.unwrap_err();
    assert!(matches!(error, RouteError::NoMembers), "{error:?}");
    assert_eq!(error.delivery(), Delivery::Never);
    assert!(matches!(nobody.tell(work(1)).await, Err(RouteError::NoMembers)));
    let router = Router::random(list.clone());
    for worker in &list {
        worker.control().stop();
    }
    let (ask, tell) = (router.send(work(1)).await.unwrap_err(), router.tell(work(1)).await.unwrap_err());
    for error in [ask, tell] {
        assert!(matches!(error, RouteError::Failed(SendError::Stopped)), "{error:?}");
        assert_eq!(error.delivery(), Delivery::Never);
    }
}

#[tokio::test]
async fn what_a_handler_has_begun_is_not_tried_again() {
    let (list, book) = workers(&System::local(), 3);
    let router = Router::round_robin(list);
    let error = router.send(WorkerBoom {}).await.unwrap_err();
    assert!(matches!(error, RouteError::Failed(SendError::Panicked)), "{error:?}");
    for n in 0..4 {
        router.send(work(n)).await.unwrap();
    }
    assert_eq!(shares(&book), BTreeMap::from([(1, 2), (2, 2)]));
}

#[tokio::test]
async fn what_waited_at_an_actor_that_stops_goes_to_the_next_one_if_a_copy_was_kept() {
    let system = System::local();
    let (first, second) = (Latch::closed(), Latch::closed());
    let gates = [system.start("gate/1", Gate, first.clone()), system.start_anonymous(Gate, second.clone())];
    gates[0].pass(0).tell().await.unwrap();
    yield_now().await;
    let lost = tokio::spawn(Router::round_robin(gates.clone()).send(GatePass { n: 1 }));
    let kept = tokio::spawn(Router::round_robin(gates.clone()).send(GatePass { n: 2 }).keep_copy());
    yield_now().await;
    system.stop("gate/1");
    second.permits.add_permits(2);
    let error = lost.await.unwrap().unwrap_err();
    assert!(matches!(error, RouteError::Failed(SendError::Stopped)), "{error:?}");
    assert_eq!(kept.await.unwrap().unwrap(), 2);
    assert_eq!((first.entered(), second.entered()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_routed_ask_ends_at_its_timeout() {
    let gate = System::local().start("gate", Gate, Latch::closed());
    let before = Instant::now();
    let ask = Router::round_robin([gate]).send(GatePass { n: 1 }).timeout(Duration::from_secs(3));
    let error = ask.await.unwrap_err();
    assert!(matches!(error, RouteError::Failed(SendError::TimedOut { .. })), "{error:?}");
    assert_eq!(before.elapsed(), Duration::from_secs(3));
}

#[tokio::test]
async fn chance_is_the_same_for_the_same_seed_and_reaches_everybody() {
    let (list, _) = workers(&System::local(), 5);
    let mut draws = Vec::new();
    for seed in [7, 7, 8] {
        let router = Router::random_seeded(list.clone(), seed);
        let mut drawn = Vec::new();
        for n in 0..100 {
            drawn.push(router.send(work(n)).await.unwrap());
        }
        assert_eq!(drawn.iter().collect::<BTreeSet<_>>().len(), 5);
        draws.push(drawn);
    }
    assert_eq!(draws[0], draws[1]);
    assert_ne!(draws[0], draws[2]);
}

#[tokio::test]
async fn a_router_over_a_group_follows_it() {
    let system = System::local();
    let (list, book) = workers(&system, 3);
    let key = ReceptionKey::new("workers").unwrap();
    let router = Router::round_robin(system.listing(&key));
    assert!(matches!(router.send(work(0)).await, Err(RouteError::NoMembers)));
    system.join_group(&key, &list[0]).unwrap();
    system.join_group(&key, &list[1]).unwrap();
    let send_four = async || {
        book.lock().unwrap().clear();
        for n in 0..4 {
            router.send(work(n)).await.unwrap();
        }
        shares(&book)
    };
    assert_eq!(send_four().await, BTreeMap::from([(0, 2), (1, 2)]));
    system.join_group(&key, &list[2]).unwrap();
    system.leave_group(&key, &list[0]);
    list[1].control().stop();
    assert_eq!(send_four().await, BTreeMap::from([(2, 4)]));
    assert_eq!(router.routees(), [list[2].clone()]);
}

#[tokio::test]
async fn a_key_stays_with_its_actor_and_moves_only_when_that_goes() {
    const KEYS: usize = 2_000;
    let system = System::local();
    let (list, book) = workers(&system, 10);
    let key = ReceptionKey::new("workers").unwrap();
    for worker in &list {
        system.join_group(&key, worker).unwrap();
    }
    let router = Router::consistent_hash(system.listing(&key));
    let places = || -> Vec<_> {
        let label = |n| router.routee(&format!("user {n}")).unwrap().label().cloned();
        (0..KEYS).map(label).collect()
    };
    let before = places();
    let number = router.send("user 5", work(1)).await.unwrap();
    assert_eq!(list[number as usize].label().cloned(), before[5]);
    router.tell("user 5", work(2)).await.unwrap();
    assert_eq!(router.send("user 5", work(3)).await.unwrap(), number);
    assert_eq!(shares(&book), BTreeMap::from([(number, 3)]));

    list[number as usize].control().stop_and_wait().await;
    let after = places();
    let moved = before.iter().zip(&after).filter(|(before, after)| before != after);
    assert!(moved.clone().all(|(before, _)| *before == list[number as usize].label().cloned()));
    assert!(moved.count().abs_diff(KEYS / 10) < KEYS / 30);

    let label = format!("worker/{number}");
    system.join_group(&key, &system.start(&label, Worker(number), book.clone())).unwrap();
    assert_eq!(places(), before, "a successor takes over");
}

#[tokio::test]
async fn a_key_whose_actor_has_stopped_goes_where_its_keys_move() {
    let (list, _) = workers(&System::local(), 5);
    let router = Router::consistent_hash(list.clone());
    let first = router.send(&1, work(1)).await.unwrap();
    list[first as usize].control().stop();
    let second = router.send(&1, work(1)).await.unwrap();
    let left =
        list.into_iter().filter(|worker| worker.label().unwrap().as_str() != format!("worker/{first}"));
    assert_eq!(Router::consistent_hash(left.collect::<Vec<_>>()).send(&1, work(1)).await.unwrap(), second);
}

#[tokio::test]
async fn a_broadcast_tells_what_became_of_each() {
    let system = System::local();
    let (list, book) = workers(&system, 3);
    list[1].control().stop();
    let router = Router::broadcast(list.clone());
    let results = router.send(work(1)).await;
    let ids: Vec<_> = results.iter().map(|(worker, _)| worker.id()).collect();
    assert_eq!(ids, list.iter().map(Endpoint::id).collect::<Vec<_>>());
    let oks: Vec<_> = results.into_iter().map(|(_, result)| result.ok()).collect();
    assert_eq!(oks, [Some(0), None, Some(2)]);
    let told: Vec<_> = router.tell(work(2)).await.into_iter().map(|(_, result)| result.is_ok()).collect();
    assert_eq!(told, [true, false, true]);
    drain(&list).await;
    assert_eq!(shares(&book), BTreeMap::from([(0, 2), (2, 2)]));
    assert!(Router::broadcast(Vec::<Endpoint<Worker>>::new()).send(work(3)).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_broadcast_gives_up_on_the_slow_and_keeps_what_the_others_said() {
    let system = System::local();
    let latches = [Latch::closed(), Latch::closed(), Latch::closed()];
    let gates: Vec<_> = latches.iter().map(|latch| system.start_anonymous(Gate, latch.clone())).collect();
    latches[2].permits.add_permits(1);
    let before = Instant::now();
    let results = Router::broadcast(gates).send_within(Duration::from_secs(2), GatePass { n: 5 }).await;
    assert_eq!(before.elapsed(), Duration::from_secs(2), "all at once, not one after the other");
    let oks: Vec<_> = results.into_iter().map(|(_, result)| result.ok()).collect();
    assert_eq!(oks, [None, None, Some(5)]);
}

#[tokio::test]
async fn the_first_response_wins_and_the_other_asks_are_taken_back() {
    let system = System::local();
    let latches = [Latch::closed(), Latch::closed(), Latch::closed()];
    let mut gates: Vec<_> = latches.iter().map(|latch| system.start_anonymous(Gate, latch.clone())).collect();
    // The first has something else in hand.
    gates[0].pass(0).tell().await.unwrap();
    yield_now().await;
    let stopped = system.start("stopped", Gate, Latch::closed());
    system.stop("stopped");
    gates.push(stopped);
    let ask = tokio::spawn(Router::first_response(gates.clone()).send(GatePass { n: 1 }));
    yield_now().await;
    latches[2].permits.add_permits(1);
    assert_eq!(ask.await.unwrap().unwrap(), 1, "although one had failed before");
    latches[0].permits.add_permits(2);
    gates[0].pass(2).await.unwrap();
    assert_eq!(latches[0].entered(), 2, "what waited behind the first was not handled");
}

#[tokio::test(start_paused = true)]
async fn when_all_fail_the_first_response_says_how() {
    let system = System::local();
    let slow = system.start("slow", Gate, Latch::closed());
    let stopped = system.start("stopped", Gate, Latch::closed());
    system.stop("stopped");
    let router = Router::first_response([slow.clone(), stopped.clone()]);
    let error = router.send_within(Duration::from_secs(1), GatePass { n: 1 }).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::Maybe);
    let FirstResponseError::AllFailed { failures } = error else { panic!("{error:?}") };
    assert_eq!(failures.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>(), [stopped.id(), slow.id()]);
    let nobody = Router::first_response(Vec::<Endpoint<Gate>>::new()).send(GatePass { n: 1 }).await;
    assert!(matches!(nobody, Err(FirstResponseError::NoMembers)), "{nobody:?}");
}

/// Workers come and go while messages are sent: each that was answered was handled once, each that was not
/// was not.
#[tokio::test(flavor = "multi_thread")]
async fn no_message_is_lost_or_doubled_while_a_group_changes() {
    let (system, book) = (System::local(), Book::default());
    let key = ReceptionKey::new("workers").unwrap();
    let start = |number| {
        let options = ActorOptions::default().mailbox(4);
        let worker = system.prepare_anonymous(options).unwrap().start(Worker(number), book.clone());
        system.join_group(&key, &worker).unwrap();
        worker
    };
    // One that stays: there is always somebody.
    start(0);
    let routers = [Router::round_robin(system.listing(&key)), Router::random_seeded(system.listing(&key), 1)];
    let (next, is_over) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let senders: Vec<_> = (0..8)
        .map(|at| {
            let (router, next, is_over) = (routers[at % 2].clone(), next.clone(), is_over.clone());
            tokio::spawn(async move {
                let mut answered = Vec::new();
                while !is_over.load(Ordering::SeqCst) {
                    let n = next.fetch_add(1, Ordering::SeqCst);
                    match router.send(work(n)).keep_copy().await {
                        Ok(_) => answered.push(n),
                        // Who was there at first was gone, and so was who came instead.
                        Err(RouteError::Failed(SendError::Stopped)) => {}
                        Err(error) => panic!("{error:?}"),
                    }
                }
                answered
            })
        })
        .collect();
    for number in 1..400 {
        let worker = start(number);
        worker.work(u64::MAX).tell().await.unwrap();
        worker.control().stop_and_wait().await;
    }
    is_over.store(true, Ordering::SeqCst);
    let mut answered = Vec::new();
    for sender in senders {
        answered.extend(sender.await.unwrap());
    }
    answered.sort_unstable();
    let mut handled: Vec<_> =
        book.lock().unwrap().iter().map(|(_, n)| *n).filter(|n| *n != u64::MAX).collect();
    handled.sort_unstable();
    assert_eq!(handled, answered);
}
