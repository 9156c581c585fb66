//! The network as its user sees it: addresses to bind, and faults to cause.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;
use tokio::time::Instant;

use super::MemTransport;
use super::state::State;
use crate::{BindError, Faults, Limits};

/// Settings of a [`MemNetwork`], the same for all of its transports.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemConfig {
    /// What peers may use; see there.
    pub limits: Limits,
}

/// A network in memory. Clones are the same network.
///
/// Without faults packets arrive at once. Faults apply from the moment they are set, to connections that
/// exist as well as to new ones; those on packets hit what is under way too.
#[derive(Clone)]
pub struct MemNetwork {
    shared: Arc<Shared>,
}

/// What all handles share.
pub(super) struct Shared {
    pub(super) limits: Limits,
    state: Mutex<State>,
    /// A path may have become open: dialers try again.
    pub(super) routes: Arc<Notify>,
}

impl Shared {
    /// Runs `act` under the lock and wakes whom it concerns after it.
    pub(super) fn with<R>(&self, act: impl FnOnce(&mut State, Instant) -> R) -> R {
        let (result, wakes) = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            // Read under the lock: time must not go backwards from one holder to the next.
            let result = act(&mut state, Instant::now());
            (result, std::mem::take(&mut state.wakes))
        };
        wakes.fire();
        result
    }
}

impl MemNetwork {
    /// A network without faults; `seed` decides all of its dice.
    pub fn new(seed: u64) -> Self {
        Self::with_config(seed, MemConfig::default()).expect("the default settings are in range")
    }

    /// The same with settings.
    ///
    /// # Errors
    ///
    /// [`BindError::Setting`] for one that is out of range.
    pub fn with_config(seed: u64, config: MemConfig) -> Result<Self, BindError> {
        config.limits.check()?;
        let routes = Arc::new(Notify::new());
        let state = Mutex::new(State::new(seed, config.limits.clone(), routes.clone()));
        Ok(Self { shared: Arc::new(Shared { limits: config.limits, state, routes }) })
    }

    /// Binds `addr`; port 0 picks a free one. Whoever had crashed or closed there before is gone, and
    /// connections of its that peers still hold are reset.
    ///
    /// # Errors
    ///
    /// The address is taken, or there is no tokio runtime to run on.
    pub fn bind(&self, addr: SocketAddr) -> Result<MemTransport, BindError> {
        MemTransport::bind(self.shared.clone(), addr)
    }

    /// Cuts the paths between `a` and `b`, both ways.
    pub fn partition(&self, a: SocketAddr, b: SocketAddr) {
        self.shared.with(|state, now| {
            state.cut(now, a, b);
            state.cut(now, b, a);
        });
    }

    /// Cuts the path from `from` to `to`; the other way stays open.
    pub fn partition_one_way(&self, from: SocketAddr, to: SocketAddr) {
        self.shared.with(|state, now| state.cut(now, from, to));
    }

    /// Mends the paths between `a` and `b`, both ways. What streams had sent goes on its way.
    pub fn heal(&self, a: SocketAddr, b: SocketAddr) {
        self.shared.with(|state, now| state.mend(now, |cut| cut == (a, b) || cut == (b, a)));
    }

    /// Mends all paths.
    pub fn heal_all(&self) {
        self.shared.with(|state, now| state.mend(now, |_| true));
    }

    /// The process at `addr` dies without a word: its peers notice when they have heard nothing for the
    /// idle timeout, or when a successor at the same address answers them. Its own handles find
    /// themselves closed.
    pub fn crash(&self, addr: SocketAddr) {
        self.shared.with(|state, now| state.crash(now, addr));
    }

    /// What happens to packets from now on; see there.
    ///
    /// It all happens to datagrams. Streams lose nothing: what is lost of them is sent again, and so arrives a round
    /// trip and 10 ms later, with all that follows it on the connection. They share a line of their own with as
    /// much bandwidth as the datagrams'.
    pub fn set_faults(&self, faults: Faults) {
        self.shared.with(|state, _| state.faults = faults.in_range());
    }

    /// A number that stands for all that was delivered so far: what, when, from where and to where. Two runs that
    /// differ in it differ; a test that is the same for the same seed gives the same.
    pub fn trace_hash(&self) -> u64 {
        self.shared.with(|state, _| state.trace.hash())
    }
}

impl std::fmt::Debug for MemNetwork {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemNetwork").field("limits", &self.shared.limits).finish_non_exhaustive()
    }
}
