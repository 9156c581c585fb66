//! Places for connections whose peers are not trusted yet: so many in all, so many per IP address.
//!
//! Doesn't know what a connection is, nor when it becomes trusted: whoever holds a [`Place`] drops it.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use crate::Limits;

/// The places of one transport. Clones share them.
#[derive(Debug, Clone)]
pub(crate) struct Admission {
    max: usize,
    per_address_max: usize,
    taken: Arc<Mutex<BTreeMap<IpAddr, usize>>>,
}

/// One place, free again when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    address: IpAddr,
    taken: Arc<Mutex<BTreeMap<IpAddr, usize>>>,
}

impl Admission {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            max: limits.untrusted_max,
            per_address_max: limits.untrusted_per_address_max,
            taken: Arc::default(),
        }
    }

    /// A place for a dialer at `address`, unless all are taken.
    pub(crate) fn admit(&self, address: IpAddr) -> Option<Place> {
        let address = address.to_canonical();
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let own = taken.get(&address).copied().unwrap_or(0);
        if own >= self.per_address_max || taken.values().sum::<usize>() >= self.max {
            return None;
        }
        taken.insert(address, own + 1);
        Some(Place { address, taken: self.taken.clone() })
    }

    /// How many places are taken.
    pub(crate) fn taken(&self) -> usize {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).values().sum()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        match taken.get_mut(&self.address) {
            Some(own) if *own > 1 => *own -= 1,
            _ => {
                taken.remove(&self.address);
            }
        }
    }
}
