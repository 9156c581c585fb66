//! Types that can be the parameters of a generic actor whose messages leave the process.
//!
//! Doesn't know how they are written; serde does.

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::hash::Hash;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::WireName;

/// A type that other nodes know by a name, for the parameters of generic actors.
///
/// An actor `Cache<T>` is one type to the compiler and many to its callers: its name on the wire is made of
/// its own and those of its parameters, such as `shop::Cache<u64>`. So each of them needs one that is the
/// same in all builds. Write `impl<T: Wire> Cache<T>` under `#[handlers]`, and `#[derive(Wire)]` on types of
/// your own.
///
/// # Examples
///
/// ```
/// use murmer::Wire;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize, Wire)]
/// #[wire(name = "shop::Item")]
/// struct Item {
///     price: u64,
/// }
///
/// assert_eq!(<Option<Vec<Item>>>::NAME.as_str(), "Option<Vec<shop::Item>>");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no name on other nodes",
    label = "parameter of an actor whose messages leave the process",
    note = "for a type of your own, write `#[derive(Wire)]`; for a parameter, add the bound `Wire` to it",
    note = "if the actor is only used within one process, write `#[handlers(local)]` instead"
)]
pub trait Wire: Serialize + DeserializeOwned + Send + 'static {
    /// What other nodes know the type by.
    const NAME: WireName;
}

macro_rules! plain {
    ($($ty:ty),+) => {
        $(impl Wire for $ty {
            const NAME: WireName = WireName::new(stringify!($ty));
        })+
    };
}

macro_rules! generic {
    ($($name:literal: $ty:ty where [$($param:ident($($bound:ident)*))+];)+) => {
        $(impl<$($param: Wire $(+ $bound)*),+> Wire for $ty {
            const NAME: WireName = WireName::new($name).with(&[$($param::NAME),+]);
        })+
    };
}

plain!((), bool, char, String, Duration);
plain!(u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize, f32, f64);

generic! {
    "Option": Option<T> where [T()];
    "Result": Result<T, E> where [T() E()];
    "Box": Box<T> where [T()];
    "Vec": Vec<T> where [T()];
    "VecDeque": VecDeque<T> where [T()];
    "BTreeSet": BTreeSet<T> where [T(Ord)];
    "BTreeMap": BTreeMap<K, V> where [K(Ord) V()];
    "HashSet": HashSet<T> where [T(Eq Hash)];
    "HashMap": HashMap<K, V> where [K(Eq Hash) V()];
    "tuple": (A,) where [A()];
    "tuple": (A, B) where [A() B()];
    "tuple": (A, B, C) where [A() B() C()];
    "tuple": (A, B, C, D) where [A() B() C() D()];
}
