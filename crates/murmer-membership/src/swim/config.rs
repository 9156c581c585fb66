//! The knobs of [`Swim`](super::Swim).

use core::num::{NonZeroU8, NonZeroUsize};
use core::time::Duration;

use foca::{Config, PeriodicParams};

use crate::Downing;

/// The longest SWIM packet, in bytes.
///
/// A QUIC datagram holds 1,162 at the smallest MTU of 1,200; the rest is for a tag.
pub const PACKET_BYTES_MAX: usize = 1_150;

/// How eagerly members are watched, and how soon they are given up.
///
/// All members of a cluster should use the same. Spans below 10 ms are taken as 10 ms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwimConfig {
    /// How often a member is probed.
    ///
    /// 200 ms to 5 s. Each probe picks one member, so with n members each is probed by somebody about
    /// once in this span, however large n is. Source: SWIM (Das et al., 2002), section 3.1.
    pub probe_every: Duration,
    /// How long a probed member may take to answer before others are asked to probe it.
    ///
    /// Above nearly all round trips, below half of `probe_every`, so that the detour through others
    /// fits as well; larger values are taken as that half.
    pub probe_rtt: Duration,
    /// How many others are asked.
    ///
    /// 1 to 5. Three make it unlikely that one bad path looks like a death; more buy little.
    /// Source: SWIM, section 3.1.
    pub indirect: usize,
    /// How long a suspected member may stay silent before it is declared unreachable.
    ///
    /// Seconds, not minutes; several `probe_every`, or a few lost packets are a death. Grows with the
    /// logarithm of the cluster's size, since objections then take longer to spread.
    /// Source: SWIM, section 4.2.
    pub suspect_timeout: Duration,
    /// How long a member stays unreachable before it is down and what it had is pruned.
    ///
    /// Long enough for a wrongly accused member to object, which takes a few round trips; short
    /// enough that its callers can wait for it.
    pub down_after: Duration,
    /// Who may hold an unreachable member to be down.
    pub downing: Downing,
    /// How long signs of life can hold Down off.
    ///
    /// Longer than `down_after`. Beyond it a member that answers on its link but cannot be heard
    /// through SWIM is broken in a way that waiting doesn't mend.
    pub veto_max: Duration,
    /// How often one random member is asked for all the members it knows.
    ///
    /// Seconds to minutes: it repairs what gossip missed, and costs a full packet.
    pub announce_every: Duration,
    /// How often members that are down are tried again.
    ///
    /// Seconds to minutes: it sets how fast a healed partition is noticed from inside.
    pub announce_down_every: Duration,
    /// How many of them at once. 1 to 5.
    pub announce_down_count: usize,
    /// How often news is passed on.
    ///
    /// 100 ms to 1 s; nothing is sent without news.
    pub gossip_every: Duration,
    /// To how many members at once. 2 to 5.
    pub gossip_count: usize,
    /// How often one piece of news is passed on, at least.
    ///
    /// 4 to 15. The rule by size alone, 4 log10(n + 1), gives a cluster of three two chances to hear
    /// of something; eight survive a fifth of all packets lost.
    pub transmissions_min: u8,
    /// How long ended members are remembered.
    ///
    /// Hours: old gossip must be gone before they are forgotten, or it raises the dead.
    pub forget_after: Duration,
}

impl SwimConfig {
    /// For nodes within a few milliseconds of each other. The default.
    pub fn lan() -> Self {
        Self {
            probe_every: Duration::from_millis(500),
            probe_rtt: Duration::from_millis(200),
            indirect: 3,
            suspect_timeout: Duration::from_secs(2),
            down_after: Duration::from_secs(2),
            downing: Downing::Auto,
            veto_max: Duration::from_secs(30),
            announce_every: Duration::from_secs(10),
            announce_down_every: Duration::from_secs(10),
            announce_down_count: 2,
            gossip_every: Duration::from_millis(200),
            gossip_count: 3,
            transmissions_min: 8,
            forget_after: Duration::from_secs(24 * 60 * 60),
        }
    }

    /// For nodes on different continents, or on lossy links.
    pub fn wan() -> Self {
        Self {
            probe_every: Duration::from_secs(2),
            probe_rtt: Duration::from_millis(800),
            suspect_timeout: Duration::from_secs(12),
            down_after: Duration::from_secs(10),
            announce_every: Duration::from_secs(30),
            announce_down_every: Duration::from_secs(30),
            announce_down_count: 3,
            gossip_every: Duration::from_millis(500),
            gossip_count: 4,
            ..Self::lan()
        }
    }

    /// The same with every span long enough that a timer can't be due the moment it is set.
    pub(super) fn sound(mut self) -> Self {
        for span in [
            &mut self.probe_every,
            &mut self.probe_rtt,
            &mut self.suspect_timeout,
            &mut self.announce_every,
            &mut self.announce_down_every,
            &mut self.gossip_every,
            &mut self.forget_after,
        ] {
            *span = (*span).clamp(SPAN_MIN, SPAN_MAX);
        }
        self.down_after = self.down_after.min(SPAN_MAX);
        self.veto_max = self.veto_max.min(SPAN_MAX);
        if let Downing::KeepMajority { stable_after } = &mut self.downing {
            *stable_after = (*stable_after).clamp(SPAN_MIN, SPAN_MAX);
        }
        self.probe_rtt = self.probe_rtt.min(self.probe_every / 2);
        self
    }

    /// What foca is to do in a cluster of up to 2 to the power of `doublings` nodes.
    pub(super) fn for_foca(&self, doublings: u32) -> Config {
        // log10(n) without floating point: every doubling of n adds 0.301.
        let log10_millis = doublings.saturating_mul(301);
        let transmissions = u8::try_from(log10_millis.saturating_mul(4).div_ceil(1_000)).unwrap_or(u8::MAX);
        Config {
            probe_period: self.probe_every,
            probe_rtt: self.probe_rtt,
            num_indirect_probes: count(self.indirect),
            max_transmissions: NonZeroU8::new(transmissions.max(self.transmissions_min))
                .unwrap_or(NonZeroU8::MIN),
            suspect_to_down_after: self.suspect_timeout.saturating_mul(log10_millis.max(1_000)) / 1_000,
            remove_down_after: Some(self.forget_after),
            max_packet_size: count(PACKET_BYTES_MAX),
            notify_down_members: true,
            periodic_announce: Some(every(self.announce_every, 1)),
            periodic_announce_to_down_members: Some(every(
                self.announce_down_every,
                self.announce_down_count,
            )),
            periodic_gossip: Some(every(self.gossip_every, self.gossip_count)),
        }
    }
}

impl Default for SwimConfig {
    fn default() -> Self {
        Self::lan()
    }
}

fn every(frequency: Duration, members: usize) -> PeriodicParams {
    PeriodicParams { frequency, num_members: count(members) }
}

fn count(number: usize) -> NonZeroUsize {
    NonZeroUsize::new(number).unwrap_or(NonZeroUsize::MIN)
}

const SPAN_MIN: Duration = Duration::from_millis(10);
/// Far beyond use, and far from overflowing any sum with a clock.
const SPAN_MAX: Duration = Duration::from_secs(1 << 32);
