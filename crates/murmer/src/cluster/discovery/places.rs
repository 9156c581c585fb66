//! What the node's machine knows by number: the places that discoveries found.
//!
//! Holds as many as the machine remembers, which says of each when it is forgotten.

use std::collections::HashMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use murmer_node::{Input, PlaceId};

use super::{Hint, News};
use crate::cluster::Seed;

#[derive(Debug, Default)]
pub(in crate::cluster) struct Places {
    numbers: HashMap<(usize, String), PlaceId>,
    places: HashMap<PlaceId, (usize, Arc<Place>)>,
    last: u64,
}

/// A place, and where it is.
#[derive(Debug)]
pub(in crate::cluster) struct Place {
    name: String,
    pub(in crate::cluster) seeds: Vec<Seed>,
}

impl Places {
    /// What a hint is to the machine, if anything.
    pub(in crate::cluster) fn hear(&mut self, hint: Hint) -> Option<Input> {
        let Hint { source, name, news } = hint;
        let number = self.numbers.get(&(source, name.clone())).copied();
        match news {
            News::Gone => number.map(Input::Gone),
            News::Found(seeds) => {
                let place = number.unwrap_or_else(|| {
                    self.last += 1;
                    PlaceId(self.last)
                });
                self.numbers.insert((source, name.clone()), place);
                let addrs: Vec<SocketAddr> = seeds.iter().filter_map(Seed::addr).collect();
                self.places.insert(place, (source, Arc::new(Place { name, seeds })));
                Some(Input::Found { place, addrs })
            }
        }
    }

    pub(in crate::cluster) fn forget(&mut self, place: PlaceId) {
        if let Some((source, place)) = self.places.remove(&place) {
            self.numbers.remove(&(source, place.name.clone()));
        }
    }

    pub(in crate::cluster) fn get(&self, place: PlaceId) -> Option<Arc<Place>> {
        self.places.get(&place).map(|(_, place)| place.clone())
    }
}

/// Where it is. Not what it is called: that is whatever somebody on the network likes.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.seeds[..] {
            [] => f.write_str("nowhere"),
            [only] => only.fmt(f),
            [first, others @ ..] => write!(f, "{first} (or {} more)", others.len()),
        }
    }
}

#[cfg(test)]
mod tests;
