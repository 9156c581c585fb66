//! Types of all shapes that count by themselves how many of them are read, and how deep.
//!
//! So it is seen from outside of the decoder how far it lets a type go; and plain postcard, which sets no
//! bounds, is stopped before it takes up all time or the stack.

use std::cell::Cell;
use std::collections::BTreeMap;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

/// A value that counts itself while it is read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Counted<T>(T);

/// An element without a byte.
pub(super) type Unit = Counted<()>;

/// A list written as nested boxes.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Chain(Option<Box<Counted<Self>>>);

/// Any number of branches, each a tree.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Tree(Vec<Counted<Self>>);

/// Keys without a byte, too, of which all but one are lost.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Map {
    named: BTreeMap<Counted<String>, Counted<Vec<u8>>>,
    empty: BTreeMap<Unit, ()>,
}

/// One variant of each kind, one of them recursive.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Shape {
    Unit,
    Newtype(Box<Counted<Self>>),
    Tuple(Option<u16>, Vec<Counted<Self>>),
    Struct { text: String, inner: Option<Box<Counted<Self>>> },
}

/// Numbers, texts and bytes of all sizes.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Mixed {
    flag: bool,
    small: [u8; 3],
    signed: (i16, i32, i64),
    letter: char,
    text: Option<String>,
    bytes: Vec<Counted<u8>>,
    nothing: (),
    float: f32,
}

/// Pairs of nothing and something.
pub(super) type Pairs = Vec<Counted<((), u8, Vec<Unit>)>>;

/// What was read.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Count {
    pub(super) elements: usize,
    /// The deepest level.
    pub(super) depth: usize,
}

/// What `read` returns, and what it has read.
pub(super) fn counting<R>(read: impl FnOnce() -> R) -> (R, Count) {
    COUNT.set(Count::default());
    LEVEL.set(0);
    let read = read();
    (read, COUNT.get())
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Counted<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let level = LEVEL.get() + 1;
        let Count { elements, depth } = COUNT.get();
        COUNT.set(Count { elements: elements + 1, depth: depth.max(level) });
        if elements == ELEMENTS_MAX || level > LEVELS_MAX {
            return Err(D::Error::custom("enough"));
        }
        LEVEL.set(level);
        let value = T::deserialize(deserializer);
        LEVEL.set(level - 1);
        value.map(Self)
    }
}

thread_local! {
    static COUNT: Cell<Count> = const { Cell::new(Count { elements: 0, depth: 0 }) };
    static LEVEL: Cell<usize> = const { Cell::new(0) };
}

/// More than the bounded decoder lets through for what a fuzzer sends.
const ELEMENTS_MAX: usize = 20_000;
const LEVELS_MAX: usize = 200;
