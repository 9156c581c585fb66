//! The settings of failure detection: how eagerly members are watched, and how soon they are given up.
//!
//! Each has its value in the [`Profile`](crate::cluster::config::Profile); few need another one.

use core::time::Duration;

use murmer_membership::Downing;

use super::ClusterConfigBuilder;

impl ClusterConfigBuilder {
    /// How often this node probes one of the members: 100 ms to 10 s; 500 ms on a LAN, 2 s on a WAN. At least
    /// twice [`probe_rtt`](Self::probe_rtt).
    ///
    /// However large the cluster is, each member is probed by somebody about once in this span; so it is the first
    /// part of the time until a crash is noticed. Source: SWIM (Das et al., 2002), section 3.1. Nodes may differ: each
    /// probes at its own pace.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use murmer::cluster::config::{ClusterConfig, ConfigError};
    /// let config = ClusterConfig::builder().cookie("my-cluster-secret");
    /// assert!(config.clone().probe_every(Duration::from_millis(400)).build().is_ok());
    /// let refused = config.probe_every(Duration::from_millis(50)).build();
    /// assert!(matches!(refused, Err(ConfigError::Range { setting: "probe_every", .. })));
    /// ```
    pub fn probe_every(mut self, span: Duration) -> Self {
        self.detection.probe_every = Some(span);
        self.origins.forget("probe_every");
        self
    }

    /// How long a probed member may take before others are asked to probe it, too: 10 ms to half of
    /// [`probe_every`](Self::probe_every); 200 ms on a LAN, 800 ms on a WAN.
    ///
    /// Above nearly all round trips, and small enough that the detour through others fits into the same period. Nodes
    /// may differ, as their lines do.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use murmer::cluster::config::{ClusterConfig, ConfigError};
    /// let config = ClusterConfig::builder().cookie("my-cluster-secret");
    /// assert!(config.clone().probe_rtt(Duration::from_millis(100)).build().is_ok());
    /// let refused = config.probe_rtt(Duration::from_millis(400)).build();
    /// assert!(matches!(refused, Err(ConfigError::Range { setting: "probe_rtt", .. })));
    /// ```
    pub fn probe_rtt(mut self, span: Duration) -> Self {
        self.detection.probe_rtt = Some(span);
        self.origins.forget("probe_rtt");
        self
    }

    /// How many others are asked to probe a member that has not answered: 1 to 8; 3 unless set.
    ///
    /// Three make it unlikely that one bad path looks like a death; more buy little. Source: SWIM, section 3.1. Nodes
    /// may differ.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::cluster::config::{ClusterConfig, ConfigError};
    /// let config = ClusterConfig::builder().cookie("my-cluster-secret");
    /// assert!(config.clone().indirect_probes(2).build().is_ok());
    /// let refused = config.indirect_probes(0).build();
    /// assert!(matches!(refused, Err(ConfigError::Range { setting: "indirect_probes", .. })));
    /// ```
    pub fn indirect_probes(mut self, count: usize) -> Self {
        self.detection.indirect_probes = Some(count);
        self.origins.forget("indirect_probes");
        self
    }

    /// How long a suspected member has to object before it is unreachable: twice [`probe_every`](Self::probe_every)
    /// to 10 minutes; 2 s on a LAN, 12 s on a WAN, and more by the logarithm of their number in clusters of more than
    /// ten, in which objections take longer to spread.
    ///
    /// Several probe periods, or a few lost packets are a death; each second of it is one that a crash goes unnoticed.
    /// Source: SWIM, section 4.2. The same on all nodes: the least patient one decides for everybody.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use murmer::cluster::config::{ClusterConfig, ConfigError};
    /// let config = ClusterConfig::builder().cookie("my-cluster-secret");
    /// assert!(config.clone().suspect_timeout(Duration::from_secs(4)).build().is_ok());
    /// let refused = config.suspect_timeout(Duration::from_millis(900)).build();
    /// assert!(matches!(refused, Err(ConfigError::Range { setting: "suspect_timeout", .. })));
    /// ```
    pub fn suspect_timeout(mut self, span: Duration) -> Self {
        self.detection.suspect_timeout = Some(span);
        self.origins.forget("suspect_timeout");
        self
    }

