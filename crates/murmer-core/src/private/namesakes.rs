//! Types of one name, and what other nodes are told instead so that they can be told apart.
//!
//! A type is known by its crate and its name, wherever in the crate it is. Two that share such a name are told
//! apart by their full paths. Those that share these as well can't be, and other nodes don't hear of them.
//!
//! The compiler decides what a path looks like. It may differ between its versions, and then such actors are
//! not found; it is never another type's.
//!
//! Doesn't know what names are compared for.

use core::any::{TypeId, type_name};
use core::fmt;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{OnceLock, PoisonError, RwLock};

use crate::Handlers;
use crate::private::{ACTOR_TYPES, ActorTypeInfo, NAMED_TYPES, NamedTypeInfo};

/// What other nodes know the type by; `None` if there is nothing by which they could.
pub fn told_name<A: Handlers>() -> Option<&'static str> {
    let names = names();
    if names.by_name.is_empty() {
        return Some(A::TYPE);
    }
    let known = TOLD.read().unwrap_or_else(PoisonError::into_inner).get(&TypeId::of::<A>()).copied();
    known.unwrap_or_else(|| {
        let mut told = TOLD.write().unwrap_or_else(PoisonError::into_inner);
        // Leaked once for each type of the program that needs it.
        *told.entry(TypeId::of::<A>()).or_insert_with(|| match names.told(A::TYPE, type_name::<A>()) {
            Told::AsNamed => Some(A::TYPE),
            Told::InFull(name) => Some(&*name.leak()),
            Told::Not => None,
        })
    })
}

/// The actor types of this program that other nodes can be told of by a name of their own, each with it.
pub fn told_types() -> &'static [(&'static str, &'static ActorTypeInfo)] {
    static TYPES: OnceLock<Vec<(&str, &ActorTypeInfo)>> = OnceLock::new();
    let told = |info: &'static ActorTypeInfo| match names().told(info.name, (info.type_name)()) {
        Told::AsNamed => Some((info.name, info)),
        Told::InFull(name) => Some((&*name.leak(), info)),
        Told::Not => None,
    };
    TYPES.get_or_init(|| ACTOR_TYPES.iter().filter_map(told).collect())
}

/// All names that several types of this program share.
pub fn namesakes() -> impl Iterator<Item = &'static Namesakes> {
    names().by_name.values()
}

/// What the type told as `told` is called by itself.
pub fn bare_name(told: &str) -> &str {
    told.split_once(IN_FULL).map_or(told, |(bare, _)| bare)
}

/// Types that share a name.
#[derive(Debug)]
pub struct Namesakes {
    name: &'static str,
    /// Where each is.
    places: Vec<String>,
    kind: Kind,
    /// Whether nothing tells them apart.
    pub are_one: bool,
}

impl fmt::Display for Namesakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (plural, option) = match self.kind {
            Kind::Actor | Kind::GenericActor => ("actor types", "#[handlers(name = \"…\")]"),
            Kind::Parameter => ("types with `Wire`", "#[wire(name = \"…\")]"),
        };
        let Self { name, places, .. } = self;
        write!(f, "{} {plural} have the name {name} on other nodes: {}. ", places.len(), places.join(", "))?;
        let harm = if self.are_one {
            "Nothing tells them apart, so no other node can find such actors or call them"
        } else {
            "They are told apart by their paths, but not by nodes whose program has only one of them: those \
             don't find such actors"
        };
        write!(f, "{harm}. Give all but one another name, with {option}")
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// By its whole name.
    Actor,
    /// By its name without that of its parameters.
    GenericActor,
    Parameter,
}

#[derive(Debug, PartialEq, Eq)]
enum Told {
    AsNamed,
    InFull(String),
    Not,
}

#[derive(Debug)]
struct Names {
    by_name: BTreeMap<(Kind, &'static str), Namesakes>,
}

impl Names {
    fn new<'a>(
        actors: impl IntoIterator<Item = &'a ActorTypeInfo>,
        named: impl IntoIterator<Item = &'a NamedTypeInfo>,
    ) -> Self {
        let mut held: BTreeMap<(Kind, &str), Vec<Holder>> = BTreeMap::new();
        for info in named {
            let kind = if info.is_actor { Kind::GenericActor } else { Kind::Parameter };
            let place = format!("in {} ({}:{})", info.module, info.file, info.line);
            held.entry((kind, info.name)).or_default().push(Holder { path: info.module, place });
        }
        for info in actors {
            let path = (info.type_name)();
            let holder = Holder { path, place: format!("{path} ({}:{})", info.file, info.line) };
            // Written for `Shelf<u8>` alone, beside another `Shelf` that is for all.
            if let Some((base, _)) = info.name.split_once('<')
                && let Some(holders) = held.get_mut(&(Kind::GenericActor, base))
            {
                holders.push(holder.clone());
            }
            held.entry((Kind::Actor, info.name)).or_default().push(holder);
        }
        let by_name = held.into_iter().filter(|(_, holders)| holders.len() > 1);
        Self { by_name: by_name.map(|(key, holders)| (key, Namesakes::new(key, &holders))).collect() }
    }

    /// What to tell of the actor type `name` with the full path `path`.
    fn told(&self, name: &str, path: &str) -> Told {
        let whole = self.by_name.get(&(Kind::Actor, name));
        let mut parts = name.split(['<', ',', '>']);
        let base = parts.next().and_then(|base| self.by_name.get(&(Kind::GenericActor, base)));
        let parameters = parts.filter_map(|part| self.by_name.get(&(Kind::Parameter, part)));
        let shared: Vec<_> = whole.into_iter().chain(base).chain(parameters).collect();
        match shared.is_empty() {
            true => Told::AsNamed,
            false if shared.iter().any(|namesakes| namesakes.are_one) => Told::Not,
            false => Told::InFull(format!("{name}{IN_FULL}{path}")),
        }
    }
}

