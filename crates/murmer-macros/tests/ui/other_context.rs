#![allow(unused)]

use murmer_core::{Actor, ActorContext};
use murmer_macros::handlers;

struct Room;

impl Actor for Room {
    type State = u64;
}

struct Other;

#[handlers(crate = murmer_core)]
impl Room {
    #[handler]
    fn post(&mut self, ctx: &ActorContext<Other>) {}
}

fn main() {}