    /// How long a member stays unreachable before it is down, its actors are gone from here, and whoever watches
    /// them is told: 100 ms to an hour; 2 s on a LAN, 10 s on a WAN.
    ///
    /// A few round trips, for a wrongly accused member to object, and the time that its callers can do without
    /// certainty. Nodes may differ: each holds others down for itself.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use murmer::cluster::config::{ClusterConfig, ConfigError};
    /// let config = ClusterConfig::builder().cookie("my-cluster-secret");
    /// assert!(config.clone().down_after(Duration::from_secs(5)).build().is_ok());
    /// let refused = config.down_after(Duration::from_millis(50)).build();
    /// assert!(matches!(refused, Err(ConfigError::Range { setting: "down_after", .. })));
    /// ```
    pub fn down_after(mut self, span: Duration) -> Self {
        self.detection.down_after = Some(span);
        self.origins.forget("down_after");
        self
    }

    /// Whether this node drops members that stay unreachable and goes on ([`Auto`](Downing::Auto), unless set),
    /// leaves if it sees too few of them ([`KeepMajority`](Downing::KeepMajority)), or waits for
    /// [somebody's word](crate::Clustering::down) ([`Manual`](Downing::Manual)). The same on all nodes.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::transport::MemNetwork;
    /// use murmer::cluster::Departure;
    /// use murmer::cluster::config::{ClusterConfig, Downing};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let network = MemNetwork::new(1);
    /// # let (one, two) = (network.bind("10.0.0.1:7100".parse()?)?, network.bind("10.0.0.2:7100".parse()?)?);
    /// let config = ClusterConfig::builder().downing(Downing::keep_majority());
    /// # let config = config.cookie("my-cluster-secret");
    /// # let alpha = System::clustered_on(config.clone().name("alpha").build()?, one).await?;
    /// # let beta = config.name("beta").seed_nodes(["10.0.0.1:7100".parse()?]);
    /// # let beta = System::clustered_on(beta.build()?, two).await?;
    /// // `alpha` and `beta` lose each other. Of two halves the one with the smallest name goes on.
    /// network.partition("10.0.0.1:7100".parse()?, "10.0.0.2:7100".parse()?);
    /// assert_eq!(beta.left().await, Departure::Minority);
    /// # Ok(()) }
    /// ```
    pub fn downing(mut self, policy: Downing) -> Self {
        self.detection.downing = policy;
        self.origins.forget("downing");
        self
    }

    /// How long signs of life on its own connection can hold a member from being down that is unreachable for all
    /// others: [`down_after`](Self::down_after) to an hour; 30 s unless set.
    ///
    /// What a member shows on its own connection counts more than what others say. But beyond this one that can't be
    /// heard in packets is broken in a way that waiting doesn't mend. Nodes may differ.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use murmer::cluster::config::{ClusterConfig, ConfigError};
    /// let config = ClusterConfig::builder().cookie("my-cluster-secret");
    /// assert!(config.clone().veto_max(Duration::from_secs(60)).build().is_ok());
    /// let refused = config.veto_max(Duration::from_secs(1)).build();
    /// assert!(matches!(refused, Err(ConfigError::Range { setting: "veto_max", .. })));
    /// ```
    pub fn veto_max(mut self, span: Duration) -> Self {
        self.detection.veto_max = Some(span);
        self.origins.forget("veto_max");
        self
    }

    /// How often this node asks a random member for all that it knows of the others: 1 s to 10 minutes; 10 s on a LAN,
    /// 30 s on a WAN.
    ///
    /// It repairs what gossip has missed, and costs a full packet. Nodes may differ.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use murmer::cluster::config::{ClusterConfig, ConfigError};
    /// let config = ClusterConfig::builder().cookie("my-cluster-secret");
    /// assert!(config.clone().announce_every(Duration::from_secs(30)).build().is_ok());
    /// let refused = config.announce_every(Duration::from_millis(200)).build();
    /// assert!(matches!(refused, Err(ConfigError::Range { setting: "announce_every", .. })));
    /// ```
    pub fn announce_every(mut self, span: Duration) -> Self {
        self.detection.announce_every = Some(span);
        self.origins.forget("announce_every");
        self
    }

    /// How often members that are unreachable or down are tried again from here: 1 s to 10 minutes; 10 s on a LAN, 30 s
    /// on a WAN.
    ///
    /// How fast two sides of a split find each other again if nobody else helps them. Nodes may differ: one side that
    /// tries is enough.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use murmer::cluster::config::{ClusterConfig, ConfigError};
    /// let config = ClusterConfig::builder().cookie("my-cluster-secret");
    /// assert!(config.clone().announce_down_every(Duration::from_secs(5)).build().is_ok());
    /// let refused = config.announce_down_every(Duration::from_secs(3600)).build();
    /// assert!(matches!(refused, Err(ConfigError::Range { setting: "announce_down_every", .. })));
    /// ```
    pub fn announce_down_every(mut self, span: Duration) -> Self {
        self.detection.announce_down_every = Some(span);
        self.origins.forget("announce_down_every");
        self
    }

