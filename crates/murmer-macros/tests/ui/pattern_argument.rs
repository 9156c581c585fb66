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
    fn post(&mut self, (from, text): (String, String)) {}

    #[handler]
    fn ignore(&mut self, _: u8) {}

    #[handler]
    fn both(&mut self, all @ _: u8) {}
}

fn main() {}
