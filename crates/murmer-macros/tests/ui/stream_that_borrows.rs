#![allow(unused)]

use futures_core::Stream;
use murmer_core::Actor;
use murmer_macros::handlers;

struct Room;

impl Actor for Room {
    type State = Vec<u64>;
}

struct Items<T>(Option<T>);

impl<T> Stream for Items<T> {
    type Item = T;

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<T>> {
        std::task::Poll::Ready(None)
    }
}

#[handlers(crate = murmer_core)]
impl Room {
    #[handler]
    fn named(&self) -> impl Stream<Item = u64> + '_ {
        Items(None)
    }

    #[handler]
    fn captured<'a>(&'a self) -> impl Stream<Item = u64> + use<'a> {
        Items(None)
    }

    #[handler]
    fn lines(&self) -> impl Stream<Item = &str> {
        Items(None)
    }
}

fn main() {}
