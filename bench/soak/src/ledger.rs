//! The actor that is asked and told: it enters what it handles.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use murmer::prelude::*;

use crate::book::Book;

pub(crate) struct Ledger {
    pub(crate) book: Arc<Book>,
}

impl Actor for Ledger {
    /// The last number of each sender.
    type State = HashMap<u64, u64>;
}

#[handlers]
impl Ledger {
    /// Enters a message; answers its number.
    #[handler]
    fn enter(&mut self, last: &mut HashMap<u64, u64>, sender: u64, number: u64, payload: Bytes) -> u64 {
        self.book.handled((sender, number));
        std::hint::black_box(payload);
        if let Some(last) = last.insert(sender, number).filter(|last| *last >= number) {
            self.book.violated(format!("{number} of sender {sender} was handled after {last}"));
        }
        number
    }

    /// Takes no message for a while.
    #[handler]
    async fn doze(&mut self, span: Duration) {
        tokio::time::sleep(span).await; // tidy: sleep what a slow handler does
    }

    /// Counts from 0.
    #[handler]
    fn count(&mut self, to: u64) -> impl Stream<Item = u64> {
        Count { next: 0, to }
    }
}

struct Count {
    next: u64,
    to: u64,
}

impl Stream for Count {
    type Item = u64;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u64>> {
        let next = self.next;
        self.next += 1;
        Poll::Ready((next < self.to).then_some(next))
    }
}
