//! The server's side of the pipe: starts the actors it is told to, until the pipe is closed.

use std::io::BufRead;

use anyhow::{Context, Result};
use tokio::sync::mpsc;

use super::Network;
use super::child::{LISTENING, STARTED};
use super::subject::{Server, label};

pub(super) async fn run<S: Server>(network: Network) -> Result<()> {
    let (server, addr) = S::open(network).await?;
    println!("{LISTENING} {addr}");
    let (orders, mut receiver) = mpsc::channel(1);
    // A thread, since a pipe can't be awaited everywhere.
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if orders.blocking_send(line).is_err() {
                return;
            }
        }
        // Whoever had it started is gone.
        std::process::exit(0);
    });
    while let Some(order) = receiver.recv().await {
        let (from, to) = order.split_once(' ').context("an order is two numbers")?;
        for number in from.parse::<usize>()?..to.parse()? {
            server.start(&label(number)).await?;
        }
        println!("{STARTED}");
    }
    Ok(())
}
