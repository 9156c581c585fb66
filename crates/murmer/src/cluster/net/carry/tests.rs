//! Streams that take their time to say what they are for.

use std::net::SocketAddr;
use std::time::Duration;

use murmer_core::System;
use murmer_node::{ActorFrame, StreamEnd};
use murmer_transport::{Executor, Limits, MemConnection, MemNetwork, MemTransport};
use murmer_wire::{ActorNumber, Incarnation, NodeName, put_frame};
use tokio::sync::watch;

use super::*;
use crate::cluster::remote::{Settings, Shared};

async fn connected() -> (MemConnection, MemConnection, [MemTransport; 2]) {
    let network = MemNetwork::new(1);
    let addr = |port| SocketAddr::from(([127, 0, 0, 1], port));
    let (here, there) = (network.bind(addr(1)).unwrap(), network.bind(addr(2)).unwrap());
    let (dialed, accepted) = tokio::join!(here.connect(addr(2)), there.accept());
    let (dialed, accepted) = (dialed.unwrap(), accepted.unwrap());
    dialed.trust();
    accepted.trust();
    (dialed, accepted, [here, there])
}

fn host() -> Arc<Host> {
    let node = |name| NodeId { name: NodeName::new(name).unwrap(), incarnation: Incarnation::mint(1, 1) };
    let settings = Settings {
        ask_timeout: Duration::from_secs(30),
        mailbox_wait: Duration::from_secs(5),
        frame_bytes_max: 4 << 20,
        unsent_bytes_max: 256 << 20,
    };
    Arc::new(Host {
        shared: Arc::new(Shared::new(node("us"), settings, Executor::new(), watch::channel(false).1)),
        system: System::local(),
        generations: Arc::default(),
        peer: node("peer"),
        pressure: Pressure::new(&Limits::default()),
    })
}

#[tokio::test(start_paused = true)]
async fn a_stream_may_take_its_time_to_say_what_it_is_for() {
    let (here, there, _transports) = connected().await;
    let (mut sender, receiver) = here.open_stream().await.unwrap();
    let mut opening = BytesMut::new();
    put(&mut opening, &Opening::Actor);
    let rest = opening.split_off(1);
    // Known from its first byte on; the link is congested.
    sender.send_all(opening.freeze()).await.unwrap();
    let unopened = Arc::new(Semaphore::new(1));
    let (place, (answers, asks)) = accept(&there, &unopened).await.unwrap();
    tokio::spawn(opened(host(), place, answers, asks, mpsc::channel(1).0));
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(unopened.available_permits(), 0);
    let (mut open, mut frames) = (BytesMut::new(), rest);
    ActorFrame::Open { actor: ActorNumber(1), generation: 1 }.write(&mut open);
    put_frame(&mut frames, &open);
    sender.send_all(frames.freeze()).await.unwrap();
    let frame = FrameReader::new(receiver, 4 << 20).frame().await.unwrap();
    let nobody = ActorFrame::Close { reason: StreamEnd::Stopped, last_accepted: 0 };
    assert_eq!(ActorFrame::read(frame), Ok(nobody), "it is served");
    assert_eq!(unopened.available_permits(), 1);
}

#[tokio::test(start_paused = true)]
async fn of_streams_that_say_nothing_so_many_are_accepted_and_no_more() {
    let (here, there, _transports) = connected().await;
    let unopened = Arc::new(Semaphore::new(2));
    let mut streams = Vec::new();
    for _ in 0..3 {
        let (mut sender, receiver) = here.open_stream().await.unwrap();
        sender.send_all(bytes::Bytes::from_static(&[9])).await.unwrap();
        streams.push((sender, receiver));
    }
    let first = accept(&there, &unopened).await.unwrap();
    let _second = accept(&there, &unopened).await.unwrap();
    let wait = Duration::from_secs(3_600);
    assert!(tokio::time::timeout(wait, accept(&there, &unopened)).await.is_err());
    drop(first);
    assert!(tokio::time::timeout(wait, accept(&there, &unopened)).await.unwrap().is_ok());
}
