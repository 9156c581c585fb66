#![allow(unused)]

use murmer_core::Actor;
use murmer_macros::handlers;

struct Store<T>(T);

impl<T: Send + 'static> Actor for Store<T> {
    type State = ();
}

#[handlers(crate = murmer_core, local)]
impl<T: Send + 'static> Store<T> {
    #[handler]
    async fn count(&self) -> usize {
        1
    }
}

fn main() {}
