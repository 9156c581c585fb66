//! What streams promise.

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::Bed;
use super::pair::{HELLO, fill, friends, read, read_to_end, stream, waits};
use crate::{ByteReader, ByteWriter, Connection, Limits, RecvHalf, SendHalf};

pub(super) async fn bytes_arrive_in_order_and_end_cleanly<B: Bed>() {
    let pair = friends(&B::new(Limits::default())).await;
    let sent: Vec<u8> = (0..400_000_u32).map(|n| (n % 251) as u8).collect();
    let echo = async {
        let (mut sender, mut receiver) = pair.accepted.accept_stream().await.unwrap();
        while let Some(chunk) = receiver.recv().await.unwrap() {
            assert!(!chunk.is_empty());
            sender.send_all(chunk).await.unwrap();
        }
        sender.finish();
        receiver.recv().await.unwrap()
    };
    let (mut sender, mut receiver) = pair.dialed.open_stream().await.unwrap();
    let send = async {
        for chunk in Bytes::from(sent.clone()).chunks(70_001) {
            sender.send_all(Bytes::copy_from_slice(chunk)).await.unwrap();
        }
        sender.finish();
    };
    let (end, (), (received, ended)) = tokio::join!(echo, send, read_to_end(&mut receiver));
    assert!(received == sent, "what came back differs");
    assert_eq!((end, ended), (None, Ok(())));
}

pub(super) async fn a_stream_is_invisible_until_something_is_sent<B: Bed>() {
    let pair = friends(&B::new(Limits::default())).await;
    let (mut sender, _receiver) = pair.dialed.open_stream().await.unwrap();
    assert!(waits(pair.accepted.accept_stream()).await);
    sender.send_all(HELLO).await.unwrap();
    let (_, mut receiver) = pair.accepted.accept_stream().await.unwrap();
    assert_eq!(receiver.recv().await, Ok(Some(HELLO)));
    assert!(waits(receiver.recv()).await);
    sender.set_priority(5);
    sender.send_all(HELLO).await.unwrap();
    assert_eq!(receiver.recv().await, Ok(Some(HELLO)), "nothing was lost with the future that was dropped");
}

pub(super) async fn streams_are_accepted_in_the_order_they_were_opened<B: Bed>() {
    let pair = friends(&B::new(Limits::default())).await;
    let mut first = pair.dialed.open_stream().await.unwrap();
    let mut second = pair.dialed.open_stream().await.unwrap();
    second.0.send_all(Bytes::from_static(b"second")).await.unwrap();
    first.0.send_all(Bytes::from_static(b"first")).await.unwrap();
    for expected in [&b"first"[..], b"second"] {
        let (_, mut receiver) = pair.accepted.accept_stream().await.unwrap();
        assert_eq!(receiver.recv().await.unwrap().unwrap(), expected);
    }
}

pub(super) async fn an_unread_stream_makes_its_sender_wait<B: Bed>() {
    let limits = Limits::default();
    let pair = friends(&B::new(limits.clone())).await;
    let ((mut sender, _other), (_sender, mut receiver)) = stream(&pair.dialed, &pair.accepted).await;
    let sent = fill(&mut sender).await;
    assert!((1..=limits.stream_window as usize).contains(&sent), "{sent} bytes");
    // Reading is what makes room.
    read(&mut receiver, sent).await;
    sender.send_all(Bytes::from(vec![0; sent / 2])).await.unwrap();
}

pub(super) async fn streams_do_not_wait_for_each_other<B: Bed>() {
    let pair = friends(&B::new(Limits::default())).await;
    let (mut stuck, _unread) = stream(&pair.dialed, &pair.accepted).await;
    fill(&mut stuck.0).await;
    let (mut other, (_, mut receiver)) = stream(&pair.dialed, &pair.accepted).await;
    let send = async {
        other.0.send_all(Bytes::from(vec![1; 500_000])).await.unwrap();
        other.0.finish();
    };
    assert_eq!(tokio::join!(send, read_to_end(&mut receiver)).1.0.len(), 500_000);
}

pub(super) async fn a_cancelled_send_loses_nothing<B: Bed>() {
    let pair = friends(&B::new(Limits::default())).await;
    let ((mut sender, _other), (_sender, mut receiver)) = stream(&pair.dialed, &pair.accepted).await;
    let mut chunk = Bytes::from((0..300_000_u32).map(|n| (n % 253) as u8).collect::<Vec<_>>());
    let whole = chunk.clone();
    let mut received = Vec::new();
    while !chunk.is_empty() {
        if waits(sender.send(&mut chunk)).await {
            received.extend(read(&mut receiver, 100_000).await);
        }
    }
    sender.finish();
    received.extend(read_to_end(&mut receiver).await.0);
    assert!(received == whole, "{} bytes of {}", received.len(), whole.len());
}

pub(super) async fn the_halves_read_and_write_as_tokio_likes<B: Bed>() {
    let pair = friends(&B::new(Limits::default())).await;
    let (sender, _receiver) = pair.dialed.open_stream().await.unwrap();
    let write = async {
        let mut writer = ByteWriter::new(sender);
        writer.write_all(&[3; 200_000]).await.unwrap();
        writer.shutdown().await.unwrap();
    };
    let read = async {
        let (_sender, receiver) = pair.accepted.accept_stream().await.unwrap();
        let mut bytes = Vec::new();
        ByteReader::new(receiver).read_to_end(&mut bytes).await.unwrap();
        bytes
    };
    assert_eq!(tokio::join!(write, read).1, vec![3; 200_000]);
}
