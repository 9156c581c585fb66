//! What is set of failure detection beside its profile, and what may be.

use core::fmt;
use core::ops::RangeInclusive;
use core::time::Duration;

use murmer_membership::{Downing, SwimConfig};

use super::ConfigError;
use super::builder::in_range;

/// The settings that count more than the profile's.
#[derive(Debug, Clone, Default)]
pub(super) struct Detection {
    pub(super) probe_every: Option<Duration>,
    pub(super) probe_rtt: Option<Duration>,
    pub(super) indirect_probes: Option<usize>,
    pub(super) suspect_timeout: Option<Duration>,
    pub(super) down_after: Option<Duration>,
    pub(super) downing: Downing,
    pub(super) veto_max: Option<Duration>,
    pub(super) announce_every: Option<Duration>,
    pub(super) announce_down_every: Option<Duration>,
    pub(super) announce_down_count: Option<usize>,
    pub(super) gossip_every: Option<Duration>,
    pub(super) gossip_count: Option<usize>,
    pub(super) transmissions_min: Option<u8>,
    pub(super) forget_after: Option<Duration>,
}

impl Detection {
    /// The profile's settings, but for those set here.
    pub(super) fn over(&self, profile: SwimConfig) -> SwimConfig {
        SwimConfig {
            probe_every: self.probe_every.unwrap_or(profile.probe_every),
            probe_rtt: self.probe_rtt.unwrap_or(profile.probe_rtt),
            indirect: self.indirect_probes.unwrap_or(profile.indirect),
            suspect_timeout: self.suspect_timeout.unwrap_or(profile.suspect_timeout),
            down_after: self.down_after.unwrap_or(profile.down_after),
            downing: self.downing,
            veto_max: self.veto_max.unwrap_or(profile.veto_max),
            announce_every: self.announce_every.unwrap_or(profile.announce_every),
            announce_down_every: self.announce_down_every.unwrap_or(profile.announce_down_every),
            announce_down_count: self.announce_down_count.unwrap_or(profile.announce_down_count),
            gossip_every: self.gossip_every.unwrap_or(profile.gossip_every),
            gossip_count: self.gossip_count.unwrap_or(profile.gossip_count),
            transmissions_min: self.transmissions_min.unwrap_or(profile.transmissions_min),
            forget_after: self.forget_after.unwrap_or(profile.forget_after),
        }
    }
}

/// Each setting against its range. The ranges are those in the docs of the builder's methods.
pub(super) fn check(swim: &SwimConfig) -> Result<(), ConfigError> {
    let SwimConfig { probe_every, probe_rtt, suspect_timeout, down_after, veto_max, .. } = *swim;
    within(probe_every, MS * 100..=S * 10, "probe_every", "100 ms to 10 s")?;
    within(probe_rtt, MS * 10..=probe_every / 2, "probe_rtt", "10 ms to half of probe_every")?;
    within(swim.indirect, 1..=8, "indirect_probes", "1 to 8")?;
    let range = "twice probe_every to 10 minutes";
    within(suspect_timeout, probe_every * 2..=S * 600, "suspect_timeout", range)?;
    within(down_after, MS * 100..=S * 3_600, "down_after", "100 ms to an hour")?;
    within(veto_max, down_after..=S * 3_600, "veto_max", "down_after to an hour")?;
    within(swim.announce_every, S..=S * 600, "announce_every", "1 s to 10 minutes")?;
    within(swim.announce_down_every, S..=S * 600, "announce_down_every", "1 s to 10 minutes")?;
    within(swim.announce_down_count, 1..=8, "announce_down_count", "1 to 8")?;
    within(swim.gossip_every, MS * 50..=S * 5, "gossip_every", "50 ms to 5 s")?;
    within(swim.gossip_count, 1..=8, "gossip_count", "1 to 8")?;
    within(swim.transmissions_min, 2..=32, "transmissions_min", "2 to 32")?;
    within(swim.forget_after, S * 3_600..=S * 604_800, "forget_after", "an hour to 7 days")?;
    match swim.downing {
        Downing::Auto | Downing::Manual => Ok(()),
        Downing::KeepMajority { stable_after } => {
            let least = (probe_every * 4).max(S);
            let range = "stable after 1 s and 4 times probe_every, or more, and 10 minutes at most";
            within(stable_after, least..=S * 600, "downing", range)
        }
    }
}

fn within<T: PartialOrd + fmt::Debug>(
    given: T,
    range: RangeInclusive<T>,
    setting: &'static str,
    said: &'static str,
) -> Result<(), ConfigError> {
    in_range(range.contains(&given), setting, said, format!("{given:?}"))
}

const MS: Duration = Duration::from_millis(1);
const S: Duration = Duration::from_secs(1);
