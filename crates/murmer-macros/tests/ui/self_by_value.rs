#![allow(unused)]

use murmer_core::Actor;
use murmer_macros::handlers;

struct Room;

impl Actor for Room {
    type State = u64;
}

#[handlers(crate = murmer_core)]
impl Room {
    #[handler]
    fn take(self) {}

    #[handler]
    fn boxed(self: Box<Self>) {}
}

fn main() {}
