#![allow(unused)]

use murmer_core::Actor;
use murmer_macros::handlers;

struct Room;

impl Actor for Room {
    type State = Vec<u64>;
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Deposit;

#[handlers(crate = murmer_core, local)]
impl Room {
    #[handler(message)]
    fn deposit(&self, message: Deposit) {}
}

fn main() {}
