//! A network of real sockets, with faults: QUIC as it is on a bad line, without leave from the system.
//!
//! Whoever sends a packet lets it suffer, so what comes from sockets that were not bound here arrives unharmed.
//! Time is the machine's; the dice are seeded, but which packets they hit depends on what QUIC sends when.

mod suffering;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use super::{QuicConfig, QuicTransport};
use crate::dice::Dice;
use crate::line::Line;
use crate::{BindError, Faults};

pub(super) use suffering::Suffering;

/// Real sockets that speak QUIC, and a bad network between them: for tests. Clones are the same network.
///
/// Does what [`MemNetwork`](crate::MemNetwork) does, in the same words. Faults apply from the moment they are set,
/// to connections that exist as well as to new ones; cuts hit what is under way, too.
///
/// # Examples
///
/// ```
/// use murmer_transport::{Connection, Faults, QuicConfig, QuicNetwork, Transport};
/// use std::time::Duration;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let network = QuicNetwork::new(4711);
/// let [here, there] = [(); 2].map(|()| network.bind(([127, 0, 0, 1], 0).into(), QuicConfig::default()));
/// let (here, there) = (here?, there?);
/// network.set_faults(Faults { delay: Duration::from_millis(10), loss: 0.01, ..Faults::default() });
///
/// let (dialed, accepted) = tokio::join!(here.connect(there.local_addr()), there.accept());
/// assert!(dialed?.stats().rtt >= Duration::from_millis(20));
/// # drop(accepted);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct QuicNetwork {
    shared: Arc<Shared>,
}

/// What all sockets share.
pub(super) struct Shared {
    state: Mutex<State>,
}

struct State {
    faults: Faults,
    dice: Dice,
    /// Paths that are cut, as (from, to).
    cuts: BTreeSet<(SocketAddr, SocketAddr)>,
    lines: BTreeMap<(SocketAddr, SocketAddr), Line>,
}

impl QuicNetwork {
    /// A network without faults; `seed` decides its dice.
    pub fn new(seed: u64) -> Self {
        let state = State {
            faults: Faults::default(),
            dice: Dice::new(seed),
            cuts: BTreeSet::new(),
            lines: BTreeMap::new(),
        };
        Self { shared: Arc::new(Shared { state: Mutex::new(state) }) }
    }

    /// Binds `listen` as [`QuicTransport::bind`] does, on this network.
    ///
    /// # Errors
    ///
    /// [`BindError`]; nothing is bound then.
    pub fn bind(&self, listen: SocketAddr, config: QuicConfig) -> Result<QuicTransport, BindError> {
        QuicTransport::bind_in(Some(&self.shared), listen, config)
    }

    /// What happens to packets from now on; see there.
    pub fn set_faults(&self, faults: Faults) {
        self.shared.lock().faults = faults.in_range();
    }

    /// Cuts the paths between `a` and `b`, both ways. A socket on an unspecified address is cut by that address.
    pub fn partition(&self, a: SocketAddr, b: SocketAddr) {
        self.shared.lock().cuts.extend([(a, b), (b, a)]);
    }

    /// Cuts the path from `from` to `to`; the other way stays open.
    pub fn partition_one_way(&self, from: SocketAddr, to: SocketAddr) {
        self.shared.lock().cuts.insert((from, to));
    }

    /// Mends the paths between `a` and `b`, both ways.
    pub fn heal(&self, a: SocketAddr, b: SocketAddr) {
        self.shared.lock().cuts.retain(|cut| *cut != (a, b) && *cut != (b, a));
    }

    /// Mends all paths.
    pub fn heal_all(&self) {
        self.shared.lock().cuts.clear();
    }
}

impl std::fmt::Debug for QuicNetwork {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("QuicNetwork").field("faults", &self.shared.lock().faults).finish_non_exhaustive()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether packets pass unharmed.
    fn is_calm(&self, from: SocketAddr, to: SocketAddr) -> bool {
        let state = self.lock();
        state.faults == Faults::default() && !state.cuts.contains(&(from, to))
    }

    fn is_cut(&self, from: SocketAddr, to: SocketAddr) -> bool {
        self.lock().cuts.contains(&(from, to))
    }

    /// When a packet arrives: never, once or twice.
    fn arrivals(
        &self,
        from: SocketAddr,
        to: SocketAddr,
        len: usize,
    ) -> impl Iterator<Item = Instant> + use<> {
        let now = Instant::now();
        let State { faults, dice, lines, .. } = &mut *self.lock();
        if lines.len() >= LINES_MAX {
            lines.retain(|_, line| !line.is_free(now));
        }
        let passed_at = lines.entry((from, to)).or_default().pass_or_drop(now, len, faults.bandwidth);
        let passed_at = passed_at.filter(|_| !faults.loses(dice));
        let first = passed_at.map(|at| at + faults.travel(dice));
        let again = passed_at.filter(|_| faults.duplicates(dice)).map(|at| at + faults.travel(dice));
        first.into_iter().chain(again)
    }
}

/// Paths remembered before those that are free are forgotten.
const LINES_MAX: usize = 1_024;
