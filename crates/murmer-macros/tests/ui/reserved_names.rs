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
    fn send(&self) {}

    #[handler]
    fn clone(&self) {}

    #[handler]
    fn envelope(&self) {}

    #[handler]
    fn ext(&self) {}

    #[handler]
    fn __(&self) {}
}

fn main() {}
