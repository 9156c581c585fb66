#![allow(unused)]

use murmer_core::{Actor, ActorContext};
use murmer_macros::handlers;

struct Room;

impl Actor for Room {
    type State = u64;
}

#[handlers(crate = murmer_core)]
impl Room {
    #[handler]
    fn post(&mut self, ctx: &mut ActorContext<Self>) {}

    #[handler]
    fn own(&mut self, ctx: ActorContext<Self>) {}
}

fn main() {}
