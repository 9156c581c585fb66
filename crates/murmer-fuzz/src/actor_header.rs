//! A frame of a stream to one actor is read as what it would be written as; and whatever frames come, the
//! end that asks settles every ask once, and the end that serves hands on messages in order and says truly
//! how far it got.

mod asking;
mod serving;

use bytes::{Bytes, BytesMut};
use murmer_node::{ActorFrame, Draft};
use murmer_wire::{ActorNumber, FrameDecoder, MessageKey, put_varint};

use crate::script::Script;

/// The first byte says what the rest is for.
pub(crate) fn body(data: &[u8]) {
    let mut script = Script::new(data);
    match script.byte() % 3 {
        0 => check(Bytes::copy_from_slice(script.rest())),
        1 => asking::check(&mut script),
        _ => serving::check(&mut script),
    }
}

fn check(body: Bytes) {
    let Ok(frame) = ActorFrame::read(body.clone()) else { return };
    assert_eq!(written(&frame), body, "{frame:?} has another form");
}

fn written(frame: &ActorFrame) -> Bytes {
    let mut body = BytesMut::new();
    frame.write(&mut body);
    body.freeze()
}

/// What a peer sends: any bytes, or a kind with numbers behind it, which are more often right.
fn any_body(script: &mut Script<'_>) -> Bytes {
    let how = script.byte();
    if how >= 200 {
        return script.chunk();
    }
    let mut body = BytesMut::from(&[how % KINDS][..]);
    for _ in 0..how / KINDS % 5 {
        put_varint(&mut body, script.number());
    }
    if how / KINDS >= 10 {
        body.extend_from_slice(&script.chunk());
    }
    body.freeze()
}

/// The frames in what one end has written; half of one is a defect.
fn frames(bytes: Bytes) -> Vec<ActorFrame> {
    let mut decoder = FrameDecoder::new(usize::MAX);
    decoder.push(bytes);
    let bodies = std::iter::from_fn(|| decoder.next_frame().expect("we write frames"));
    let frames = bodies.map(|body| ActorFrame::read(body).expect("we write frames of this stream")).collect();
    assert!(!decoder.is_mid_frame(), "half a frame was written");
    frames
}

fn draft(len: usize) -> Draft {
    let encoded = Draft::encode::<()>(BytesMut::new(), &mut |out| {
        out.resize(len, 7);
        Ok(())
    });
    encoded.expect("nothing was refused")
}

const ACTOR: ActorNumber = ActorNumber(7);
const KEY: MessageKey = MessageKey(0x0101_0101_0101_0101);
/// Small, so that little is too large.
const FRAME_BYTES_MAX: usize = 300;
/// One more than there are, so that an unknown one comes, too.
const KINDS: u8 = 13;
