//! What an actor's node says of it and may say anew, as long as it lives.

use murmer_wire::{GroupSet, Visibility};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

/// Who hears of an actor, and which groups it is in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attributes {
    /// Who hears of it. Nobody says [`Visibility::Private`] to others: such an actor isn't spoken of.
    #[serde(deserialize_with = "told")]
    pub visibility: Visibility,
    /// Its groups.
    pub groups: GroupSet,
}

impl Attributes {
    /// What an actor takes of the room that one node has: itself, and a place in each group.
    pub(crate) fn weight(&self) -> usize {
        1 + self.groups.names().len()
    }

    /// An upper bound of their encoded size, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        let names = self.groups.names().iter();
        2 + names.map(|name| NAME_LENGTH_BYTES + name.as_str().len()).sum::<usize>()
    }
}

fn told<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Visibility, D::Error> {
    let visibility = Visibility::deserialize(deserializer)?;
    if visibility.is_told() { Ok(visibility) } else { Err(D::Error::custom("a private actor is told of")) }
}

pub(crate) const NAME_LENGTH_BYTES: usize = 2;
