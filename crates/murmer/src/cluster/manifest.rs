//! Which messages the other builds have, so that a difference is an error that names it.

use std::collections::{HashMap, HashSet};

use murmer_core::__private::{ACTOR_TYPES, ActorTypeInfo};
use murmer_node::{Manifest, ManifestEntry};
use murmer_wire::{MessageKey, TypeName};

/// When a node tells of its actor types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Announce {
    /// Of each when its first actor starts.
    AsUsed,
    /// Of all that are linked into the program, at once.
    All,
}

/// The actor types this node has told of, or is about to.
#[derive(Debug)]
pub(crate) struct Announced {
    types: Vec<&'static ActorTypeInfo>,
    names: HashSet<&'static str>,
}

impl Announced {
    pub(crate) fn new(announce: Announce) -> Self {
        let types: Vec<_> = match announce {
            Announce::AsUsed => Vec::new(),
            Announce::All => ACTOR_TYPES.iter().collect(),
        };
        let names = types.iter().map(|info| info.name).collect();
        Self { types, names }
    }

    /// An actor of this type was started; what to tell the others, if it is the first.
    pub(crate) fn used(&mut self, actor_type: &'static str) -> Option<Manifest> {
        if !self.names.insert(actor_type) {
            return None;
        }
        let info = ACTOR_TYPES.iter().find(|info| info.name == actor_type)?;
        self.types.push(info);
        Some(manifest(&[info]))
    }

    /// Everything, in pieces that fit a frame each.
    pub(crate) fn all(&self) -> impl Iterator<Item = Manifest> {
        self.types.chunks(TYPES_PER_FRAME_MAX).map(manifest)
    }
}

/// What a peer said of its actor types.
#[derive(Debug, Default)]
pub(crate) struct PeerManifest {
    messages: HashMap<TypeName, HashSet<MessageKey>>,
}

impl PeerManifest {
    pub(crate) fn add(&mut self, manifest: Manifest) {
        for entry in manifest.types {
            if self.messages.len() >= TYPES_PER_PEER_MAX && !self.messages.contains_key(&entry.actor_type) {
                return;
            }
            let keys = entry.messages.into_iter().map(|(key, _)| key).collect();
            self.messages.insert(entry.actor_type, keys);
        }
    }

    /// False only if the peer is known to have the type without this message.
    pub(crate) fn may_have(&self, actor_type: &str, key: MessageKey) -> bool {
        self.messages.get(actor_type).is_none_or(|keys| keys.contains(&key))
    }
}

fn manifest(types: &[&ActorTypeInfo]) -> Manifest {
    let entries = types.iter().filter_map(|info| {
        let messages = info.messages.iter().map(|message| (message.key, message.name.to_owned())).collect();
        Some(ManifestEntry { actor_type: TypeName::new(info.name).ok()?, messages })
    });
    Manifest { types: entries.collect() }
}

const TYPES_PER_FRAME_MAX: usize = 64;
/// What a peer can make this node remember.
const TYPES_PER_PEER_MAX: usize = 16_384;
