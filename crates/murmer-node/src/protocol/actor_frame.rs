//! Frames of a stream to one actor. Written by hand: this is the hot path.
//!
//! ```text
//! kind u8 | fields as varints, keys as 8 bytes little-endian | payload to the end of the frame
//! ```

use bytes::{Buf, BufMut, Bytes, BytesMut};
use murmer_wire::{ActorNumber, MessageKey, VarintError, get_varint, put_varint};

use super::ItemsEnd;

/// One frame, either way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActorFrame {
    /// First frame, exactly once: which actor, and which of the sender's streams to it this is.
    Open {
        /// The actor's number in the receiving process.
        actor: ActorNumber,
        /// Counts up per sending node and actor; a newer stream ends the older ones.
        generation: u64,
    },
    /// A message that wants an answer.
    Ask(Sent),
    /// A message that wants none.
    Tell(Sent),
    /// The answer to `id` is no longer wanted; or, as the next in line, `id` was never sent.
    Cancel {
        /// Which request.
        id: u64,
    },
    /// The answer to `id`; an empty one if it is a stream, whose items follow.
    Reply {
        /// Which request.
        id: u64,
        /// The encoded answer.
        payload: Bytes,
    },
    /// `id` reached no handler and never will.
    Refuse {
        /// Which request.
        id: u64,
        /// Why.
        reason: RefuseReason,
    },
    /// A handler ran for `id` and gave no answer: it panicked (true) or dropped its reply.
    Fail {
        /// Which request.
        id: u64,
        /// Whether by a panic.
        panicked: bool,
    },
    /// All up to and including `upto` are in the mailbox or refused.
    Accepted {
        /// The last of them.
        upto: u64,
    },
    /// Always the last frame: nothing beyond `last_accepted` reached a handler or will.
    Close {
        /// Why.
        reason: StreamEnd,
        /// The last message taken.
        last_accepted: u64,
    },
    /// The next item of the streamed answer to `id`.
    Item {
        /// Which request.
        id: u64,
        /// The encoded item.
        payload: Bytes,
    },
    /// No more items of the answer to `id` follow.
    End {
        /// Which request.
        id: u64,
        /// Why.
        how: ItemsEnd,
    },
    /// The asker has read `n` more items of the answer to `id`: as many more may follow.
    Credit {
        /// Which request.
        id: u64,
        /// Items; at least one.
        n: u64,
    },
}

/// A message on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Counts up from 1 per stream.
    pub id: u64,
    /// The actor it is for, again: a stream serves one actor only.
    pub actor: ActorNumber,
    /// Which message.
    pub key: MessageKey,
    /// How long the sender will wait, in milliseconds; 0 for no limit.
    pub remaining_ms: u64,
    /// The encoded message.
    pub payload: Bytes,
}

/// Why a message was turned away. No handler ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefuseReason {
    /// The actor had stopped.
    NoActor,
    /// The message is for another actor than the stream's.
    WrongActor,
    /// The actor has no message of this key.
    UnknownMessage,
    /// The bytes are not such a message.
    Malformed,
    /// The sender had stopped waiting before its turn came.
    Expired,
    /// The mailbox stayed full.
    Overloaded,
}

/// Why a stream ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamEnd {
    /// The actor is over, or never was.
    Stopped,
    /// Nothing was sent for a while; the next send opens another.
    Idle,
    /// Another link, or a newer stream, took over.
    Moved,
    /// A message came for another actor.
    WrongActor,
    /// The sender broke the protocol.
    Protocol,
    /// The node shuts down.
    ShuttingDown,
    /// The actor took nothing for too long, or too many others didn't either: what it did not take is
    /// turned away, so that what follows on the connection is not held up.
    Shed,
}

/// Why a frame is not an actor frame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FrameKindError {
    /// Its kind or a code in it is unknown.
    #[error("unknown frame kind or code {0}")]
    Unknown(u8),
    /// It ends too early.
    #[error("frame is cut short")]
    Short,
    /// A number in it is malformed.
    #[error("frame holds a malformed number")]
    Number(#[from] VarintError),
    /// It is longer than its kind.
    #[error("frame has bytes left over")]
    Trailing,
}

impl ActorFrame {
    /// Appends the frame's body to `out`.
    pub fn write(&self, out: &mut BytesMut) {
        match self {
            Self::Open { actor, generation } => put(out, OPEN, &[actor.0, *generation]),
            Self::Ask(sent) => sent.write(out, true),
            Self::Tell(sent) => sent.write(out, false),
            Self::Cancel { id } => put(out, CANCEL, &[*id]),
            Self::Reply { id, payload } => {
                put(out, REPLY, &[*id]);
                out.extend_from_slice(payload);
            }
            Self::Refuse { id, reason } => put(out, REFUSE, &[*id, u64::from(reason.code())]),
            Self::Fail { id, panicked } => put(out, FAIL, &[*id, u64::from(*panicked)]),
            Self::Accepted { upto } => put(out, ACCEPTED, &[*upto]),
            Self::Close { reason, last_accepted } => {
                put(out, CLOSE, &[u64::from(reason.code()), *last_accepted]);
            }
            Self::Item { id, payload } => {
                Self::write_item_head(out, *id);
                out.extend_from_slice(payload);
            }
            Self::End { id, how } => {
                put(out, END, &[*id, u64::from(how.code())]);
                if let ItemsEnd::TooLarge { bytes, max } = how {
                    [bytes, max].into_iter().for_each(|number| put_varint(out, *number));
                }
            }
            Self::Credit { id, n } => put(out, CREDIT, &[*id, *n]),
        }
    }

