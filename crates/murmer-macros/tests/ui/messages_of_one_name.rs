#![allow(unused)]

use murmer_core::Actor;
use murmer_macros::{Message, handlers};
use serde::{Deserialize, Serialize};

struct Room;

impl Actor for Room {
    type State = Vec<u64>;
}

#[derive(Serialize, Deserialize, Message)]
#[message(name = "bank::Deposit", crate = murmer_core)]
struct Deposit;

#[derive(Serialize, Deserialize, Message)]
#[message(name = "bank::Deposit", crate = murmer_core)]
struct Other;

#[handlers(crate = murmer_core)]
impl Room {
    #[handler(message)]
    fn deposit(&self, message: Deposit) {}

    #[handler(message)]
    fn other(&self, message: Other) {}
}

fn main() {}
