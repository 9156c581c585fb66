#![allow(unused)]

use murmer_core::Actor;
use murmer_macros::handlers;

struct Borrowing<'a>(&'a str);

#[handlers(crate = murmer_core)]
impl<'a> Borrowing<'a> {
    #[handler]
    fn count(&self) -> usize {
        1
    }
}

#[handlers(crate = murmer_core)]
impl Borrowing<'_> {
    #[handler]
    fn size(&self) -> usize {
        1
    }
}

struct Lettered<const C: char>;

impl<const C: char> Actor for Lettered<C> {
    type State = ();
}

#[handlers(crate = murmer_core)]
impl<const C: char> Lettered<C> {
    #[handler]
    fn count(&self) -> usize {
        1
    }
}

fn main() {}
