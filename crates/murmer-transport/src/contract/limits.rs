//! What a peer may use, before and after it is trusted.

use bytes::Bytes;

use super::Bed;
use super::pair::{HELLO, fill, friends, join, read, strangers, stream, waits};
use crate::{ConnectError, Connection, Limits, RecvHalf, SendHalf, Transport};

pub(super) async fn a_stranger_has_one_stream_and_a_small_window<B: Bed>() {
    let limits = Limits::default();
    let pair = strangers(&B::new(limits.clone())).await;
    let ((mut sender, _other), (_sender, mut receiver)) = stream(&pair.dialed, &pair.accepted).await;
    assert!(waits(pair.dialed.open_stream()).await, "a second stream");
    let sent = fill(&mut sender).await;
    assert!((1..=limits.stranger_window as usize).contains(&sent), "{sent} bytes");
    // Asking for more streams is in vain before the proof.
    pair.accepted.set_streams_max(80);
    assert!(waits(pair.dialed.open_stream()).await, "a second stream");

    pair.accepted.trust();
    pair.accepted.trust();
    let mut streams = Vec::new();
    for _ in 1..80 {
        streams.push(pair.dialed.open_stream().await.unwrap());
    }
    assert!(waits(pair.dialed.open_stream()).await, "an 81st stream");
    let more = fill(&mut sender).await;
    assert!(more > limits.stranger_window as usize, "{more} bytes");
    assert_eq!(read(&mut receiver, sent + more).await.len(), sent + more);
    // The other way round nobody was trusted.
    let _own = pair.accepted.open_stream().await.unwrap();
    assert!(waits(pair.accepted.open_stream()).await);
}

pub(super) async fn all_streams_together_keep_to_the_connection_s_window<B: Bed>() {
    let limits = Limits { stream_window: 64 << 10, connection_window: 160 << 10, ..Limits::default() };
    let pair = friends(&B::new(limits.clone())).await;
    let (mut streams, mut sent) = (Vec::new(), 0);
    for _ in 0..4 {
        streams.push(stream(&pair.dialed, &pair.accepted).await);
    }
    for (opened, _) in &mut streams {
        sent += fill(&mut opened.0).await;
    }
    assert!(sent <= limits.connection_window as usize, "{sent} bytes");
    // Three of them could fill theirs, but for the connection's.
    assert!(sent > 2 * limits.stream_window as usize, "{sent} bytes");
}

pub(super) async fn streams_that_are_stopped_give_their_room_back<B: Bed>() {
    let limits = Limits { stream_window: 32 << 10, connection_window: 64 << 10, ..Limits::default() };
    let pair = friends(&B::new(limits)).await;
    // Four times what the connection has room for.
    for _ in 0..8 {
        let ((mut sender, _other), (_sender, mut receiver)) = stream(&pair.dialed, &pair.accepted).await;
        assert!(fill(&mut sender).await > 16 << 10);
        receiver.stop(1);
        sender.stopped().await;
    }
}

pub(super) async fn opening_waits_while_the_limit_is_used_up<B: Bed>() {
    let limits = Limits::default();
    let pair = friends(&B::new(limits.clone())).await;
    let mut streams = Vec::new();
    for _ in 0..limits.streams {
        streams.push(pair.dialed.open_stream().await.unwrap());
    }
    assert!(waits(pair.dialed.open_stream()).await);
    let raise = async { pair.accepted.set_streams_max(2 * limits.streams) };
    assert!(tokio::join!(pair.dialed.open_stream(), raise).0.is_ok());
}

pub(super) async fn the_limit_on_streams_has_a_limit<B: Bed>() {
    let pair = friends(&B::new(Limits { streams: 4, streams_hard_max: 20, ..Limits::default() })).await;
    pair.accepted.set_streams_max(1_000);
    let mut streams = Vec::new();
    for _ in 0..20 {
        streams.push(pair.dialed.open_stream().await.unwrap());
    }
    assert!(waits(pair.dialed.open_stream()).await, "a 21st stream");
}

pub(super) async fn a_smaller_limit_holds_as_streams_end<B: Bed>() {
    let pair = friends(&B::new(Limits { streams: 8, ..Limits::default() })).await;
    let mut streams = Vec::new();
    for _ in 0..8 {
        streams.push(stream(&pair.dialed, &pair.accepted).await);
    }
    pair.accepted.set_streams_max(2);
    for (opened, _) in &mut streams {
        opened.0.send_all(HELLO).await.expect("nothing is taken back");
    }
    streams.truncate(2);
    assert!(waits(pair.dialed.open_stream()).await, "a third stream");
    streams.clear();
    let _two = (pair.dialed.open_stream().await.unwrap(), pair.dialed.open_stream().await.unwrap());
    assert!(waits(pair.dialed.open_stream()).await, "a third stream");
}

pub(super) async fn streams_that_end_make_room_for_others<B: Bed>() {
    let pair = friends(&B::new(Limits { streams: 2, ..Limits::default() })).await;
    for _ in 0..20 {
        // One that ends well, and one that is dropped.
        let ((mut sender, mut receiver), (mut other, mut end)) = stream(&pair.dialed, &pair.accepted).await;
        sender.finish();
        other.finish();
        assert_eq!((end.recv().await, receiver.recv().await), (Ok(None), Ok(None)));
        drop(stream(&pair.dialed, &pair.accepted).await);
    }
}

pub(super) async fn many_streams_at_once<B: Bed>() {
    let pair = friends(&B::new(Limits::default())).await;
    pair.accepted.set_streams_max(1_000);
    let open = async {
        let mut streams = Vec::new();
        for n in 0..1_000_u32 {
            let mut opened = pair.dialed.open_stream().await.unwrap();
            opened.0.send_all(Bytes::copy_from_slice(&n.to_be_bytes())).await.unwrap();
            streams.push(opened);
        }
        streams
    };
    let accept = async {
        let mut streams = Vec::new();
        for n in 0..1_000_u32 {
            let mut accepted = pair.accepted.accept_stream().await.unwrap();
            assert_eq!(read(&mut accepted.1, 4).await, n.to_be_bytes());
            streams.push(accepted);
        }
        streams
    };
    let (opened, accepted) = tokio::join!(open, accept);
    assert_eq!((opened.len(), accepted.len()), (1_000, 1_000));
}

pub(super) async fn strangers_are_counted_per_address<B: Bed>() {
    let bed = B::new(Limits { untrusted_per_address_max: 3, ..Limits::default() });
    let (dialing, accepting) = (bed.host(), bed.host());
    let to = accepting.local_addr();
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(join(&dialing, &accepting).await);
    }
    assert_eq!(dialing.connect(to).await.unwrap_err(), ConnectError::Refused { to });
    // Each of trust, close and drop frees a place.
    held[0].1.trust();
    held.push(join(&dialing, &accepting).await);
    assert_eq!(dialing.connect(to).await.unwrap_err(), ConnectError::Refused { to });
    held[1].1.close(0, b"");
    held.push(join(&dialing, &accepting).await);
    assert_eq!(dialing.connect(to).await.unwrap_err(), ConnectError::Refused { to });
    drop(held.remove(2));
    held.push(join(&dialing, &accepting).await);
}
