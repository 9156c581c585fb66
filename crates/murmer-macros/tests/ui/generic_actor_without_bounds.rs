#![allow(unused)]

use murmer_core::Actor;
use murmer_macros::handlers;

struct Store<T>(T);

impl<T: Send + 'static> Actor for Store<T> {
    type State = ();
}

struct Table<K, V>(K, V);

impl<K: Send + 'static, V: Send + 'static> Actor for Table<K, V> {
    type State = ();
}

#[handlers(crate = murmer_core, local)]
impl<T> Store<T> {
    #[handler]
    fn put(&mut self, thing: T) {
        self.0 = thing;
    }
}

#[handlers(crate = murmer_core)]
impl<K, V> Table<K, V>
where
    V: murmer_core::Wire,
{
    #[handler]
    fn put(&mut self, key: K, value: V) {}
}

fn main() {}
