//! What a process takes from its machine once, at boot: the time, and a little chance.
//!
//! For tests both can be made up: the same for the same seed. That holds for one thread, on which a whole
//! cluster then runs.

use std::cell::Cell;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::marker::PhantomData;
use std::time::SystemTime;

use murmer_wire::Incarnation;
use tokio::time::Instant;

use crate::dice::Dice;

thread_local! {
    static MADE_UP: Cell<Option<(Dice, Instant)>> = const { Cell::new(None) };
}

/// While it lives, [`os_random`] and [`incarnation_now`] on this thread answer from a seed and the runtime's
/// clock instead of asking the machine.
///
/// # Examples
///
/// ```
/// use murmer_core::__private::MadeUpMachine;
/// use murmer_core::os_random;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let said = |seed| {
///     let _machine = MadeUpMachine::new(seed);
///     os_random()
/// };
/// assert_eq!(said(7), said(7));
/// # }
/// ```
#[derive(Debug)]
pub struct MadeUpMachine {
    before: Option<(Dice, Instant)>,
    /// Belongs to its thread.
    thread: PhantomData<*const ()>,
}

impl MadeUpMachine {
    /// A machine that boots now, with chance decided by `seed`.
    ///
    /// # Examples
    ///
    /// ```
    /// use murmer_core::__private::MadeUpMachine;
    /// use murmer_core::incarnation_now;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let _machine = MadeUpMachine::new(7);
    /// let booted = incarnation_now();
    /// tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    /// assert!(incarnation_now() > booted);
    /// # }
    /// ```
    pub fn new(seed: u64) -> Self {
        Self { before: MADE_UP.replace(Some((Dice::new(seed), Instant::now()))), thread: PhantomData }
    }
}

impl Drop for MadeUpMachine {
    fn drop(&mut self) {
        MADE_UP.set(self.before);
    }
}

/// An incarnation for a process that boots now.
///
/// # Examples
///
/// ```
/// use murmer::Incarnation;
/// use murmer_core::incarnation_now;
///
/// let booted_in_2023 = Incarnation::mint(1_700_000_000_000, 0);
/// assert!(incarnation_now() > booted_in_2023);
/// ```
pub fn incarnation_now() -> Incarnation {
    if let Some((_, booted_at)) = MADE_UP.get() {
        let millis = MADE_UP_EPOCH_MS + booted_at.elapsed().as_millis() as u64;
        return Incarnation::mint(millis, os_random());
    }
    // A clock before 1970 counts as 1970: the node is then told that it is stale, and takes a later one.
    let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Incarnation::mint(since_epoch.as_millis() as u64, os_random())
}

/// 64 bits that differ from call to call and from process to process; for ids and jitter, not for secrets.
///
/// The standard library seeds every map from the operating system, which spares a dependency for this.
///
/// # Examples
///
/// ```
/// use murmer_core::os_random;
///
/// assert_ne!(os_random(), os_random());
/// ```
pub fn os_random() -> u64 {
    if let Some((mut dice, booted_at)) = MADE_UP.get() {
        let random = dice.roll();
        MADE_UP.set(Some((dice, booted_at)));
        return random;
    }
    RandomState::new().hash_one(0u8)
}

/// When a made-up machine boots, in milliseconds since 1970: some day of our time.
const MADE_UP_EPOCH_MS: u64 = 1_750_000_000_000;

#[cfg(all(test, not(murmer_loom)))]
mod tests {
    use super::{MadeUpMachine, incarnation_now, os_random};

    #[tokio::test(start_paused = true)]
    async fn a_made_up_machine_says_the_same_for_the_same_seed_and_is_gone_when_dropped() {
        let said = |seed| {
            let _machine = MadeUpMachine::new(seed);
            (os_random(), os_random(), incarnation_now())
        };
        assert_eq!(said(7), said(7));
        assert_ne!(said(7), said(8));
        assert_ne!(said(7).0, said(7).1);
        assert_ne!(os_random(), os_random());
        let real = incarnation_now();
        assert!(real > said(7).2, "the machine's own clock again");
    }
}
