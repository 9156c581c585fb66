//! A stream of bytes becomes the same frames however it is cut, none beyond the limit, in bounded memory.

use allocation_counter::measure;
use bytes::{Bytes, BytesMut};
use murmer_wire::{FrameDecoder, FrameError, put_frame};

use crate::script::Script;

/// The first byte sets the limit, the second how the rest is cut.
pub(crate) fn body(data: &[u8]) {
    let mut script = Script::new(data);
    let max = LIMITS[usize::from(script.byte()) % LIMITS.len()];
    let cut = script.byte();
    let stream = script.rest();
    let whole = decoded(stream, max, |_| stream.len().max(1));
    assert_eq!(whole, decoded(stream, max, |_| 1), "cut into single bytes");
    let mut state = u32::from(cut) * 2 + 1;
    let random = decoded(stream, max, |_| {
        state = state.wrapping_mul(0x9e37_79b1).rotate_left(7);
        1 + (state % 13) as usize
    });
    assert_eq!(whole, random, "cut by {cut}");
    check_own_writing(&whole, stream);
}

/// What the decoder made of a stream: the frames, whether half a frame was left, and where it ended.
#[derive(Debug, PartialEq, Eq)]
struct Decoded {
    frames: Vec<Bytes>,
    is_mid_frame: bool,
    error: Option<FrameError>,
}

fn decoded(stream: &[u8], max: usize, mut size: impl FnMut(usize) -> usize) -> Decoded {
    let mut decoder = FrameDecoder::new(max);
    let mut result = Decoded { frames: Vec::new(), is_mid_frame: false, error: None };
    let (mut at, mut given_back) = (0, 0);
    while at < stream.len() {
        let size = size(at).min(stream.len() - at);
        let chunk = Bytes::copy_from_slice(&stream[at..at + size]);
        at += size;
        let mut chunk = Some(chunk);
        loop {
            let mut next = Ok(None);
            let used = measure(|| {
                chunk.take().into_iter().for_each(|chunk| decoder.push(chunk));
                next = decoder.next_frame();
            });
            // Whatever length was announced: memory follows what has arrived, a part of the frame at the least.
            let held = at - given_back;
            assert!(used.bytes_max <= FORESEEN_PART * held as u64 + SLACK_BYTES, "{used:?} for {held} bytes");
            match next {
                Ok(Some(frame)) => {
                    assert!(frame.len() <= max, "a frame of {} bytes exceeds {max}", frame.len());
                    given_back += frame.len();
                    result.frames.push(frame);
                }
                Ok(None) => break,
                Err(error) => {
                    assert_eq!(decoder.next_frame(), Err(error.clone()), "an error is for good");
                    result.error = Some(error);
                    return result;
                }
            }
        }
    }
    result.is_mid_frame = decoder.is_mid_frame();
    result
}

/// The frames written by our own hand are read back as they were, and what they took of the stream is no
/// less than what we need for them.
fn check_own_writing(whole: &Decoded, stream: &[u8]) {
    let mut again = BytesMut::new();
    whole.frames.iter().for_each(|frame| put_frame(&mut again, frame));
    assert!(again.len() <= stream.len(), "frames longer than the stream they were in");
    let read = decoded(&again, usize::MAX, |_| again.len().max(1));
    assert_eq!((&read.frames, read.is_mid_frame, &read.error), (&whole.frames, false, &None));
}

/// In bytes: none at all, few, more than a length byte says, and the hard limit.
const LIMITS: [usize; 4] = [0, 10, 200, usize::MAX];
/// The part of a frame that has arrived when memory is made for all of it: known from its decoder.
const FORESEEN_PART: u64 = 8;
/// What keeping a shared buffer takes beside its bytes, and the room a growing one is given at first.
const SLACK_BYTES: u64 = 256;
