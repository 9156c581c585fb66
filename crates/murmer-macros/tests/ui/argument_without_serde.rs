#![allow(unused)]

use murmer_core::Actor;
use murmer_macros::handlers;

struct Room;

impl Actor for Room {
    type State = u64;
}

#[derive(Clone)]
struct Picture(Vec<u8>);

#[handlers(crate = murmer_core)]
impl Room {
    #[handler]
    fn show(&self, caption: String, picture: Picture) {}
}

fn main() {}
