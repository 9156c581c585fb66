//! What a group is found by.

use core::any::TypeId;
use core::fmt;
use core::marker::PhantomData;

use murmer_wire::{GroupName, NameError};

/// The key of a group of actors of type `A`: its name, and their type. Groups of one name and different
/// types have nothing to do with each other.
///
/// Cheap to clone. See [`System::join_group`](crate::System::join_group).
///
/// # Examples
///
/// ```
/// # use murmer_core::{Handlers, ReceptionKey};
/// # use murmer_wire::NameError;
/// # fn example<Worker: Handlers>() -> Result<(), NameError> {
/// let workers: ReceptionKey<Worker> = ReceptionKey::new("workers")?;
/// # Ok(())
/// # }
/// ```
pub struct ReceptionKey<A> {
    group: GroupKey,
    actor: PhantomData<fn() -> A>,
}

/// The same for those who don't name the type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct GroupKey {
    name: GroupName,
    actor: TypeId,
}

impl<A: 'static> ReceptionKey<A> {
    /// The key of the group called `name`: 1 to 255 bytes without control characters.
    ///
    /// # Errors
    ///
    /// [`NameError`] says which rule `name` breaks.
    pub fn new(name: &str) -> Result<Self, NameError> {
        let group = GroupKey { name: GroupName::new(name)?, actor: TypeId::of::<A>() };
        Ok(Self { group, actor: PhantomData })
    }

    pub(crate) const fn group(&self) -> &GroupKey {
        &self.group
    }
}

impl<A> ReceptionKey<A> {
    /// The group's name.
    pub const fn name(&self) -> &GroupName {
        &self.group.name
    }
}

impl<A> Clone for ReceptionKey<A> {
    fn clone(&self) -> Self {
        Self { group: self.group.clone(), actor: PhantomData }
    }
}

impl<A> PartialEq for ReceptionKey<A> {
    fn eq(&self, other: &Self) -> bool {
        self.group == other.group
    }
}

impl<A> Eq for ReceptionKey<A> {}

impl<A> core::hash::Hash for ReceptionKey<A> {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        self.group.hash(state);
    }
}

impl<A> fmt::Debug for ReceptionKey<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReceptionKey({})", self.group.name)
    }
}
