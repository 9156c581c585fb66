#![allow(unused)]

use murmer_core::{Actor, ReplyTo};
use murmer_macros::handlers;

struct Room;

impl Actor for Room {
    type State = Vec<u64>;
}

struct Unsendable;

#[handlers(crate = murmer_core)]
impl Room {
    #[handler]
    fn ask(&self, reply: ReplyTo<Unsendable>) {}
}

fn main() {}
