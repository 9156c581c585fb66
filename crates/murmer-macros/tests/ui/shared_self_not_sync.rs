#![allow(unused)]

use murmer_core::Actor;
use murmer_macros::handlers;

struct Room;

impl Actor for Room {
    type State = u64;
}

struct Cache(std::cell::Cell<u8>);

impl Actor for Cache {
    type State = ();
}

#[handlers(crate = murmer_core)]
impl Cache {
    #[handler]
    async fn read(&self) -> u8 {
        std::future::ready(()).await;
        self.0.get()
    }
}

fn main() {}