/// One of several types of a name.
#[derive(Clone)]
struct Holder {
    path: &'static str,
    place: String,
}

impl Namesakes {
    fn new((kind, name): (Kind, &'static str), holders: &[Holder]) -> Self {
        let paths: BTreeSet<_> = holders.iter().map(|holder| holder.path).collect();
        let places = holders.iter().map(|holder| holder.place.clone()).collect();
        Self { name, places, kind, are_one: paths.len() < holders.len() }
    }
}

fn names() -> &'static Names {
    static NAMES: OnceLock<Names> = OnceLock::new();
    NAMES.get_or_init(|| Names::new(ACTOR_TYPES, NAMED_TYPES))
}

static TOLD: RwLock<BTreeMap<TypeId, Option<&str>>> = RwLock::new(BTreeMap::new());
/// Between a name that several types share and the path of the one that is meant. No type is called so.
const IN_FULL: &str = " = ";

#[cfg(test)]
mod tests {
    use super::*;

    const fn actor(name: &'static str, type_name: fn() -> &'static str) -> ActorTypeInfo {
        ActorTypeInfo { name, messages: &[], type_name, file: "shop.rs", line: 3 }
    }

    const fn named(name: &'static str, module: &'static str, is_actor: bool) -> NamedTypeInfo {
        NamedTypeInfo { name, is_actor, module, file: "shop.rs", line: 7 }
    }

    fn check(actors: &[ActorTypeInfo], named: &[NamedTypeInfo], name: &str, told: &Told) {
        assert_eq!(Names::new(actors, named).told(name, "path"), *told, "{name} {actors:?} {named:?}");
    }

    fn in_full(name: &str) -> Told {
        Told::InFull(format!("{name} = path"))
    }

    #[test]
    fn who_has_a_name_alone_is_told_by_it() {
        let actors = [actor("shop::Till", || "shop::a::Till"), actor("shop::Desk", || "shop::Desk")];
        check(&actors, &[], "shop::Till", &Told::AsNamed);
        // An actor and a parameter of one name never stand in one place.
        let named = [named("shop::Till", "shop", false), named("shop::Desk", "shop", true)];
        check(&actors, &named, "shop::Till", &Told::AsNamed);
        check(&actors, &named, "shop::Desk", &Told::AsNamed);
        check(&actors, &named, "shop::Desk<shop::Till>", &Told::AsNamed);
        // One type, written for several parameters.
        let actors =
            [actor("shop::Box<u8>", || "shop::Box<u8>"), actor("shop::Box<u16>", || "shop::Box<u16>")];
        check(&actors, &named, "shop::Box<u8>", &Told::AsNamed);
    }

    #[test]
    fn who_shares_a_name_is_told_in_full() {
        let actors = [actor("shop::Till", || "shop::a::Till"), actor("shop::Till", || "shop::b::Till")];
        check(&actors, &[], "shop::Till", &in_full("shop::Till"));
        check(&actors, &[], "shop::Desk", &Told::AsNamed);
        let items = [named("shop::Item", "shop::a", false), named("shop::Item", "shop::b", false)];
        check(&[], &items, "shop::Shelf<u8,Vec<shop::Item>>", &in_full("shop::Shelf<u8,Vec<shop::Item>>"));
        check(&[], &items, "shop::Shelf<u8,Vec<u8>>", &Told::AsNamed);
        let shelves = [named("shop::Shelf", "shop::a", true), named("shop::Shelf", "shop::b", true)];
        check(&[], &shelves, "shop::Shelf<u8>", &in_full("shop::Shelf<u8>"));
        let actors = [actor("shop::Shelf<u8>", || "shop::b::Shelf<u8>")];
        check(&actors, &shelves[..1], "shop::Shelf<u8>", &in_full("shop::Shelf<u8>"));
    }

    #[test]
    fn who_shares_a_path_as_well_is_not_told_of() {
        let actors = [actor("shop::Till", || "shop::Till"), actor("shop::Till", || "shop::Till")];
        check(&actors, &[], "shop::Till", &Told::Not);
        let items = [named("shop::Item", "shop", false), named("shop::Item", "shop", false)];
        check(&[], &items, "shop::Shelf<shop::Item>", &Told::Not);
    }

    #[test]
    fn what_is_said_of_namesakes_names_each_and_a_way_out() {
        let actors = [actor("shop::Till", || "shop::a::Till"), actor("shop::Till", || "shop::b::Till")];
        let items = [named("shop::Item", "shop::a", false), named("shop::Item", "shop::a", false)];
        let said: Vec<_> = Names::new(&actors, &items).by_name.values().map(ToString::to_string).collect();
        assert_eq!(
            said,
            [
                "2 actor types have the name shop::Till on other nodes: shop::a::Till (shop.rs:3), \
                 shop::b::Till (shop.rs:3). They are told apart by their paths, but not by nodes whose program \
                 has only one of them: those don't find such actors. Give all but one another name, with \
                 #[handlers(name = \"…\")]",
                "2 types with `Wire` have the name shop::Item on other nodes: in shop::a (shop.rs:7), \
                 in shop::a (shop.rs:7). Nothing tells them apart, so no other node can find such actors or \
                 call them. Give all but one another name, with #[wire(name = \"…\")]",
            ]
        );
    }

    #[test]
    fn a_name_in_full_says_the_bare_one() {
        assert_eq!(bare_name("shop::Till = shop::a::Till"), "shop::Till");
        assert_eq!(bare_name("shop::Till"), "shop::Till");
    }
}
