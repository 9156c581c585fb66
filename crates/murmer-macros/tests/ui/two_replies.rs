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
    fn ask(&self, yes: ReplyTo<u64>, no: ReplyTo<u64>) {}
}

fn main() {}
