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

#[handlers(crate = murmer_core, local)]
impl Room {
    #[handler(message)]
    fn none(&self, state: &mut Vec<u64>) {}

    #[handler(message)]
    fn two(&self, message: Deposit, cents: u64) {}

    #[handler(message)]
    fn borrowed(&self, message: &Deposit) {}
}

fn main() {}
