//! A number that stands for a set of actors, whatever the order they came in.
//!
//! It finds mistakes, not forgeries: an origin that wants to lie about its own actors can.

use murmer_wire::{ActorNumber, Label, TypeName, Visibility};

use crate::{Attributes, Entry, Record};

/// The wrapping sum of the hashes of all actors in a set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Fingerprint(u64);

/// All that is said of an actor.
pub(crate) struct Said<'a> {
    number: ActorNumber,
    label: Option<&'a Label>,
    actor_type: &'a TypeName,
    lamport: u64,
    attributes: &'a Attributes,
}

impl Fingerprint {
    pub(crate) fn insert<'a>(&mut self, actor: impl Into<Said<'a>>) {
        self.0 = self.0.wrapping_add(hash(&actor.into()));
    }

    pub(crate) fn remove<'a>(&mut self, actor: impl Into<Said<'a>>) {
        self.0 = self.0.wrapping_sub(hash(&actor.into()));
    }

    pub(crate) fn as_u64(self) -> u64 {
        self.0
    }
}

impl<'a> From<&'a Record> for Said<'a> {
    fn from(record: &'a Record) -> Self {
        let Record { number, label, actor_type, lamport, attributes } = record;
        Self { number: *number, label: label.as_ref(), actor_type, lamport: *lamport, attributes }
    }
}

impl<'a> From<&'a Entry> for Said<'a> {
    fn from(entry: &'a Entry) -> Self {
        let Entry { id, label, actor_type, lamport, attributes } = entry;
        Self { number: id.number, label: label.as_ref(), actor_type, lamport: *lamport, attributes }
    }
}

fn hash(actor: &Said<'_>) -> u64 {
    let numbers = [actor.number.0, actor.lamport];
    let numbers = numbers.iter().flat_map(|number| number.to_le_bytes());
    let visibility = match actor.attributes.visibility {
        Visibility::Private => 0,
        Visibility::Unlisted => 1,
        Visibility::Listed => 2,
    };
    // 0xff occurs in no UTF-8, so the names can't run into each other, and none is empty.
    let label = actor.label.map_or("", Label::as_str).bytes().chain([0xff]);
    let actor_type = actor.actor_type.as_str().bytes().chain([0xff]);
    let groups = actor.attributes.groups.names().iter();
    let groups = groups.flat_map(|group| group.as_str().bytes().chain([0xff]));
    let bytes = numbers.chain([visibility]).chain(label).chain(actor_type).chain(groups);
    mixed(bytes.fold(FNV_OFFSET, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME)))
}

/// Spreads every bit over all others (the finalizer of SplitMix64): sums of plain FNV-1a would let
/// similar actors cancel out.
fn mixed(mut hash: u64) -> u64 {
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;
