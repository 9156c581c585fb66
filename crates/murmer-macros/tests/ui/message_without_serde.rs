#![allow(unused)]

use murmer_macros::Message;

#[derive(Message)]
#[message(crate = murmer_core)]
struct Deposit;

#[derive(Message, serde::Serialize, serde::Deserialize)]
#[message(crate = murmer_core, reply = std::time::Instant)]
struct Now;

fn main() {}
