//! Streams against a peer that is played by hand, over the network in memory.

mod pace;
mod sending;
mod serving;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use murmer_core::{Actor, ActorOptions, Answered, Delivery, FarActor, FarCall, Message, SendError, System};
use murmer_macros::handlers;
use murmer_membership::{Member, MemberState};
use murmer_node::{ActorFrame, Opening, StreamEnd};
use murmer_transport::{
    Connection, Executor, MemConnection, MemNetwork, MemTransport, RecvHalf, SendHalf, Transport,
};
use murmer_wire::{ActorId, ActorNumber, Incarnation, Label, NodeId, NodeName, encode, put_frame};
use tokio::sync::{oneshot, watch};

use super::{FarStream, FrameReader, Retirement, ask};
use crate::cluster::remote::{Road, Settings, Shared};

/// Answers at length, and counts.
struct Baker;

impl Actor for Baker {
    type State = Arc<AtomicUsize>;
}

#[handlers(crate = murmer_core)]
impl Baker {
    #[handler]
    fn bake(&self, baked: &mut Arc<AtomicUsize>, bytes: usize) -> String {
        baked.fetch_add(1, Ordering::SeqCst);
        "7".repeat(bytes)
    }

    #[handler]
    async fn rest(&self, millis: u64) {
        tokio::time::sleep(Duration::from_millis(millis)).await;
    }
}

fn node(name: &str) -> NodeId {
    NodeId { name: NodeName::new(name).unwrap(), incarnation: Incarnation::mint(1, 1) }
}

fn shared(us: &str) -> Arc<Shared> {
    let settings = Settings {
        ask_timeout: Duration::from_secs(30),
        mailbox_wait: Duration::from_secs(5),
        frame_bytes_max: 4 << 20,
        unsent_bytes_max: 256 << 20,
    };
    Arc::new(Shared::new(node(us), settings, Executor::hosted(), watch::channel(false).1))
}

/// Of a node that may hold only so much of what is not sent.
fn shared_with(unsent_bytes_max: usize) -> Arc<Shared> {
    let Shared { settings, .. } = &*shared("us");
    let settings = Settings { unsent_bytes_max, ..settings.clone() };
    Arc::new(Shared::new(node("us"), settings, Executor::hosted(), watch::channel(false).1))
}

/// Both ends of a connection, and what keeps it alive.
async fn connected() -> (MemConnection, MemConnection, [MemTransport; 2]) {
    let network = MemNetwork::new(1);
    let addr = |port| std::net::SocketAddr::from(([127, 0, 0, 1], port));
    let (here, there) = (network.bind(addr(1)).unwrap(), network.bind(addr(2)).unwrap());
    let (dialed, accepted) = tokio::join!(here.connect(addr(2)), there.accept());
    let (dialed, accepted) = (dialed.unwrap(), accepted.unwrap());
    dialed.trust();
    accepted.trust();
    (dialed, accepted, [here, there])
}

fn framed(frames: &[ActorFrame]) -> Bytes {
    let mut out = BytesMut::new();
    for frame in frames {
        let mut body = BytesMut::new();
        frame.write(&mut body);
        put_frame(&mut out, &body);
    }
    out.freeze()
}

/// A far actor whose node is the other end of a connection, and one ask of it.
async fn asked(
    connection: &MemConnection,
) -> (Arc<FarStream>, oneshot::Receiver<Result<Answered, SendError>>) {
    asked_until(connection, &Retirement::default()).await
}

/// The same, over a connection that can be retired.
async fn asked_until(
    connection: &MemConnection,
    retirement: &Retirement,
) -> (Arc<FarStream>, oneshot::Receiver<Result<Answered, SendError>>) {
    let far = far_until(connection, retirement, shared("us"), 1);
    let (reply, answer) = oneshot::channel();
    send(&far, Some(reply)).await.unwrap();
    (far, answer)
}

fn far(connection: &MemConnection, shared: Arc<Shared>, number: u64) -> Arc<FarStream> {
    far_until(connection, &Retirement::default(), shared, number)
}

fn far_until(
    connection: &MemConnection,
    retirement: &Retirement,
    shared: Arc<Shared>,
    number: u64,
) -> Arc<FarStream> {
    shared.set_members(vec![(Member { id: node("peer"), addr: connection.remote_addr() }, MemberState::Up)]);
    let (connection, retirement) = (connection.clone(), retirement.clone());
    let executor = shared.executor.clone();
    let road = Road(Arc::new(move |far, stream| {
        executor.spawn(ask(connection.clone(), far, stream, retirement.stay()));
    }));
    shared.set_road(&node("peer"), Ok(road));
    let id = ActorId { node: node("peer"), number: ActorNumber(number) };
    FarStream::new(id, Label::new("baker").ok(), shared)
}

