//! The server's side of a stream: counts frames, and answers those with a number.
//!
//! A frame is the length of its payload (4 bytes), a number (8), and the payload.

use anyhow::Result;
use bytes::{Buf, BufMut, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Until the stream ends. No task is woken between a frame and its answer.
pub(crate) async fn serve(
    mut read: impl AsyncRead + Unpin,
    mut write: impl AsyncWrite + Unpin,
) -> Result<()> {
    let (mut buffer, mut out) = (BytesMut::new(), BytesMut::new());
    let mut count = 0_u64;
    loop {
        buffer.reserve(READ_BYTES);
        if read.read_buf(&mut buffer).await? == 0 {
            return Ok(());
        }
        while let Some(len) = frame_len(&buffer) {
            if buffer.len() < len {
                buffer.reserve(len - buffer.len());
                break;
            }
            let mut frame = buffer.split_to(len);
            frame.advance(size_of::<u32>());
            let id = frame.get_u64_le();
            std::hint::black_box(&frame);
            count += 1;
            if id != NO_ANSWER {
                out.put_u32_le(ANSWER_BYTES as u32);
                out.put_u64_le(id);
                out.put_u64_le(count);
            }
        }
        if !out.is_empty() {
            write.write_all(&out).await?;
            write.flush().await?;
            out.clear();
        }
    }
}

/// `None` if not even the length is there.
fn frame_len(buffer: &[u8]) -> Option<usize> {
    let payload = u32::from_le_bytes(*buffer.first_chunk()?);
    Some(FRAME_HEAD_BYTES + payload as usize)
}

pub(crate) const FRAME_HEAD_BYTES: usize = size_of::<u32>() + size_of::<u64>();
pub(crate) const ANSWER_BYTES: usize = size_of::<u64>();
/// The number of a frame that nobody waits for.
pub(crate) const NO_ANSWER: u64 = 0;
/// Room for each read.
pub(crate) const READ_BYTES: usize = 64 << 10;
