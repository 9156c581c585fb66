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
    fn first(&self, state: &mut u64) -> &u64 {
        &1
    }

    #[handler]
    fn name(&self) -> Option<&'static str> {
        None
    }
}

fn main() {}
