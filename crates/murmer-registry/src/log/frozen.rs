//! What a log amounted to at one position, kept while it is being sent.

use alloc::vec::Vec;

use murmer_wire::NodeId;

use crate::{CHUNK_RECORDS_MAX, Chunk, Record};

#[derive(Debug)]
pub(crate) struct Frozen {
    pub(crate) origin: NodeId,
    pub(crate) upto: u64,
    pub(crate) left: bool,
    pub(crate) fingerprint: u64,
    pub(crate) records: Vec<Record>,
}

impl Frozen {
    /// The chunk that starts at record `start`, of about `bytes_max` bytes; at least one record, if
    /// there is one.
    pub(crate) fn chunk(&self, index: u32, start: usize, bytes_max: usize) -> Chunk {
        let mut bytes = 0;
        let mut end = start;
        while end < self.records.len() && end - start < CHUNK_RECORDS_MAX {
            bytes += self.records[end].bytes();
            if bytes > bytes_max && end > start {
                break;
            }
            end += 1;
        }
        Chunk {
            origin: self.origin.clone(),
            upto: self.upto,
            live: self.records.len() as u64,
            fingerprint: self.fingerprint,
            left: self.left,
            index,
            last: end == self.records.len(),
            records: self.records[start..end].to_vec(),
        }
    }
}
