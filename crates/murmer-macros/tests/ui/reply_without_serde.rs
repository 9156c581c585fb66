#![allow(unused)]

use murmer_core::Actor;
use murmer_macros::handlers;

struct Room;

impl Actor for Room {
    type State = u64;
}

pub struct Picture(pub Vec<u8>);

#[handlers(crate = murmer_core)]
impl Room {
    #[handler]
    fn show(&self) -> Result<Picture, String> {
        Err("none".to_owned())
    }
}

fn main() {}
