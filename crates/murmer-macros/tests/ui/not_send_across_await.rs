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
    async fn post(&mut self) {
        let held = std::rc::Rc::new(1);
        std::future::ready(()).await;
        drop(held);
    }
}

fn main() {}
