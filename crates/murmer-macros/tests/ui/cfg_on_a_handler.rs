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
    #[cfg(unix)]
    fn post(&self) {}

    #[handler]
    fn part(&self, #[cfg(unix)] number: u8) {}
}

fn main() {}