async fn send(far: &Arc<FarStream>, reply: Option<murmer_core::FarReply>) -> Result<(), SendError> {
    let (mut reply, mut ticket) = (reply, None);
    std::future::poll_fn(|cx| {
        poll_send(cx, far, &mut reply, &mut ticket, &mut |out| BakerBake { bytes: 1 }.encode(out))
    })
    .await
}

fn poll_send(
    cx: &mut Context<'_>,
    far: &Arc<FarStream>,
    reply: &mut Option<murmer_core::FarReply>,
    ticket: &mut Option<u64>,
    encode: &mut dyn FnMut(&mut BytesMut) -> Result<(), SendError>,
) -> Poll<Result<(), SendError>> {
    let (key, actor_type, message) = (BakerBake::KEY, "it::Baker", "bake");
    let is_streamed = false;
    let mut call = FarCall { key, actor_type, message, encode, is_streamed, reply, ticket, timeout: None };
    far.poll_call(cx, &mut call).map_ok(|_| ())
}

#[tokio::test(start_paused = true)]
async fn a_message_that_encodes_holds_up_neither_the_network_nor_other_senders() {
    let (here, there, _transports) = connected().await;
    let (far, _answer) = asked(&here).await;
    let mut cx = Context::from_waker(Waker::noop());
    let slow = poll_send(&mut cx, &far, &mut None, &mut None, &mut |out| {
        // Under a lock of the sender's these would wait for ever.
        far.wake_line();
        let mut cx = Context::from_waker(Waker::noop());
        let quick =
            poll_send(&mut cx, &far, &mut None, &mut None, &mut |out| BakerBake { bytes: 2 }.encode(out));
        assert!(matches!(quick, Poll::Ready(Ok(()))), "{quick:?}");
        BakerBake { bytes: 3 }.encode(out)
    });
    assert!(matches!(slow, Poll::Ready(Ok(()))), "{slow:?}");
    let (_answers, asks) = there.accept_stream().await.unwrap();
    let mut reader = FrameReader::new(asks, 4 << 20);
    // What the stream is for, and for whom.
    for _ in 0..2 {
        reader.frame().await.unwrap();
    }
    for (id, bytes) in [(1, 1), (2, 2), (3, 3)] {
        let frame = ActorFrame::read(reader.frame().await.unwrap()).unwrap();
        let (ActorFrame::Ask(sent) | ActorFrame::Tell(sent)) = frame else { panic!("{frame:?}") };
        assert_eq!((sent.id, &sent.payload[..]), (id, &[bytes][..]));
    }
}

/// Fills all that is on the way to a far actor whose peer takes nothing. Set once there is room again for who
/// waits for it.
async fn lined_up(far: &Arc<FarStream>) -> Arc<Woken> {
    let (woken, mut ticket) = (Arc::<Woken>::default(), None);
    let waker = Waker::from(woken.clone());
    let mut encode = |out: &mut BytesMut| {
        out.extend_from_slice(&[7; 10_000]);
        Ok(())
    };
    loop {
        let mut cx = Context::from_waker(&waker);
        while poll_send(&mut cx, far, &mut None, &mut ticket, &mut encode).is_ready() {}
        all_at_rest().await;
        if !woken.0.swap(false, Ordering::SeqCst) {
            return woken;
        }
    }
}

