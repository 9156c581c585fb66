//! A transport of one's own: murmer over TCP, written with nothing but what `murmer::transport` shows.
//!
//! `cargo run -p murmer-examples --bin custom_transport` starts two nodes on loopback that talk over it. The
//! contract that QUIC and the network in memory keep is checked against it, too: see `tests.rs`.

mod tcp;

use core::fmt::Display;
use std::io::{self, Write};

use murmer::cluster::config::ClusterConfig;
use murmer::prelude::*;
use murmer::transport::{Limits, Transport};

use self::tcp::TcpTransport;

struct Clerk;

impl Actor for Clerk {
    type State = u64;
}

#[handlers]
impl Clerk {
    #[handler]
    fn greet(&mut self, served: &mut u64, name: String) -> String {
        *served += 1;
        format!("hello, {name}, you are number {served}")
    }

    #[handler]
    fn mirror(&mut self, text: String) -> String {
        text.chars().rev().collect()
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    say(tcp::WARNING);
    let loopback = "127.0.0.1:0".parse()?;
    let [one, two] = [(); 2].map(|()| TcpTransport::bind(loopback, Limits::default()));
    let (one, two) = (one?, two?);
    let seed = one.local_addr();
    let config = ClusterConfig::builder().cookie("not even this cookie crosses the line");

    let alpha = System::clustered_on(config.clone().name("alpha").build()?, one).await?;
    alpha.start("clerk", Clerk, 0);
    let config = config.name("beta").seed_nodes([seed.into()]);
    let beta = System::clustered_on(config.build()?, two).await?;
    for (member, state) in beta.members() {
        say(format_args!("beta sees {}: {state:?}", member.id.name));
    }

    let clerk = beta.lookup::<Clerk>("clerk").ok_or_else(|| anyhow::anyhow!("there is no clerk"))?;
    say(clerk.greet("beta".into()).await?);
    let asks: Vec<_> = (0..1_000).map(|_| tokio::spawn(clerk.greet("all of you".into()))).collect();
    for ask in asks {
        ask.await??;
    }
    say(clerk.greet("beta again".into()).await?);
    let text = "ab".repeat(1 << 20);
    let mirrored = clerk.mirror(text.clone()).await?;
    say(format_args!("{} bytes there and back: {}", text.len(), mirrored == "ba".repeat(1 << 20)));
    for peer in beta.peers() {
        let has_carried = peer.connection.bytes_sent > 2 << 20 && peer.connection.bytes_received > 2 << 20;
        say(format_args!("beta and {} share {} streams", peer.id.name, peer.connection.streams_open));
        say(format_args!("all of that went over them: {has_carried}"));
    }

    alpha.shutdown().await;
    // Stopped, or gone with its node: alpha says both, and either may be heard first.
    clerk.ended().await;
    say(format_args!("alpha is gone, and so is its clerk"));
    beta.shutdown().await;
    Ok(())
}

/// Prints a line, for as long as anybody reads.
fn say(line: impl Display) {
    drop(writeln!(io::stdout(), "{line}"));
}

#[cfg(test)]
mod tests;
