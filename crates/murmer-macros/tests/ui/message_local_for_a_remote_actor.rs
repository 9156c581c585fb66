#![allow(unused)]

use murmer_core::Actor;
use murmer_macros::{Message, handlers};

struct Room;

impl Actor for Room {
    type State = Vec<u64>;
}

#[derive(Message)]
#[message(local, crate = murmer_core)]
struct Deposit;

#[handlers(crate = murmer_core)]
impl Room {
    #[handler(message)]
    fn deposit(&self, message: Deposit) {}
}

fn main() {}
