//! Memory to encode into, one piece per thread: a message costs no allocation of its own.

use std::cell::Cell;

use bytes::BytesMut;
use murmer_node::Draft;

thread_local! {
    static SCRATCH: Cell<BytesMut> = Cell::default();
}

/// Encodes. Not to be called with a lock in hand: how long it takes is up to the value's type.
pub(super) fn draft<E>(encode: &mut dyn FnMut(&mut BytesMut) -> Result<(), E>) -> Result<Draft, E> {
    // Taken rather than borrowed: a value that sends messages while it encodes finds none, and makes one.
    Draft::encode(SCRATCH.try_with(Cell::take).unwrap_or_default(), encode)
}

/// The draft has been written: its memory is for the next one.
pub(super) fn reuse(draft: Draft) {
    let scratch = draft.into_scratch();
    if scratch.capacity() <= SCRATCH_BYTES_MAX {
        // Fails only in a thread that ends.
        let _ = SCRATCH.try_with(|kept| kept.set(scratch));
    }
}

/// Memory that a thread keeps. Little more than what is copied rather than handed on.
const SCRATCH_BYTES_MAX: usize = 32 << 10;
