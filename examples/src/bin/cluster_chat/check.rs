//! Asking a node over HTTP whether it is ready: for images that hold nothing but this program.
//!
//! One question on one connection, and no more of HTTP than that takes.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, bail};

/// Fine if it is; else says why not.
pub(crate) fn ready(addr: SocketAddr) -> anyhow::Result<()> {
    let answer = ask(addr).with_context(|| format!("nothing answers about health at {addr}"))?;
    let (head, text) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    match head.split(' ').nth(1) {
        Some("200") => Ok(()),
        Some("503") => bail!("{}", text.trim_end()),
        _ => bail!("what answers at {addr} is no node of murmer: {:?}", head.lines().next().unwrap_or("")),
    }
}

fn ask(addr: SocketAddr) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect_timeout(&addr, WAIT)?;
    stream.set_read_timeout(Some(WAIT))?;
    stream.set_write_timeout(Some(WAIT))?;
    // In one piece: who answers before it has read all of it may hang up on the rest.
    let request = format!("GET /ready HTTP/1.1\r\nhost: {addr}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.take(ANSWER_BYTES_MAX).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// For each step. A node that doesn't know how it is says so within 2 s.
const WAIT: Duration = Duration::from_secs(4);
/// A reason is a line; who says more is something else.
const ANSWER_BYTES_MAX: u64 = 16 << 10;
