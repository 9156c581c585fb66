#![allow(unused)]

use murmer_core::Actor;
use murmer_macros::handlers;

struct Room;

impl Actor for Room {
    type State = Vec<u64>;
}

struct ReplyTo<T>(T);

#[handlers(crate = murmer_core)]
impl Room {
    #[handler]
    fn ask(&self, reply: ReplyTo<u64>) {}
}

fn main() {}
