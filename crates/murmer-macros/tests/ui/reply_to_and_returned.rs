#![allow(unused)]

use murmer_core::{Actor, ReplyTo};
use murmer_macros::handlers;

struct Room;

impl Actor for Room {
    type State = Vec<u64>;
}

#[handlers(crate = murmer_core)]
impl Room {
    #[handler]
    fn ask(&self, reply: ReplyTo<u64>) -> u64 {
        1
    }

    #[handler]
    fn watch(&self, reply: ReplyTo<Vec<u64>>) -> impl Sized {}
}

fn main() {}
