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
    const N: u8 = 1;

    #[handler]
    #[handler]
    fn post(&mut self) {}
}

fn main() {}
