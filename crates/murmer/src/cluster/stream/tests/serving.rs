//! The serving end of streams, against a peer that asks.

use murmer_node::{ANSWER_BYTES_MAX, RefuseReason, STREAM_BYTES_MAX, Sent};
use murmer_transport::Limits;
use murmer_wire::MessageKey;

use super::super::{Host, Pressure, serve};
use super::*;

/// A baker behind a serving end, and the peer that has asked.
struct Bakery {
    baked: Arc<AtomicUsize>,
    reader: FrameReader<murmer_transport::MemReceiver>,
    /// The peer goes on asking, as far as anybody knows.
    _sender: murmer_transport::MemSender,
    _connections: (MemConnection, MemConnection, [MemTransport; 2]),
}

impl Bakery {
    /// With so many asks under way for so many bytes each.
    async fn asked(asks: u64, bytes: usize, options: ActorOptions) -> Self {
        let connections = connected().await;
        let (here, there, _) = &connections;
        let system = System::local();
        let baked = Arc::new(AtomicUsize::new(0));
        let actor = system.try_start("baker", Baker, baked.clone(), options).unwrap().id().number;
        let (mut sender, receiver) = here.open_stream().await.unwrap();
        let mut frames = vec![ActorFrame::Open { actor, generation: 1 }];
        frames.extend((1..=asks).map(|id| baking(id, actor, bytes)));
        sender.send_all(framed(&frames)).await.unwrap();
        let (answers, asks) = there.accept_stream().await.unwrap();
        let reader = FrameReader::new(asks, 4 << 20);
        let host = host(system);
        host.shared.executor.clone().spawn(async move { serve(&host, answers, reader).await });
        let reader = FrameReader::new(receiver, 4 << 20);
        Self { baked, reader, _sender: sender, _connections: connections }
    }
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_takes_no_answers_is_given_no_more_of_them() {
    const ASKS: u64 = 200;
    const BYTES: usize = 64 << 10;
    const MAILBOX: usize = 4;
    let mut bakery = Bakery::asked(ASKS, BYTES, ActorOptions::default().mailbox(MAILBOX)).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    // What the window holds, what is being written, what is to be written next, and what was in the mailbox.
    let most = Limits::default().stream_window as usize + 2 * (STREAM_BYTES_MAX + BYTES) + MAILBOX * BYTES;
    assert!(bakery.baked.load(Ordering::SeqCst) <= most / BYTES, "{:?}", bakery.baked);
    let mut answered = 0;
    while answered < ASKS {
        let frame = ActorFrame::read(bakery.reader.frame().await.unwrap()).unwrap();
        answered += u64::from(matches!(frame, ActorFrame::Reply { .. }));
    }
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_takes_no_refusals_is_read_no_further() {
    // Their refusals, of some bytes each, exceed what the window and two buffers hold.
    let tells = (u64::from(Limits::default().stream_window) + 2 * STREAM_BYTES_MAX as u64) / 4;
    let (here, there, _transports) = connected().await;
    let system = System::local();
    let actor =
        system.try_start("baker", Baker, Arc::default(), ActorOptions::default()).unwrap().id().number;
    let (mut sender, _receiver) = here.open_stream().await.unwrap();
    let unknown = |id| {
        let (key, payload) = (MessageKey(1), Bytes::new());
        ActorFrame::Tell(Sent { id, actor, key, remaining_ms: 0, payload })
    };
    let mut frames = vec![ActorFrame::Open { actor, generation: 1 }];
    frames.extend((1..=tells).map(unknown));
    let frames = framed(&frames);
    let serving = async {
        let (answers, asks) = there.accept_stream().await.unwrap();
        serve(&host(system), answers, FrameReader::new(asks, 4 << 20)).await;
    };
    let sent = async {
        tokio::select! {
            sent = sender.send_all(frames) => sent.unwrap(),
            () = serving => {}
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(1), sent).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn answers_take_a_bounded_part_of_memory_however_many_are_asked_for() {
    const ASKS: u64 = 100;
    const BYTES: usize = 3 << 20;
    let mut bakery = Bakery::asked(ASKS, BYTES, ActorOptions::default()).await;
    let (mut answered, mut most) = (0, 0);
    while answered < ASKS {
        // Whoever is at rest has written what it may.
        tokio::time::sleep(Duration::from_millis(1)).await;
        most = most.max(bakery.baked.load(Ordering::SeqCst) * BYTES - answered as usize * BYTES);
        let frame = ActorFrame::read(bakery.reader.frame().await.unwrap()).unwrap();
        answered += u64::from(matches!(frame, ActorFrame::Reply { .. }));
    }
    // Before the first answer nobody knows how large they are: sixteen asks, and the one being written.
    assert!(most <= 17 * BYTES, "{most}");
    assert!(most >= ANSWER_BYTES_MAX, "and these were all with the actor: {most}");
}

#[tokio::test(start_paused = true)]
async fn an_ask_whose_time_is_over_before_its_turn_is_refused_and_not_handled() {
    let (here, there, _transports) = connected().await;
    let system = System::local();
    let baked = Arc::new(AtomicUsize::new(0));
    let actor = system.try_start("baker", Baker, baked.clone(), ActorOptions::default()).unwrap().id().number;
    let (mut sender, receiver) = here.open_stream().await.unwrap();
    // Nobody says that the second is not wanted any more: its asker may be gone.
    let frames = [
        ActorFrame::Open { actor, generation: 1 },
        ActorFrame::Tell(sent(1, actor, 0, &BakerRest { millis: 1_000 })),
        ActorFrame::Ask(sent(2, actor, 900, &BakerBake { bytes: 1 })),
        ActorFrame::Ask(sent(3, actor, 1_100, &BakerBake { bytes: 1 })),
    ];
    sender.send_all(framed(&frames)).await.unwrap();
    let (answers, asks) = there.accept_stream().await.unwrap();
    let reader = FrameReader::new(asks, 4 << 20);
    let host = host(system);
    host.shared.executor.clone().spawn(async move { serve(&host, answers, reader).await });
    let mut reader = FrameReader::new(receiver, 4 << 20);
    let mut told = Vec::new();
    while told.len() < 2 {
        match ActorFrame::read(reader.frame().await.unwrap()).unwrap() {
            ActorFrame::Accepted { .. } => {}
            ActorFrame::Reply { id, .. } => told.push((id, None)),
            ActorFrame::Refuse { id, reason } => told.push((id, Some(reason))),
            frame => panic!("{frame:?}"),
        }
    }
    assert_eq!(told, [(2, Some(RefuseReason::Expired)), (3, None)]);
    assert_eq!(baked.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_a_newer_one_has_replaced_answers_what_it_took_and_takes_no_more() {
    let (here, there, _transports) = connected().await;
    let system = System::local();
    let baked = Arc::new(AtomicUsize::new(0));
    let actor = system.try_start("baker", Baker, baked.clone(), ActorOptions::default()).unwrap().id().number;
    let host = Arc::new(host(system));
    let resting = ActorFrame::Ask(sent(1, actor, 0, &BakerRest { millis: 1_000 }));
    let mut older = None;
    for (generation, message) in [(1, resting), (2, baking(1, actor, 1))] {
        let (mut sender, receiver) = here.open_stream().await.unwrap();
        sender.send_all(framed(&[ActorFrame::Open { actor, generation }, message])).await.unwrap();
        let (answers, asks) = there.accept_stream().await.unwrap();
        let (reader, host) = (FrameReader::new(asks, 4 << 20), host.clone());
        host.shared.executor.clone().spawn(async move { serve(&host, answers, reader).await });
        all_at_rest().await;
        older.get_or_insert((sender, FrameReader::new(receiver, 4 << 20)));
    }
    let (mut sender, mut reader) = older.unwrap();
    sender.send_all(framed(&[baking(2, actor, 1)])).await.unwrap();
    let reply = loop {
        match ActorFrame::read(reader.frame().await.unwrap()).unwrap() {
            ActorFrame::Accepted { upto } => assert_eq!(upto, 1),
            frame => break frame,
        }
    };
    assert!(matches!(reply, ActorFrame::Reply { id: 1, .. }), "{reply:?}");
    let close = ActorFrame::read(reader.frame().await.unwrap()).unwrap();
    assert_eq!(close, ActorFrame::Close { reason: StreamEnd::Moved, last_accepted: 1 });
    all_at_rest().await;
    assert_eq!(baked.load(Ordering::SeqCst), 1, "what the newer one brought");
}

#[tokio::test(start_paused = true)]
async fn a_stream_whose_peer_gives_up_while_older_ones_speak_is_let_go_of() {
    let (here, there, _transports) = connected().await;
    let actor = ActorNumber(1);
    let host = host(System::local());
    let _older = host.generations.enter(&host.peer, actor, 1).await.unwrap();
    let (mut sender, receiver) = here.open_stream().await.unwrap();
    sender.send_all(framed(&[ActorFrame::Open { actor, generation: 2 }])).await.unwrap();
    let (answers, asks) = there.accept_stream().await.unwrap();
    let (over, mut served) = oneshot::channel();
    host.shared.executor.clone().spawn(async move {
        serve(&host, answers, FrameReader::new(asks, 4 << 20)).await;
        over.send(()).unwrap();
    });
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(served.try_recv().is_err(), "the older one may still speak");
    drop((sender, receiver));
    tokio::time::timeout(Duration::from_secs(1), served).await.unwrap().unwrap();
}

fn host(system: System) -> Host {
    Host {
        shared: shared("us"),
        system,
        generations: Arc::default(),
        peer: node("peer"),
        pressure: Pressure::new(&Limits::default()),
    }
}

fn baking(id: u64, actor: ActorNumber, bytes: usize) -> ActorFrame {
    ActorFrame::Ask(sent(id, actor, 0, &BakerBake { bytes }))
}

fn sent<M: Message>(id: u64, actor: ActorNumber, remaining_ms: u64, message: &M) -> Sent {
    let mut payload = BytesMut::new();
    message.encode(&mut payload).unwrap();
    Sent { id, actor, key: M::KEY, remaining_ms, payload: payload.freeze() }
}
