#![allow(unused)]

use murmer_core::Actor;
use murmer_macros::handlers;

struct Room;

impl Actor for Room {
    type State = u64;
}

#[handlers(crate = murmer_core, remote)]
impl Room {
    #[handler]
    fn post(&self) {}
}

fn main() {}
