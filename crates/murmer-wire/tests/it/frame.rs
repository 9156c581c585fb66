//! Frames come out as they went in, however the stream was cut.

use bytes::{Bytes, BytesMut};
use murmer_wire::{FrameDecoder, FrameError, begin_frame, end_frame, put_frame};
use proptest::prelude::*;

/// Feeds `stream` in chunks of the given sizes (the last one repeats) and returns all frames.
fn decoded(stream: &[u8], sizes: &[usize], max: usize) -> Result<Vec<Bytes>, FrameError> {
    let mut decoder = FrameDecoder::new(max);
    let mut frames = Vec::new();
    let (mut at, mut turn) = (0, 0);
    while at < stream.len() {
        let size = sizes[turn.min(sizes.len() - 1)].min(stream.len() - at);
        decoder.push(Bytes::copy_from_slice(&stream[at..at + size]));
        while let Some(frame) = decoder.next_frame()? {
            frames.push(frame);
        }
        (at, turn) = (at + size, turn + 1);
    }
    assert!(!decoder.is_mid_frame());
    Ok(frames)
}

proptest! {
    #[test]
    fn frames_survive_any_cutting(
        bodies in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..8),
        sizes in prop::collection::vec(1..64usize, 1..20),
        fixed: bool,
    ) {
        let mut stream = BytesMut::new();
        for body in &bodies {
            if fixed {
                let at = begin_frame(&mut stream);
                stream.extend_from_slice(body);
                prop_assert_eq!(end_frame(&mut stream, at), body.len());
            } else {
                put_frame(&mut stream, body);
            }
        }
        let frames = decoded(&stream, &sizes, 1_000).unwrap();
        prop_assert_eq!(frames.iter().map(|f| f.to_vec()).collect::<Vec<_>>(), bodies);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>, sizes in prop::collection::vec(1..9usize, 1..9)) {
        let mut decoder = FrameDecoder::new(100);
        for chunk in bytes.chunks(sizes[0]) {
            decoder.push(Bytes::copy_from_slice(chunk));
            while let Ok(Some(frame)) = decoder.next_frame() {
                prop_assert!(frame.len() <= 100);
            }
        }
    }
}

#[test]
fn an_oversized_frame_is_refused_by_its_length_alone() {
    let mut decoder = FrameDecoder::new(10);
    decoder.push(Bytes::from_static(&[11]));
    assert_eq!(decoder.next_frame(), Err(FrameError::TooLong { len: 11, max: 10 }));
}

#[test]
fn an_endless_length_is_refused() {
    assert_eq!(decoded(&[0xff; 4], &[1], 10), Err(FrameError::Length));
}

#[test]
fn a_frame_within_one_chunk_is_not_copied() {
    let chunk = Bytes::from_static(b"\x05hello\x05world");
    let range = chunk.as_ptr_range();
    let mut decoder = FrameDecoder::new(10);
    decoder.push(chunk);
    for expected in ["hello", "world"] {
        let frame = decoder.next_frame().unwrap().unwrap();
        assert_eq!(frame, expected);
        assert!(range.contains(&frame.as_ptr()));
    }
}

#[test]
fn a_long_frame_in_many_chunks_is_copied_about_once() {
    const BYTES: usize = 1 << 20;
    let mut framed = BytesMut::new();
    put_frame(&mut framed, &[7; BYTES]);
    let mut decoder = FrameDecoder::new(BYTES);
    let counted = allocation_counter::measure(|| {
        for chunk in framed.chunks(1_400) {
            decoder.push(Bytes::copy_from_slice(chunk));
            if let Some(frame) = decoder.next_frame().unwrap() {
                assert_eq!(frame.len(), BYTES);
            }
        }
    });
    let for_chunks = framed.len() as u64;
    let for_the_frame = counted.bytes_total - for_chunks;
    assert!(for_the_frame < BYTES as u64 * 3 / 2, "{for_the_frame}");
}
