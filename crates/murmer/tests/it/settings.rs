//! What a node's settings may be.

use std::time::Duration;

use murmer::cluster::config::{ClusterConfig, ClusterConfigBuilder, ConfigError, Downing, Profile};

type Set = fn(ClusterConfigBuilder) -> ClusterConfigBuilder;

fn built(profile: Profile, set: Set) -> Result<ClusterConfig, ConfigError> {
    set(ClusterConfig::builder().cookie("a cookie for tests").profile(profile)).build()
}

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn majority(stable_after: Duration) -> Downing {
    Downing::KeepMajority { stable_after }
}

#[test]
fn what_is_in_range_is_taken_in_both_profiles() {
    for profile in [Profile::Lan, Profile::Wan] {
        let sets: [Set; 9] = [
            |config| config,
            |config| config.probe_every(secs(3)).suspect_timeout(secs(6)),
            |config| config.probe_rtt(ms(10)).indirect_probes(8),
            |config| config.suspect_timeout(secs(600)).down_after(secs(30)),
            |config| config.down_after(secs(3_600)).veto_max(secs(3_600)),
            |config| config.announce_every(secs(1)).announce_down_every(secs(600)).announce_down_count(8),
            |config| config.gossip_every(ms(50)).gossip_count(1).transmissions_min(32),
            |config| config.forget_after(secs(7 * 24 * 3_600)).downing(Downing::Manual),
            |config| config.downing(majority(secs(8))),
        ];
        for (at, set) in sets.into_iter().enumerate() {
            assert!(built(profile, set).is_ok(), "{profile:?} {at}: {:?}", built(profile, set));
        }
    }
}

#[test]
fn what_is_out_of_range_is_named_with_what_was_given_and_what_is_allowed() {
    let sets: [(Set, &str); 15] = [
        (|config| config.probe_every(ms(99)), "probe_every must be 100 ms to 10 s, not 99ms"),
        (|config| config.probe_every(secs(11)), "probe_every must be 100 ms to 10 s, not 11s"),
        (|config| config.probe_rtt(ms(251)), "probe_rtt must be 10 ms to half of probe_every, not 251ms"),
        (|config| config.indirect_probes(0), "indirect_probes must be 1 to 8, not 0"),
        (
            |config| config.suspect_timeout(ms(999)),
            "suspect_timeout must be twice probe_every to 10 minutes, not 999ms",
        ),
        (|config| config.down_after(ms(99)), "down_after must be 100 ms to an hour, not 99ms"),
        (|config| config.veto_max(secs(1)), "veto_max must be down_after to an hour, not 1s"),
        (|config| config.announce_every(secs(601)), "announce_every must be 1 s to 10 minutes, not 601s"),
        (
            |config| config.announce_down_every(ms(1)),
            "announce_down_every must be 1 s to 10 minutes, not 1ms",
        ),
        (|config| config.announce_down_count(9), "announce_down_count must be 1 to 8, not 9"),
        (|config| config.gossip_every(secs(6)), "gossip_every must be 50 ms to 5 s, not 6s"),
        (|config| config.gossip_count(0), "gossip_count must be 1 to 8, not 0"),
        (|config| config.transmissions_min(1), "transmissions_min must be 2 to 32, not 1"),
        (|config| config.forget_after(secs(60)), "forget_after must be an hour to 7 days, not 60s"),
        (
            |config| config.downing(majority(ms(1_999))),
            "downing must be stable after 1 s and 4 times probe_every, or more, and 10 minutes at most, not 1.999s",
        ),
    ];
    for (set, said) in sets {
        assert_eq!(built(Profile::Lan, set).unwrap_err().to_string(), said);
    }
}

#[test]
fn what_is_set_counts_more_than_the_profile_whatever_comes_first() {
    let config = ClusterConfig::builder().cookie("a cookie for tests").probe_rtt(ms(900));
    assert!(config.clone().profile(Profile::Wan).build().is_ok());
    assert!(config.clone().profile(Profile::Wan).probe_every(secs(1)).build().is_err());
    assert!(config.profile(Profile::Lan).build().is_err());
}
