#![allow(unused)]

use futures_core::Stream;
use murmer_core::Actor;
use murmer_macros::handlers;

struct Room;

impl Actor for Room {
    type State = Vec<u64>;
}

struct Numbers(std::rc::Rc<u64>);

impl Stream for Numbers {
    type Item = u64;

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<u64>> {
        std::task::Poll::Ready(None)
    }
}

#[handlers(crate = murmer_core)]
impl Room {
    #[handler]
    fn numbers(&self) -> impl Stream<Item = u64> {
        Numbers(std::rc::Rc::new(1))
    }
}

fn main() {}
