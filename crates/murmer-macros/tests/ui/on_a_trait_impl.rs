#![allow(unused)]

use murmer_core::Actor;
use murmer_macros::handlers;

struct Room;

impl Actor for Room {
    type State = u64;
}

#[handlers(crate = murmer_core)]
impl Clone for Room {
    #[handler]
    fn clone(&self) -> Self {
        Room
    }
}

fn main() {}
