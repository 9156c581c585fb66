#![allow(unused)]

use murmer_core::{Actor, ReplyTo};
use murmer_macros::{Message, handlers};

struct Room;

impl Actor for Room {
    type State = Vec<u64>;
}

#[derive(Message)]
#[message(reply = u64, local, crate = murmer_core)]
struct Deposit;

#[derive(Message)]
#[message(reply = u64, local, crate = murmer_core)]
struct Withdraw;

#[derive(Message)]
#[message(local, crate = murmer_core)]
struct Close;

#[handlers(crate = murmer_core, local)]
impl Room {
    #[handler(message)]
    fn deposit(&self, message: Deposit) -> Vec<String> {
        Vec::new()
    }

    #[handler(message)]
    fn withdraw(&self, message: Withdraw, reply: ReplyTo<u8>) {}

    #[handler(message)]
    fn close(&self, message: Close) -> bool {
        true
    }
}

fn main() {}
