#![allow(unused)]

use futures_core::Stream;
use murmer_core::Actor;
use murmer_macros::handlers;

struct Room;

impl Actor for Room {
    type State = Vec<u64>;
}

struct Unsendable;

struct Numbers;

impl Stream for Numbers {
    type Item = Unsendable;

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Unsendable>> {
        std::task::Poll::Ready(None)
    }
}

#[handlers(crate = murmer_core)]
impl Room {
    #[handler]
    fn numbers(&self) -> impl Stream<Item = Unsendable> {
        Numbers
    }
}

fn main() {}
