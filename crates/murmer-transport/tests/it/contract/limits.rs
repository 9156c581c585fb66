//! What a peer may use, before and after it is trusted.

use bytes::Bytes;
use murmer_transport::{ConnectError, Connection, Limits, RecvHalf, SendHalf, Transport};

use crate::bed::{Bed, fill, friends, join, read, strangers, stream, waits};

contract! {
    a_stranger_has_one_stream_and_a_small_window
    opening_waits_while_the_limit_is_used_up
    streams_that_end_make_room_for_others
    many_streams_at_once
    strangers_are_counted_per_address
}

async fn a_stranger_has_one_stream_and_a_small_window<B: Bed>() {
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

async fn opening_waits_while_the_limit_is_used_up<B: Bed>() {
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

async fn streams_that_end_make_room_for_others<B: Bed>() {
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

async fn many_streams_at_once<B: Bed>() {
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

async fn strangers_are_counted_per_address<B: Bed>() {
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