#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// While whoever is at rest has done what it may.
async fn all_at_rest() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_room_is_woken_once_the_peer_takes_some() {
    let (here, there, _transports) = connected().await;
    let (far, _answer) = asked(&here).await;
    let woken = lined_up(&far).await;
    let (_answers, mut asks) = there.accept_stream().await.unwrap();
    while let Ok(taken) = tokio::time::timeout(Duration::from_secs(1), asks.recv()).await {
        assert!(taken.unwrap().is_some());
    }
    assert!(woken.0.load(Ordering::SeqCst));
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_room_is_woken_when_the_stream_is_over() {
    let (here, there, _transports) = connected().await;
    let (far, answer) = asked(&here).await;
    let woken = lined_up(&far).await;
    there.close(0, b"");
    let error = answer.await.unwrap().unwrap_err();
    assert!(matches!(error, SendError::Lost { .. }), "{error:?}");
    all_at_rest().await;
    assert!(woken.0.load(Ordering::SeqCst));
}

#[tokio::test(start_paused = true)]
async fn what_was_asked_over_a_stream_that_nobody_comes_to_carry_is_lost() {
    let (here, _there, _transports) = connected().await;
    let shared = shared("us");
    // As a runtime does with a task when it is going.
    let road = Road(Arc::new(move |far, stream| {
        drop(ask(here.clone(), far, stream, Retirement::default().stay()));
    }));
    shared.set_road(&node("peer"), Ok(road));
    let id = ActorId { node: node("peer"), number: ActorNumber(1) };
    let far = FarStream::new(id, Label::new("baker").ok(), shared);
    let (reply, mut answer) = oneshot::channel();
    send(&far, Some(reply)).await.unwrap();
    let error = answer.try_recv().unwrap().unwrap_err();
    assert!(matches!(error, SendError::Lost { .. }), "{error:?}");
    assert_eq!(error.delivery(), Delivery::Never);
}

#[tokio::test(start_paused = true)]
async fn a_stream_on_a_retired_connection_stays_until_it_is_answered() {
    let (here, there, _transports) = connected().await;
    let retirement = Retirement::default();
    let (_far, answer) = asked_until(&here, &retirement).await;
    let (mut answers, _asks) = there.accept_stream().await.unwrap();
    retirement.set(true);
    all_at_rest().await;
    let frames = [
        ActorFrame::Accepted { upto: 1 },
        ActorFrame::Reply { id: 1, payload: Bytes::from_static(b"in time") },
    ];
    answers.send_all(framed(&frames)).await.unwrap();
    assert!(matches!(answer.await.unwrap().unwrap(), Answered::Whole(bytes) if bytes == b"in time"[..]));
    tokio::time::timeout(Duration::from_secs(1), retirement.emptied()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_answer_behind_a_stopped_stream_is_still_read() {
    let (here, there, _transports) = connected().await;
    let (far, answer) = asked(&here).await;
    let (mut answers, mut asks) = there.accept_stream().await.unwrap();
    assert!(asks.recv().await.unwrap().is_some());
    asks.stop(0);
    // Written to a stream that takes nothing more: that is how the asking end learns of it.
    tokio::time::sleep(Duration::from_millis(10)).await;
    send(&far, None).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let last = [
        ActorFrame::Reply { id: 1, payload: Bytes::from_static(b"late") },
        ActorFrame::Close { reason: StreamEnd::Stopped, last_accepted: 1 },
    ];
    answers.send_all(framed(&last)).await.unwrap();
    answers.finish();
    assert!(matches!(answer.await.unwrap().unwrap(), Answered::Whole(bytes) if bytes == b"late"[..]));
}

#[tokio::test(start_paused = true)]
async fn a_last_word_behind_a_long_answer_is_waited_for() {
    let (here, there, _transports) = connected().await;
    let (far, answer) = asked(&here).await;
    let (mut answers, mut asks) = there.accept_stream().await.unwrap();
    assert!(asks.recv().await.unwrap().is_some());
    asks.stop(0);
    tokio::time::sleep(Duration::from_millis(10)).await;
    send(&far, None).await.unwrap();
    let last = [
        ActorFrame::Reply { id: 1, payload: Bytes::from(vec![7; 1_000]) },
        ActorFrame::Close { reason: StreamEnd::Shed, last_accepted: 1 },
    ];
    let mut last = framed(&last);
    while !last.is_empty() {
        tokio::time::sleep(Duration::from_millis(600)).await;
        answers.send_all(last.split_to(last.len().min(200))).await.unwrap();
    }
    answers.finish();
    assert!(matches!(answer.await.unwrap().unwrap(), Answered::Whole(bytes) if bytes == [7; 1_000][..]));
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_stops_reading_and_says_nothing_is_given_up() {
    let (here, there, _transports) = connected().await;
    let (far, answer) = asked(&here).await;
    let (_answers, mut asks) = there.accept_stream().await.unwrap();
    assert!(asks.recv().await.unwrap().is_some());
    asks.stop(0);
    tokio::time::sleep(Duration::from_millis(10)).await;
    send(&far, None).await.unwrap();
    let error = tokio::time::timeout(Duration::from_secs(2), answer).await.unwrap().unwrap().unwrap_err();
    assert!(matches!(error, SendError::Lost { .. }), "{error:?}");
    // And the next message finds a stream of its own.
    send(&far, None).await.unwrap();
    let (_, mut asks) = there.accept_stream().await.unwrap();
    let mut opening = BytesMut::new();
    encode(&Opening::Actor, &mut opening).unwrap();
    assert!(asks.recv().await.unwrap().unwrap().ends_with(&opening));
}

#[tokio::test(start_paused = true)]
async fn what_all_streams_hold_unsent_is_bounded_and_each_may_hold_a_message() {
    const MESSAGE: usize = 100 << 10;
    let (here, there, _transports) = connected().await;
    let shared = shared_with(4 * MESSAGE);
    let fars: Vec<_> = (1..=8).map(|number| far(&here, shared.clone(), number)).collect();
    let mut cx = Context::from_waker(Waker::noop());
    let mut encode = |out: &mut BytesMut| {
        out.extend_from_slice(&[7; MESSAGE]);
        Ok(())
    };
    let mut fill = |far: &Arc<FarStream>, ticket: &mut Option<u64>| {
        poll_send(&mut cx, far, &mut None, ticket, &mut encode)
    };
    // Nobody runs the streams' tasks meanwhile, so that nothing is sent.
    let mut tickets = [None; 8];
    for (far, ticket) in fars.iter().zip(&mut tickets) {
        assert!(fill(far, &mut None).is_ready(), "one is always let in");
        assert_eq!(fill(far, ticket).is_ready(), far.id().number.0 <= 2, "{:?}", far.id());
    }
    assert!(shared.unsent.get() <= 10 * MESSAGE);
    // The peer reads all of it: whoever waited gets in.
    let reading = async {
        loop {
            let (answers, mut asks) = there.accept_stream().await.unwrap();
            tokio::spawn(async move {
                let _answers = answers;
                while let Ok(Some(_)) = asks.recv().await {}
            });
        }
    };
    tokio::select! {
        () = reading => {}
        () = tokio::time::sleep(Duration::from_secs(1)) => {}
    }
    assert_eq!(shared.unsent.get(), 0);
    for (far, ticket) in fars.iter().zip(&mut tickets).filter(|(_, ticket)| ticket.is_some()) {
        assert!(fill(far, ticket).is_ready(), "{:?}", far.id());
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_stream_was_shed_one_message_tries_and_others_wait_for_it() {
    let (here, there, _transports) = connected().await;
    let far = far(&here, shared("us"), 1);
    send(&far, None).await.unwrap();
    let (mut answers, mut asks) = there.accept_stream().await.unwrap();
    let _first = asks.recv().await.unwrap();
    answers
        .send_all(framed(&[ActorFrame::Close { reason: StreamEnd::Shed, last_accepted: 0 }]))
        .await
        .unwrap();
    answers.finish();
    tokio::time::sleep(Duration::from_millis(10)).await;
    let senders: Vec<_> = (0..3)
        .map(|_| {
            let far = far.clone();
            tokio::spawn(async move { send(&far, None).await })
        })
        .collect();
    let shed_at = tokio::time::Instant::now();
    let (mut answers, asks) = there.accept_stream().await.unwrap();
    assert!(shed_at.elapsed() >= Duration::from_millis(450), "{:?}", shed_at.elapsed());
    let mut reader = FrameReader::new(asks, 4 << 20);
    // What the stream is for, for whom, and one message.
    for _ in 0..3 {
        reader.frame().await.unwrap();
    }
    let more = tokio::time::timeout(Duration::from_secs(1), reader.frame()).await;
    assert!(more.is_err(), "{more:?}");
    answers.send_all(framed(&[ActorFrame::Accepted { upto: 1 }])).await.unwrap();
    for _ in 0..2 {
        reader.frame().await.unwrap();
    }
    for sender in senders {
        sender.await.unwrap().unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_stream_held_when_it_was_lost_is_counted_no_more() {
    const MESSAGE: usize = 100 << 10;
    let (here, there, transports) = connected().await;
    let shared = shared_with(1 << 30);
    let far = far(&here, shared.clone(), 1);
    let mut cx = Context::from_waker(Waker::noop());
    let mut encode = |out: &mut BytesMut| {
        out.extend_from_slice(&[7; MESSAGE]);
        Ok(())
    };
    let mut ticket = None;
    while poll_send(&mut cx, &far, &mut None, &mut ticket, &mut encode).is_ready() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(shared.unsent.get() > MESSAGE, "nobody reads");
    there.close(Default::default(), b"gone");
    drop((transports, there));
    tokio::time::sleep(Duration::from_secs(20)).await;
    // The way to the actor is held on to.
    assert_eq!((shared.unsent.get(), far.id().number), (0, ActorNumber(1)));
}
