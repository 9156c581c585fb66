//! Actors to count.

use std::time::Duration;

use crate::prelude::*;

pub(super) struct Watched;

impl Actor for Watched {
    type State = ();
}

#[handlers(crate = crate)]
impl Watched {
    #[handler]
    fn echo(&mut self, n: u64) -> u64 {
        n
    }

    #[handler]
    fn fail(&mut self) -> u64 {
        panic!("as asked")
    }

    #[handler]
    async fn nap(&mut self, nap: Duration) {
        tokio::time::sleep(nap).await; // tidy: sleep that is what is asked for
    }
}
