//! The client's side of a stream: requests go in, batched; answers find whoever asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Result, bail};
use bytes::{Buf, BufMut, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::{mpsc, oneshot};

use crate::serve::{ANSWER_BYTES, FRAME_HEAD_BYTES, NO_ANSWER, READ_BYTES};

/// Cloned for everybody who sends.
#[derive(Clone)]
pub struct Mux {
    requests: mpsc::Sender<Request>,
}

struct Request {
    payload: Bytes,
    answer: Option<oneshot::Sender<u64>>,
}

#[derive(Clone, Default)]
struct Pending {
    by_id: Arc<Mutex<HashMap<u64, oneshot::Sender<u64>>>>,
}

impl Mux {
    /// Starts a task that writes and one that reads.
    pub(crate) fn over(
        read: impl AsyncRead + Unpin + Send + 'static,
        write: impl AsyncWrite + Unpin + Send + 'static,
    ) -> Self {
        let (requests, receiver) = mpsc::channel(bench_harness::MAILBOX_MESSAGES);
        let pending = Pending::default();
        tokio::spawn(write_all(receiver, write, pending.clone()));
        tokio::spawn(read_all(read, pending));
        Self { requests }
    }

    pub(crate) async fn ask(&self, payload: Bytes) -> Result<u64> {
        let (answer, receiver) = oneshot::channel();
        if self.requests.send(Request { payload, answer: Some(answer) }).await.is_err() {
            bail!("the connection has ended");
        }
        Ok(receiver.await?)
    }

    pub(crate) async fn tell(&self, payload: Bytes) -> Result<()> {
        if self.requests.send(Request { payload, answer: None }).await.is_err() {
            bail!("the connection has ended");
        }
        Ok(())
    }
}

impl Pending {
    /// Writes the requests down, and remembers who waits for an answer.
    fn put(&self, requests: impl Iterator<Item = Request>, last_id: &mut u64, out: &mut BytesMut) {
        let mut waiting = self.lock();
        for Request { payload, answer } in requests {
            out.put_u32_le(payload.len() as u32);
            match answer {
                Some(answer) => {
                    *last_id += 1;
                    out.put_u64_le(*last_id);
                    waiting.insert(*last_id, answer);
                }
                None => out.put_u64_le(NO_ANSWER),
            }
            out.put_slice(&payload);
        }
    }

    /// Gives each whole answer to whoever waits for it.
    fn settle(&self, answers: &mut BytesMut) {
        let mut waiting = self.lock();
        while answers.len() >= FRAME_HEAD_BYTES + ANSWER_BYTES {
            let _len = answers.get_u32_le();
            let id = answers.get_u64_le();
            let count = answers.get_u64_le();
            if let Some(answer) = waiting.remove(&id) {
                // Whoever stopped waiting needs no answer.
                let _ = answer.send(count);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, oneshot::Sender<u64>>> {
        self.by_id.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn write_all(
    mut requests: mpsc::Receiver<Request>,
    mut write: impl AsyncWrite + Unpin,
    pending: Pending,
) -> Result<()> {
    let mut batch = Vec::with_capacity(REQUESTS_PER_WRITE);
    let mut out = BytesMut::new();
    let mut last_id = NO_ANSWER;
    while requests.recv_many(&mut batch, REQUESTS_PER_WRITE).await > 0 {
        pending.put(batch.drain(..), &mut last_id, &mut out);
        write.write_all(&out).await?;
        write.flush().await?;
        out.clear();
    }
    Ok(())
}

/// Ends with the connection; whoever still waits learns it from their channel.
async fn read_all(mut read: impl AsyncRead + Unpin, pending: Pending) -> Result<()> {
    let mut buffer = BytesMut::new();
    loop {
        buffer.reserve(READ_BYTES);
        if read.read_buf(&mut buffer).await? == 0 {
            pending.lock().clear();
            return Ok(());
        }
        pending.settle(&mut buffer);
    }
}

const REQUESTS_PER_WRITE: usize = 256;
