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
    fn later(&self) -> impl Future<Output = u64> + Send {
        std::future::ready(1)
    }
}

fn main() {}