    /// Appends what comes before the payload of an ask or a tell.
    pub(crate) fn write_head(out: &mut BytesMut, is_ask: bool, head: &Head) {
        put(out, if is_ask { ASK } else { TELL }, &[head.id, head.actor.0, head.remaining_ms]);
        out.put_u64_le(head.key.0);
    }

    /// Appends what comes before the payload of a reply.
    pub(crate) fn write_reply_head(out: &mut BytesMut, id: u64) {
        put(out, REPLY, &[id]);
    }

    /// Appends what comes before the payload of an item.
    pub(crate) fn write_item_head(out: &mut BytesMut, id: u64) {
        put(out, ITEM, &[id]);
    }

    /// Reads a frame's body.
    ///
    /// # Errors
    ///
    /// [`FrameKindError`]: the peer does not speak this protocol.
    pub fn read(mut body: Bytes) -> Result<Self, FrameKindError> {
        if body.is_empty() {
            return Err(FrameKindError::Short);
        }
        let kind = body.get_u8();
        let mut number = || take(&mut body);
        let frame = match kind {
            OPEN => Self::Open { actor: ActorNumber(number()?), generation: number()? },
            ASK | TELL => {
                let (id, actor, remaining_ms) = (number()?, ActorNumber(number()?), number()?);
                if body.len() < size_of::<u64>() {
                    return Err(FrameKindError::Short);
                }
                let key = MessageKey(body.get_u64_le());
                let sent = Sent { id, actor, key, remaining_ms, payload: core::mem::take(&mut body) };
                if kind == ASK { Self::Ask(sent) } else { Self::Tell(sent) }
            }
            CANCEL => Self::Cancel { id: number()? },
            REPLY | ITEM => {
                let (id, payload) = (number()?, core::mem::take(&mut body));
                if kind == REPLY { Self::Reply { id, payload } } else { Self::Item { id, payload } }
            }
            REFUSE => Self::Refuse { id: number()?, reason: RefuseReason::from_code(number()?)? },
            FAIL => Self::Fail { id: number()?, panicked: is_set(number()?)? },
            ACCEPTED => Self::Accepted { upto: number()? },
            CLOSE => Self::Close { reason: StreamEnd::from_code(number()?)?, last_accepted: number()? },
            END => Self::End { id: number()?, how: ItemsEnd::read(&mut number)? },
            CREDIT => Self::Credit { id: number()?, n: number()? },
            unknown => return Err(FrameKindError::Unknown(unknown)),
        };
        if body.is_empty() { Ok(frame) } else { Err(FrameKindError::Trailing) }
    }
}

/// What comes before the payload of a message.
pub(crate) struct Head {
    pub(crate) id: u64,
    pub(crate) actor: ActorNumber,
    pub(crate) key: MessageKey,
    pub(crate) remaining_ms: u64,
}

impl Sent {
    fn write(&self, out: &mut BytesMut, is_ask: bool) {
        let head = Head { id: self.id, actor: self.actor, key: self.key, remaining_ms: self.remaining_ms };
        ActorFrame::write_head(out, is_ask, &head);
        out.extend_from_slice(&self.payload);
    }
}

macro_rules! codes {
    ($type:ident { $($variant:ident = $code:literal),* $(,)? }) => {
        impl $type {
            const fn code(self) -> u8 {
                match self { $(Self::$variant => $code,)* }
            }

            fn from_code(code: u64) -> Result<Self, FrameKindError> {
                match code {
                    $($code => Ok(Self::$variant),)*
                    unknown => Err(FrameKindError::Unknown(u8::try_from(unknown).unwrap_or(u8::MAX))),
                }
            }
        }
    };
}

codes!(RefuseReason { NoActor = 0, WrongActor = 1, UnknownMessage = 2, Malformed = 3, Expired = 4, Overloaded = 5 });
codes!(StreamEnd { Stopped = 0, Idle = 1, Moved = 2, WrongActor = 3, Protocol = 4, ShuttingDown = 5, Shed = 6 });

fn put(out: &mut BytesMut, kind: u8, numbers: &[u64]) {
    out.put_u8(kind);
    for number in numbers {
        put_varint(out, *number);
    }
}

const fn is_set(code: u64) -> Result<bool, FrameKindError> {
    match code {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(FrameKindError::Unknown(u8::MAX)),
    }
}

fn take(body: &mut Bytes) -> Result<u64, FrameKindError> {
    let mut rest = &body[..];
    let number = get_varint(&mut rest)?;
    let used = body.len() - rest.len();
    body.advance(used);
    Ok(number)
}

const OPEN: u8 = 0;
const ASK: u8 = 1;
const TELL: u8 = 2;
const CANCEL: u8 = 3;
const REPLY: u8 = 4;
const REFUSE: u8 = 5;
const FAIL: u8 = 6;
const ACCEPTED: u8 = 7;
const CLOSE: u8 = 8;
const ITEM: u8 = 9;
const END: u8 = 10;
const CREDIT: u8 = 11;
