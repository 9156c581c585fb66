//! The thread that speaks multicast DNS, for as long as this value lives.

use core::net::IpAddr;
use core::time::Duration;

use mdns_sd::{Error, IfKind, Receiver, ServiceDaemon, ServiceEvent, ServiceInfo};
use tokio::time::timeout;

use super::scope::Scope;

pub(super) struct Daemon {
    thread: Thread,
    events: Receiver<ServiceEvent>,
}

/// Ends with this value.
struct Thread(ServiceDaemon);

/// What is announced.
pub(super) struct Instance<'a> {
    pub(super) name: &'a str,
    pub(super) port: u16,
    pub(super) properties: &'a [(&'a str, &'a str)],
}

impl Daemon {
    /// Announces `instance` in `scope`, and listens for others of its kind there.
    pub(super) fn start(scope: Scope, instance: &Instance<'_>) -> Result<Self, Error> {
        let thread = Thread(ServiceDaemon::new()?);
        let daemon = &thread.0;
        let host = format!("{}.local.", instance.name);
        let info = |ips: &[IpAddr]| {
            ServiceInfo::new(SERVICE, instance.name, &host, ips, instance.port, instance.properties)
        };
        let mut info = match scope {
            Scope::Interface(ip) => {
                daemon.disable_interface(IfKind::All)?;
                daemon.enable_interface(IfKind::Addr(ip))?;
                info(&[ip])?
            }
            Scope::Ipv4 => {
                daemon.disable_interface(IfKind::IPv6)?;
                info(&[])?.enable_addr_auto()
            }
            Scope::All => info(&[])?.enable_addr_auto(),
        };
        // A random name needs no asking whether somebody has it.
        info.set_requires_probe(false);
        daemon.register(info)?;
        let events = daemon.browse(SERVICE)?;
        Ok(Self { thread, events })
    }

    /// What happens next; `None` if it won't be told any more. Cancel-safe.
    pub(super) async fn next(&mut self) -> Option<ServiceEvent> {
        self.events.recv_async().await.ok()
    }

    /// How much it remembers of the network.
    pub(super) async fn records(&self) -> u64 {
        let Ok(answer) = self.thread.0.get_metrics() else { return 0 };
        // One that is too busy to say is asked again.
        let Ok(Ok(metrics)) = timeout(ANSWER_WAIT, answer.recv_async()).await else { return 0 };
        let cached = metrics.iter().filter(|(name, _)| name.starts_with("cached-"));
        cached.map(|(_, count)| u64::try_from(*count).unwrap_or_default()).sum()
    }

    /// Tells the others, and returns once that is on its way.
    pub(super) async fn say_goodbye(self) {
        if let Ok(done) = self.thread.0.shutdown() {
            // An error means that it is over already.
            drop(done.recv_async().await);
        }
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        // Says goodbye, unless the process ends first. An error means that it has been told.
        drop(self.0.shutdown());
    }
}

const SERVICE: &str = "_murmer._udp.local.";
/// How long the daemon may take to say how it is.
const ANSWER_WAIT: Duration = Duration::from_millis(200);
