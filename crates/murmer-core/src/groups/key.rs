//! What a group is found by.

use core::any::TypeId;
use core::fmt;
use core::marker::PhantomData;

use murmer_wire::{GroupName, NameError};

/// The key of a group of actors of type `A`: its name, and their type. Groups of one name and different
/// types have nothing to do with each other; on other nodes, too, it is the type's name that tells them apart.
///
/// Cheap to clone. See [`System::join_group`](crate::System::join_group).
///
/// # Examples
///
/// ```
/// use murmer::ReceptionKey;
/// use murmer::prelude::*;
///
/// # struct Worker;
/// # impl Actor for Worker { type State = u64; }
/// # #[handlers(clone)]
/// # impl Worker {
/// #     #[handler]
/// #     fn add(&mut self, sum: &mut u64, n: u64) -> u64 { *sum += n; *sum }
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let system = System::local();
/// let workers = ReceptionKey::<Worker>::new("workers")?;
/// let worker = system.start_anonymous(Worker, 0);
/// system.join_group(&workers, &worker)?;
/// assert_eq!(system.group(&workers), [worker]);
/// # Ok(())
/// # }
/// ```
pub struct ReceptionKey<A> {
    group: GroupKey,
    actor: PhantomData<fn() -> A>,
}

/// The same for those who don't name the type.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct GroupKey {
    name: GroupName,
    actor: TypeId,
}

impl GroupKey {
    pub(crate) const fn name(&self) -> &GroupName {
        &self.name
    }
}

impl<A: 'static> ReceptionKey<A> {
    /// The key of the group called `name`: 1 to 255 bytes without control characters.
    ///
    /// # Errors
    ///
    /// [`NameError`] says which rule `name` breaks.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::{NameError, ReceptionKey};
    /// # struct Worker;
    /// # impl Actor for Worker { type State = u64; }
    /// # #[handlers(clone)]
    /// # impl Worker {
    /// #     #[handler]
    /// #     fn add(&mut self, sum: &mut u64, n: u64) -> u64 { *sum += n; *sum }
    /// # }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let system = System::local();
    /// let workers = ReceptionKey::<Worker>::new("workers")?;
    /// assert_eq!(workers, ReceptionKey::new("workers")?); // the same group
    /// assert!(matches!(ReceptionKey::<Worker>::new(""), Err(NameError::Length { .. })));
    /// # Ok(())
    /// # }
    /// ```
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
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::ReceptionKey;
    /// # struct Worker;
    /// # impl Actor for Worker { type State = u64; }
    /// # #[handlers(clone)]
    /// # impl Worker {
    /// #     #[handler]
    /// #     fn add(&mut self, sum: &mut u64, n: u64) -> u64 { *sum += n; *sum }
    /// # }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let system = System::local();
    /// let workers = ReceptionKey::<Worker>::new("workers")?;
    /// assert_eq!(workers.name().as_str(), "workers");
    /// # Ok(())
    /// # }
    /// ```
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