    /// How many of those that are down are tried at a time: 1 to 8; 2 on a LAN, 3 on a WAN. Nodes may differ.
    ///
    /// One that answers brings the others of its side along; a second is for when the first is dead.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::cluster::config::{ClusterConfig, ConfigError};
    /// let config = ClusterConfig::builder().cookie("my-cluster-secret");
    /// assert!(config.clone().announce_down_count(4).build().is_ok());
    /// let refused = config.announce_down_count(0).build();
    /// assert!(matches!(refused, Err(ConfigError::Range { setting: "announce_down_count", .. })));
    /// ```
    pub fn announce_down_count(mut self, count: usize) -> Self {
        self.detection.announce_down_count = Some(count);
        self.origins.forget("announce_down_count");
        self
    }

    /// How often news is passed on: 50 ms to 5 s; 200 ms on a LAN, 500 ms on a WAN. Nothing is sent without news.
    ///
    /// A few round trips. Together with [`gossip_count`](Self::gossip_count) it sets how fast everybody hears of a change.
    /// Nodes may differ.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use murmer::cluster::config::{ClusterConfig, ConfigError};
    /// let config = ClusterConfig::builder().cookie("my-cluster-secret");
    /// assert!(config.clone().gossip_every(Duration::from_millis(100)).build().is_ok());
    /// let refused = config.gossip_every(Duration::from_millis(10)).build();
    /// assert!(matches!(refused, Err(ConfigError::Range { setting: "gossip_every", .. })));
    /// ```
    pub fn gossip_every(mut self, span: Duration) -> Self {
        self.detection.gossip_every = Some(span);
        self.origins.forget("gossip_every");
        self
    }

    /// To how many members news is passed on at a time: 1 to 8; 3 on a LAN, 4 on a WAN. Nodes may differ.
    ///
    /// Three reach a thousand nodes in seven rounds; more cost packets.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::cluster::config::{ClusterConfig, ConfigError};
    /// let config = ClusterConfig::builder().cookie("my-cluster-secret");
    /// assert!(config.clone().gossip_count(5).build().is_ok());
    /// let refused = config.gossip_count(9).build();
    /// assert!(matches!(refused, Err(ConfigError::Range { setting: "gossip_count", .. })));
    /// ```
    pub fn gossip_count(mut self, count: usize) -> Self {
        self.detection.gossip_count = Some(count);
        self.origins.forget("gossip_count");
        self
    }

    /// How often one piece of news is passed on, at least: 2 to 32; 8 unless set.
    ///
    /// The rule by size alone, four times the logarithm of the number of nodes, gives a cluster of three two chances to
    /// hear of something; eight survive a fifth of all packets lost. Nodes may differ.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::cluster::config::{ClusterConfig, ConfigError};
    /// let config = ClusterConfig::builder().cookie("my-cluster-secret");
    /// assert!(config.clone().transmissions_min(12).build().is_ok());
    /// let refused = config.transmissions_min(1).build();
    /// assert!(matches!(refused, Err(ConfigError::Range { setting: "transmissions_min", .. })));
    /// ```
    pub fn transmissions_min(mut self, count: u8) -> Self {
        self.detection.transmissions_min = Some(count);
        self.origins.forget("transmissions_min");
        self
    }

    /// How long members that are down or have left are remembered: an hour to 7 days; 24 h unless set.
    ///
    /// Old gossip must be gone before they are forgotten, or it raises the dead; and for as long they are looked for. The
    /// same on all nodes: whoever remembers reminds the others.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use murmer::cluster::config::{ClusterConfig, ConfigError};
    /// let config = ClusterConfig::builder().cookie("my-cluster-secret");
    /// assert!(config.clone().forget_after(Duration::from_secs(7200)).build().is_ok());
    /// let refused = config.forget_after(Duration::from_secs(60)).build();
    /// assert!(matches!(refused, Err(ConfigError::Range { setting: "forget_after", .. })));
    /// ```
    pub fn forget_after(mut self, span: Duration) -> Self {
        self.detection.forget_after = Some(span);
        self.origins.forget("forget_after");
        self
    }
}
