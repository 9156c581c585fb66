//! The groups that one actor is in, as its node tells them.
//!
//! Nearly every actor is in none, and those of one role are in the same: so a set is one word, nothing if it
//! is empty and shared otherwise.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::GroupName;

/// Names of groups, each once and in order: [`GroupSet::LEN_MAX`] at most. Cheap to clone.
///
/// # Examples
///
/// ```
/// use murmer_wire::{GroupName, GroupSet};
///
/// let (workers, nightly) = (GroupName::new("workers")?, GroupName::new("nightly")?);
/// let groups = GroupSet::new([workers.clone(), nightly.clone(), workers.clone()]);
/// assert!(groups.contains("workers"));
/// assert_eq!(groups.names(), [nightly, workers]);
/// # Ok::<(), murmer_wire::NameError>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupSet(Option<Arc<Vec<GroupName>>>);

impl GroupSet {
    /// The most groups that an actor may be in. An actor has a handful of roles, and each change of one is
    /// told with all of them.
    ///
    /// # Examples
    ///
    /// ```
    /// use murmer_wire::{GroupName, GroupSet};
    ///
    /// let names = (0..100).map(|n| GroupName::new(&n.to_string()));
    /// let groups = GroupSet::new(names.collect::<Result<Vec<_>, _>>()?);
    /// assert_eq!(groups.names().len(), GroupSet::LEN_MAX); // those that come first in order
    /// # Ok::<(), murmer_wire::NameError>(())
    /// ```
    pub const LEN_MAX: usize = 32;

    /// These names, each once; of more than [`LEN_MAX`](Self::LEN_MAX), those that come first in order.
    ///
    /// # Examples
    ///
    /// ```
    /// use murmer_wire::GroupSet;
    ///
    /// assert_eq!(GroupSet::new([]), GroupSet::default());
    /// ```
    pub fn new(names: impl IntoIterator<Item = GroupName>) -> Self {
        let mut names: Vec<_> = names.into_iter().collect();
        names.sort_unstable();
        names.dedup();
        names.truncate(Self::LEN_MAX);
        Self::from_sorted(names)
    }

    /// The names, in order.
    ///
    /// # Examples
    ///
    /// ```
    /// use murmer_wire::GroupSet;
    ///
    /// assert!(GroupSet::default().names().is_empty());
    /// ```
    pub fn names(&self) -> &[GroupName] {
        self.0.as_ref().map_or(&[], |names| names.as_slice())
    }

    /// Whether this is one of them.
    ///
    /// # Examples
    ///
    /// ```
    /// use murmer_wire::{GroupName, GroupSet};
    ///
    /// let groups = GroupSet::new([GroupName::new("workers")?]);
    /// assert!(groups.contains("workers") && !groups.contains("work"));
    /// # Ok::<(), murmer_wire::NameError>(())
    /// ```
    pub fn contains(&self, name: &str) -> bool {
        self.names().binary_search_by(|held| held.as_str().cmp(name)).is_ok()
    }

    fn from_sorted(mut names: Vec<GroupName>) -> Self {
        names.shrink_to_fit();
        Self((!names.is_empty()).then(|| Arc::new(names)))
    }
}

impl fmt::Debug for GroupSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

impl Serialize for GroupSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.names())
    }
}

/// Takes them in order only, so that a set has one form; and no more than are allowed.
impl<'de> Deserialize<'de> for GroupSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Names;

        impl<'de> Visitor<'de> for Names {
            type Value = GroupSet;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "at most {} names of groups in order", GroupSet::LEN_MAX)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<GroupSet, A::Error> {
                let mut names: Vec<GroupName> = Vec::new();
                while let Some(name) = elements.next_element::<GroupName>()? {
                    if names.len() == GroupSet::LEN_MAX {
                        return Err(A::Error::invalid_length(GroupSet::LEN_MAX + 1, &self));
                    }
                    if names.last().is_some_and(|last| *last >= name) {
                        return Err(A::Error::custom("names of groups are not in order"));
                    }
                    names.push(name);
                }
                Ok(GroupSet::from_sorted(names))
            }
        }

        deserializer.deserialize_seq(Names)
    }
}
