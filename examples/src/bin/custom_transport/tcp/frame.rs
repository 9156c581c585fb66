//! What goes over the socket, piece by piece.

use std::io;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Bytes of a stream.
    Data,
    /// A stream's clean end.
    Finish,
    /// A stream's other end; `number` is the code.
    Reset,
    /// The reader takes no more; `number` is the code.
    Stop,
    /// The reader has read `number` bytes: room on the stream, and on the connection.
    Room,
    /// Room on the connection alone.
    ConnectionRoom,
    /// `number` streams more may be opened.
    Streams,
    /// A datagram.
    Datagram,
    /// The end of the connection; `number` is the code, the bytes are the reason.
    Close,
    /// Nothing, but from somebody who lives.
    Alive,
}

#[derive(Debug)]
pub(super) struct Frame {
    pub(super) kind: Kind,
    pub(super) stream: u32,
    pub(super) number: u32,
    pub(super) bytes: Bytes,
}

impl Frame {
    pub(super) const fn new(kind: Kind, stream: u32, number: u32) -> Self {
        Self { kind, stream, number, bytes: Bytes::new() }
    }

    pub(super) fn len(&self) -> usize {
        HEADER_BYTES + self.bytes.len()
    }

    pub(super) fn put(&self, out: &mut BytesMut) {
        out.put_u8(self.kind as u8);
        out.put_u32(self.stream);
        out.put_u32(self.number);
        out.put_u32(self.bytes.len() as u32);
        out.put_slice(&self.bytes);
    }

    /// The next frame; what is none is `InvalidData`.
    pub(super) async fn read(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Self> {
        let mut header = [0; HEADER_BYTES];
        from.read_exact(&mut header).await?;
        let mut header = &header[..];
        let kind = KINDS.get(usize::from(header.get_u8())).copied().ok_or(io::ErrorKind::InvalidData)?;
        let (stream, number, len) = (header.get_u32(), header.get_u32(), header.get_u32() as usize);
        if len > FRAME_BYTES_MAX {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut bytes = BytesMut::zeroed(len);
        from.read_exact(&mut bytes).await?;
        Ok(Self { kind, stream, number, bytes: bytes.freeze() })
    }
}

/// In the order of their numbers.
const KINDS: [Kind; 10] = [
    Kind::Data,
    Kind::Finish,
    Kind::Reset,
    Kind::Stop,
    Kind::Room,
    Kind::ConnectionRoom,
    Kind::Streams,
    Kind::Datagram,
    Kind::Close,
    Kind::Alive,
];
const HEADER_BYTES: usize = 13;
/// The most that one frame carries, so that no stream holds up the others for long.
pub(super) const FRAME_BYTES_MAX: usize = 16 << 10;
