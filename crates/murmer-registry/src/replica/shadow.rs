//! A snapshot that is still arriving, beside the copy that lookups go on using.

use alloc::collections::BTreeMap;

use murmer_wire::ActorNumber;

use super::ENTRIES_PER_ORIGIN_MAX;
use crate::fingerprint::Fingerprint;
use crate::{Chunk, LAMPORT_MAX, Misbehaviour, Record};

/// What all chunks of one snapshot repeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) upto: u64,
    pub(crate) live: u64,
    pub(crate) fingerprint: u64,
    pub(crate) left: bool,
}

#[derive(Debug)]
pub(crate) struct Shadow {
    head: Head,
    next_index: u32,
    records: BTreeMap<ActorNumber, Record>,
    weight: usize,
    fingerprint: Fingerprint,
}

/// What became of a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// It fits; more follow.
    Partial,
    /// It was the last, and all is as announced.
    Whole,
    /// It is here already.
    Known,
    /// One before it is missing.
    Gap,
}

impl Shadow {
    /// Ready for the first chunk of the snapshot that `chunk` belongs to.
    pub(crate) fn new(chunk: &Chunk) -> Result<Self, Misbehaviour> {
        if chunk.live > ENTRIES_PER_ORIGIN_MAX as u64 {
            return Err(Misbehaviour::TooManyActors);
        }
        if chunk.left && chunk.live > 0 {
            return Err(Misbehaviour::SnapshotMismatch);
        }
        let (records, fingerprint) = (BTreeMap::new(), Fingerprint::default());
        Ok(Self { head: head_of(chunk), next_index: 0, records, weight: 0, fingerprint })
    }

    pub(crate) fn push(&mut self, chunk: Chunk) -> Result<Progress, Misbehaviour> {
        if chunk.index > self.next_index {
            return Ok(Progress::Gap);
        }
        if chunk.index < self.next_index {
            return Ok(Progress::Known);
        }
        // Else a chunk of nothing could follow another for ever.
        if chunk.records.is_empty() && !chunk.last {
            return Err(Misbehaviour::SnapshotMismatch);
        }
        for record in chunk.records {
            self.insert(record)?;
        }
        self.next_index += 1;
        if !chunk.last {
            return Ok(Progress::Partial);
        }
        let is_as_announced =
            self.records.len() as u64 == self.head.live && self.fingerprint.as_u64() == self.head.fingerprint;
        if is_as_announced { Ok(Progress::Whole) } else { Err(Misbehaviour::SnapshotMismatch) }
    }

    /// True if `chunk` belongs to this snapshot.
    pub(crate) fn is_of(&self, chunk: &Chunk) -> bool {
        head_of(chunk) == self.head
    }

    pub(crate) fn head(&self) -> Head {
        self.head
    }

    /// What the actors take of [`ENTRIES_PER_ORIGIN_MAX`].
    pub(crate) fn weight(&self) -> usize {
        self.weight
    }

    pub(crate) fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    pub(crate) fn into_records(self) -> BTreeMap<ActorNumber, Record> {
        self.records
    }

    fn insert(&mut self, record: Record) -> Result<(), Misbehaviour> {
        if record.lamport > LAMPORT_MAX {
            return Err(Misbehaviour::LamportTooLarge);
        }
        if self.records.len() as u64 >= self.head.live {
            return Err(Misbehaviour::SnapshotMismatch);
        }
        self.weight += record.attributes.weight();
        if self.weight > ENTRIES_PER_ORIGIN_MAX {
            return Err(Misbehaviour::TooManyActors);
        }
        self.fingerprint.insert(&record);
        match self.records.insert(record.number, record) {
            None => Ok(()),
            Some(twice) => Err(Misbehaviour::NumberTaken(twice.number)),
        }
    }
}

fn head_of(chunk: &Chunk) -> Head {
    Head { upto: chunk.upto, live: chunk.live, fingerprint: chunk.fingerprint, left: chunk.left }
}
