//! Numbers that stand for messages, and the names of types, both worked out by the compiler.

use core::fmt;

use serde::{Deserialize, Serialize};

/// What stands for a message on the wire: a hash of its actor's type, its method and its signature.
///
/// Two builds agree on a key exactly when they agree on all of these as written, so a changed
/// signature is an unknown message rather than a misread one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MessageKey(pub u64);

impl MessageKey {
    /// The key of `signature` (method, argument types and reply type as written) of the type named
    /// `actor_type`.
    ///
    /// 64-bit FNV-1a: short enough to run in a `const`. A type has few messages, and the peers that
    /// choose them are trusted to call the actor anyway, so collisions are not a threat.
    pub const fn of(actor_type: &str, signature: &str) -> Self {
        let hash = fnv1a(FNV_OFFSET, actor_type.as_bytes());
        // A separator no name contains: ("a", "bc") and ("ab", "c") differ.
        Self(fnv1a(fnv1a(hash, &[0]), signature.as_bytes()))
    }
}

impl fmt::Debug for MessageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// How many bytes of `module_path` are the crate's name.
pub const fn crate_name_len(module_path: &str) -> usize {
    let bytes = module_path.as_bytes();
    let mut len = 0;
    while len < bytes.len() && bytes[len] != b':' {
        len += 1;
    }
    len
}

/// The crate's name in `module_path`, followed by `rest`; `N` must be the sum of their lengths.
///
/// # Panics
///
/// When `N` is anything else; in a `const`, where this is meant to run, that is a compile error.
pub const fn join_name<const N: usize>(module_path: &str, rest: &str) -> [u8; N] {
    let crate_len = crate_name_len(module_path);
    assert!(crate_len + rest.len() == N, "N is not the length of the joined name");
    let mut joined = [0; N];
    let mut at = 0;
    while at < N {
        joined[at] =
            if at < crate_len { module_path.as_bytes()[at] } else { rest.as_bytes()[at - crate_len] };
        at += 1;
    }
    joined
}

const fn fnv1a(mut hash: u64, bytes: &[u8]) -> u64 {
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(FNV_PRIME);
        at += 1;
    }
    hash
}

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;
