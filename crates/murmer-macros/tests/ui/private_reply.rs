#![allow(unused)]

use murmer_core::Actor;
use murmer_macros::handlers;

mod inner {
    pub struct Room;

    impl super::Actor for Room {
        type State = ();
    }

    #[derive(serde::Serialize, serde::Deserialize)]
    struct Count(u64);

    #[super::handlers(crate = murmer_core)]
    impl Room {
        #[handler]
        fn count(&self) -> Count {
            Count(1)
        }
    }
}

fn main() {}
