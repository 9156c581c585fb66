//! What a process takes from its machine once, at boot: the time, and a little chance.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::SystemTime;

use murmer_wire::Incarnation;

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
    RandomState::new().hash_one(0u8)
}
