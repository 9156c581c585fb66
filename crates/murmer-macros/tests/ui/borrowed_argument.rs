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
    fn post(&mut self, text: &str, tags: &[String], other: &u64) {}

    #[handler]
    fn nested(&self, words: Vec<&'static str>, cow: std::borrow::Cow<'_, str>) {}
}

fn main() {}
