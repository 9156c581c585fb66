//! Which messages the other builds have, so that a difference is an error that names it.

use std::collections::{HashMap, HashSet};

use murmer_core::__private::{ActorTypeInfo, bare_name, told_types};
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

/// An actor type, and what other nodes know it by.
type Told = (&'static str, &'static ActorTypeInfo);

/// The actor types this node has told of, or is about to.
#[derive(Debug)]
pub(crate) struct Announced {
    types: Vec<Told>,
    names: HashSet<&'static str>,
}

impl Announced {
    pub(crate) fn new(announce: Announce) -> Self {
        let types = match announce {
            Announce::AsUsed => Vec::new(),
            Announce::All => told_types().to_vec(),
        };
        let names = types.iter().map(|(name, _)| *name).collect();
        Self { types, names }
    }

    /// An actor of the type known by this name was started; what to tell the others, if it is the first.
    pub(crate) fn used(&mut self, told: &'static str) -> Option<Manifest> {
        if !self.names.insert(told) {
            return None;
        }
        let first = *told_types().iter().find(|(name, _)| *name == told)?;
        self.types.push(first);
        Some(manifest(&[first]))
    }

    /// Everything, in pieces that fit a frame each.
    pub(crate) fn all(&self) -> impl Iterator<Item = Manifest> {
        self.types.chunks(TYPES_PER_FRAME_MAX).map(manifest)
    }
}

/// The types of `manifest` that this program has by that name, but not by what tells it from others of it: so
/// neither finds the other's.
pub(crate) fn mistakable(manifest: &Manifest) -> impl Iterator<Item = &str> {
    let theirs = manifest.types.iter().map(|entry| entry.actor_type.as_str());
    theirs.filter(|theirs| {
        let ours = || told_types().iter().map(|(name, _)| *name);
        ours().all(|ours| ours != *theirs) && ours().any(|ours| bare_name(ours) == bare_name(theirs))
    })
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

fn manifest(types: &[Told]) -> Manifest {
    let entries = types.iter().filter_map(|(name, info)| {
        let messages = info.messages.iter().map(|message| (message.key, message.name.to_owned())).collect();
        Some(ManifestEntry { actor_type: TypeName::new(name).ok()?, messages })
    });
    Manifest { types: entries.collect() }
}

const TYPES_PER_FRAME_MAX: usize = 64;
/// What a peer can make this node remember.
const TYPES_PER_PEER_MAX: usize = 16_384;

#[cfg(test)]
mod tests {
    use murmer_core::__private::namesakes;

    use super::*;

    #[test]
    fn a_type_that_neither_program_finds_at_the_other_is_mistakable() {
        let (ours, _) = *told_types().first().expect("the tests of this crate have actors");
        assert_eq!(namesakes().count(), 0);
        let manifest = |name: &str| {
            let entry = ManifestEntry { actor_type: TypeName::new(name).unwrap(), messages: Vec::new() };
            Manifest { types: vec![entry] }
        };
        let theirs = format!("{ours} = shop::other");
        for (name, is_mistakable) in [(ours, false), (&theirs, true), ("nobody::Knows = x", false)] {
            assert_eq!(mistakable(&manifest(name)).count(), usize::from(is_mistakable), "{name}");
        }
    }

    #[test]
    fn what_a_peer_says_of_more_types_than_are_remembered_is_not_known() {
        let entry = |n: usize, messages: &[u64]| {
            let messages = messages.iter().map(|key| (MessageKey(*key), "a message".to_owned())).collect();
            ManifestEntry { actor_type: TypeName::new(&format!("shop::Type{n}")).unwrap(), messages }
        };
        let mut manifest = PeerManifest::default();
        manifest.add(Manifest { types: (0..=TYPES_PER_PEER_MAX).map(|n| entry(n, &[])).collect() });
        let may_have =
            |manifest: &PeerManifest, n: usize| manifest.may_have(&format!("shop::Type{n}"), MessageKey(1));
        assert!(!may_have(&manifest, TYPES_PER_PEER_MAX - 1) && may_have(&manifest, TYPES_PER_PEER_MAX));
        manifest.add(Manifest { types: vec![entry(0, &[1])] });
        assert!(may_have(&manifest, 0), "of those it can say something else");
    }
}
