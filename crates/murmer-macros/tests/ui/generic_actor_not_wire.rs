#![allow(unused)]

use murmer_core::{Actor, System, Wire};
use murmer_macros::handlers;

struct Store<T>(T);

impl<T: Wire> Actor for Store<T> {
    type State = ();
}

#[handlers(crate = murmer_core)]
impl<T: Wire> Store<T> {
    #[handler]
    fn count(&self) -> usize {
        1
    }
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Nameless;

fn main() {
    System::local().start("store", Store(Nameless), ());
}
