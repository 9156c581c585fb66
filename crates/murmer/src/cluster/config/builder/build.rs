//! From what was set to a config that holds, or to what is wrong with it.

use core::fmt;
use core::mem;
use core::time::Duration;

use murmer_transport::SettingError;
use murmer_wire::NodeName;

use super::ClusterConfigBuilder;
use crate::cluster::Seed;
use crate::cluster::config::detection::check;
use crate::cluster::config::{ClusterConfig, ConfigError};
use crate::cluster::discovery::Discovery;

impl ClusterConfigBuilder {
    /// Checks everything.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] names the setting and what it should be.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use murmer::cluster::config::{ClusterConfig, ConfigError};
    ///
    /// let config = ClusterConfig::builder().cookie("my-cluster-secret");
    /// assert!(config.clone().build().is_ok());
    /// let refused = config.ask_timeout(Duration::ZERO).build();
    /// assert!(matches!(refused, Err(ConfigError::Range { setting: "ask_timeout", .. })));
    /// ```
    pub fn build(mut self) -> Result<ClusterConfig, ConfigError> {
        let origins = mem::take(&mut self.origins);
        self.checked().map_err(|error| origins.explain(error))
    }

    fn checked(mut self) -> Result<ClusterConfig, ConfigError> {
        self.search_by_mdns();
        self.check_ranges()?;
        let seeds = self.all_seeds()?;
        let name = match self.name {
            Some(given) => Some(NodeName::new(&given).map_err(|source| ConfigError::Name {
                given,
                source,
                origin: None,
            })?),
            None => None,
        };
        let mut cookies = vec![self.cookie.ok_or(ConfigError::NoCookie)?];
        check_cookie("cookie", &cookies[0])?;
        if let Some(previous) = self.previous_cookie {
            check_cookie("previous_cookie", &previous)?;
            cookies.push(previous);
        }
        let swim = self.detection.over(self.profile.swim());
        check(&swim)?;
        self.quic.check().map_err(|SettingError { setting, range, given }| ConfigError::Range {
            setting,
            range,
            given,
            origin: None,
        })?;
        Ok(ClusterConfig {
            name,
            cluster: self.cluster,
            listen: self.listen,
            advertise: self.advertise,
            cookies,
            seeds,
            discoveries: self.discoveries,
            gossip: self.gossip,
            swim,
            join_wait: self.join_wait,
            ask_timeout: self.ask_timeout,
            mailbox_wait: self.mailbox_wait,
            message_bytes_max: self.message_bytes_max,
            quic: self.quic,
            misspelt: self.misspelt,
        })
    }

    /// Those that were set, and those of the discoveries.
    fn all_seeds(&self) -> Result<Vec<Seed>, ConfigError> {
        let mut seeds = self.seeds.clone();
        seeds.extend(self.discoveries.iter().flat_map(Discovery::seeds_of));
        in_range(seeds.len() <= 64, "seed_nodes", "at most 64", seeds.len())?;
        Ok(seeds)
    }

    fn check_ranges(&self) -> Result<(), ConfigError> {
        let len = self.cluster.len();
        in_range((1..=255).contains(&len), "cluster", "1 to 255 bytes", format!("{len} bytes"))?;
        if let Some(addr) = self.advertise {
            let is_reachable = !addr.ip().is_unspecified() && addr.port() != 0;
            in_range(is_reachable, "advertise", "an address and port others can dial", addr)?;
        }
        let len = self.discoveries.len();
        in_range(len <= 8, "discovery", "given at most 8 times", len)?;
        let minutes = Duration::from_secs(600);
        in_range(
            self.join_wait <= minutes,
            "join_wait",
            "at most 10 minutes",
            format!("{:?}", self.join_wait),
        )?;
        let asks = Duration::from_millis(1)..=Duration::from_secs(86_400);
        let given = format!("{:?}", self.ask_timeout);
        in_range(asks.contains(&self.ask_timeout), "ask_timeout", "1 ms to a day", given)?;
        let hour = Duration::from_secs(3_600);
        in_range(
            self.mailbox_wait <= hour,
            "mailbox_wait",
            "at most an hour",
            format!("{:?}", self.mailbox_wait),
        )?;
        let bytes = self.message_bytes_max;
        let range = (4 << 10)..=murmer_wire::FRAME_BYTES_HARD_MAX;
        in_range(range.contains(&bytes), "message_bytes_max", "4 KiB to 64 MiB", bytes)
    }
}

pub(in crate::cluster::config) fn in_range(
    holds: bool,
    setting: &'static str,
    range: &'static str,
    given: impl fmt::Display,
) -> Result<(), ConfigError> {
    if holds {
        return Ok(());
    }
    // Where it came from is added at the end, for all settings at once.
    Err(ConfigError::Range { setting, range, given: given.to_string(), origin: None })
}

fn check_cookie(setting: &'static str, secret: &str) -> Result<(), ConfigError> {
    let len = secret.len();
    in_range((1..=1_024).contains(&len), setting, "1 to 1,024 bytes", format!("{len} bytes"))
}
