//! Finding nodes on the local network by multicast DNS (RFC 6762) and its service discovery (RFC 6763).
//!
//! What is announced is the least that lets others dial: who lacks the cookie learns no node's name here
//! either. What is heard is what anybody on the network said: bounded, checked for form, and handed on as a
//! hint without ever being shown.
//!
//! Doesn't know the protocol's packets, timers and caches; a [`Daemon`] has these on a thread of its own.

mod daemon;
mod heard;
mod scope;

use core::fmt::Write;
use core::net::SocketAddr;
use core::pin::pin;
use core::time::Duration;

use mdns_sd::{ResolvedService, ServiceEvent};
use murmer_core::os_random;
use sha2::{Digest, Sha256};
use tokio::time::{MissedTickBehavior, interval, sleep};

use self::daemon::{Daemon, Instance};
use self::heard::Heard;
use self::scope::Scope;
use super::{Discover, Hints, Searching, Whereabouts};

pub(super) struct Mdns {
    /// Tells clusters on one network apart.
    fingerprint: String,
    /// What may be cached of the network.
    records_max: u64,
}

/// Why a daemon is no use any more.
#[derive(Debug)]
enum End {
    /// The node leaves.
    Leaving,
    /// It could not be started, or ended.
    Broken(mdns_sd::Error),
    /// The network has told it more than it should keep.
    Flooded,
    /// It found that its listener was too slow.
    Deaf,
}

impl Mdns {
    pub(super) fn new(cluster: &str) -> Self {
        let hash = Sha256::new_with_prefix(b"murmer mdns/1 ").chain_update(cluster.as_bytes()).finalize();
        // No secret: it only has to be another one for another name.
        Self { fingerprint: hex(&hash[..FINGERPRINT_BYTES]), records_max: RECORDS_MAX }
    }

    /// Announces and browses until that comes to an end.
    async fn listen(&self, node: &Whereabouts, hints: &Hints) -> End {
        let scope = Scope::of(node.local_addr());
        // Random, so that it says nothing of the node, and two are never called the same.
        let name = hex(&os_random().to_be_bytes());
        let properties = [(KEY_VERSION, VERSION), (KEY_CLUSTER, self.fingerprint.as_str())];
        let instance = Instance { name: &name, port: node.local_addr().port(), properties: &properties };
        let mut daemon = match Daemon::start(scope, &instance) {
            Ok(daemon) => daemon,
            Err(error) => return End::Broken(error),
        };
        let mut heard = Heard::default();
        // One wait for all turns: a node that leaves lets those say goodbye that wait for it at that moment.
        let mut leaving = pin!(hints.leaving());
        let mut looks = interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                // Leaving comes first; a flood of events must not hold up the look at how many there are.
                biased;
                () = &mut leaving => {
                    daemon.say_goodbye().await;
                    return End::Leaving;
                }
                _ = looks.tick() => {
                    if daemon.records().await > self.records_max {
                        return End::Flooded;
                    }
                    for (name, addrs) in heard.some() {
                        tell(hints, &name, addrs).await;
                    }
                }
                event = daemon.next() => match event {
                    Some(event) => self.hear(event, scope, &name, &mut heard, hints).await,
                    None => return End::Deaf,
                },
            }
        }
    }

    async fn hear(&self, event: ServiceEvent, scope: Scope, own: &str, heard: &mut Heard, hints: &Hints) {
        match event {
            ServiceEvent::ServiceResolved(service) => {
                let is_own = service.fullname.split('.').next() == Some(own);
                if is_own || !self.is_meant(&service) {
                    return;
                }
                let addrs = scope.dialable(&service);
                if heard.found(&service.fullname, &addrs) {
                    tell(hints, &service.fullname, addrs).await;
                }
            }
            ServiceEvent::ServiceRemoved(_, fullname) if heard.gone(&fullname) => {
                hints.gone(&fullname).await;
            }
            // Nothing that can be dialed yet, or of our own doing; the enum grows.
            _ => {}
        }
    }

    /// Whether it says that it is one of this cluster, and speaks this protocol.
    fn is_meant(&self, service: &ResolvedService) -> bool {
        let property = |key| service.get_property_val_str(key);
        property(KEY_VERSION) == Some(VERSION) && property(KEY_CLUSTER) == Some(&self.fingerprint)
    }
}

impl Discover for Mdns {
    fn search<'a>(&'a self, node: &'a Whereabouts, hints: &'a Hints) -> Searching<'a> {
        Box::pin(async move {
            loop {
                let wait = match self.listen(node, hints).await {
                    End::Leaving => return,
                    End::Broken(error) => {
                        tracing::warn!(%error, "multicast DNS can't be used; trying on");
                        BROKEN_WAIT
                    }
                    End::Flooded => {
                        tracing::warn!(
                            records = self.records_max,
                            "somebody floods the network with multicast DNS; not listening to it for a while"
                        );
                        FLOODED_WAIT
                    }
                    End::Deaf => DEAF_WAIT,
                };
                tokio::select! {
                    biased; // One that leaves needs no other try.
                    () = hints.leaving() => return,
                    () = sleep(wait) => {} // tidy: sleep nothing says when a network is usable again
                }
            }
        })
    }
}

async fn tell(hints: &Hints, name: &str, addrs: Vec<SocketAddr>) {
    hints.found(name, addrs.into_iter().map(SocketAddr::into)).await;
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes anything");
        text
    })
}

/// Which protocol the nodes speak, and which form this record has.
const KEY_VERSION: &str = "v";
const VERSION: &str = "murmer/1";
/// Which cluster is meant.
const KEY_CLUSTER: &str = "c";
/// Enough to tell apart the clusters of one network.
const FINGERPRINT_BYTES: usize = 8;
/// What may be cached of the network: many times the four records of each of 1,024 nodes.
const RECORDS_MAX: u64 = 16_384;
/// How often that is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Before another try where there is no network to speak on, or another process keeps the port for itself.
const BROKEN_WAIT: Duration = Duration::from_secs(30);
/// Before listening again on a network that is flooded.
const FLOODED_WAIT: Duration = Duration::from_secs(30);
/// Before listening again after more events than could be handed on.
const DEAF_WAIT: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests;
