//! One value of each key by each way, none of which is its default; and one that it can't have.

use std::time::Duration;

use murmer_transport::QuicConfig;

use crate::cluster::config::{ClusterConfigBuilder, Downing, Profile};

pub(super) struct Sample {
    pub(super) key: &'static str,
    pub(super) in_file: &'static str,
    pub(super) in_variable: &'static str,
    pub(super) in_code: fn(ClusterConfigBuilder) -> ClusterConfigBuilder,
    /// How errors begin to describe it.
    pub(super) expected: &'static str,
    /// None if it may be any text.
    pub(super) in_variable_wrong: &'static str,
}

const fn sample(
    key: &'static str,
    in_file: &'static str,
    in_variable: &'static str,
    in_code: fn(ClusterConfigBuilder) -> ClusterConfigBuilder,
    expected: &'static str,
    in_variable_wrong: &'static str,
) -> Sample {
    Sample { key, in_file, in_variable, in_code, expected, in_variable_wrong }
}

fn seeds(config: ClusterConfigBuilder) -> ClusterConfigBuilder {
    config.seed_nodes(["10.0.0.1:7100", "alpha:7100", "[::1]:7100"].map(|seed| seed.parse().unwrap()))
}

fn quic(config: ClusterConfigBuilder, set: impl FnOnce(&mut QuicConfig)) -> ClusterConfigBuilder {
    let mut quic = QuicConfig::default();
    set(&mut quic);
    config.quic(quic)
}

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const TEXT: &str = "text in quotes";
const ADDRESS: &str = "an address and port such as \"127.0.0.1:7100\"";
const SPAN: &str = "a duration such as \"30s\", in ms, s, m, h or d";
const SWITCH: &str = "true or false";
const COUNT: &str = "a whole number";
const BYTES: &str = "a number of bytes such as 4096 or \"4MiB\"";
const KEY: &str = "64 hexadecimal digits";

const DIGITS: &str = "0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789abcdef";
const QUOTED_DIGITS: &str = "\"0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789abcdef\"";
const STABLE_KEY: [u8; 32] = {
    let eight = [0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef];
    let mut key = [0; 32];
    let mut at = 0;
    while at < key.len() {
        key[at] = eight[at % 8];
        at += 1;
    }
    key
};

/// `secret` holds it.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/cluster/config/builder/sources/tests/cookie");
const QUOTED_FILE: &str =
    concat!("'", env!("CARGO_MANIFEST_DIR"), "/src/cluster/config/builder/sources/tests/cookie'");
const SECRET: &str = "a secret in a file";

#[rustfmt::skip]
pub(super) static SAMPLES: &[Sample] = &[
    sample("name", "'alpha'", "alpha", |c| c.name("alpha"), TEXT, ""),
    sample("cluster", "\"shop\\t1\"", "shop\t1", |c| c.cluster("shop\t1"), TEXT, ""),
    sample("listen", "'[::]:7100'", "[::]:7100", |c| c.listen(([0; 8], 7_100).into()), ADDRESS, "7100"),
    sample("advertise", "'10.0.0.1:7'", "10.0.0.1:7", |c| c.advertise(([10, 0, 0, 1], 7).into()), ADDRESS, "alpha:7"),
    sample("cookie", "'a = b'", "a = b", |c| c.cookie("a = b"), TEXT, ""),
    sample("cookie_file", QUOTED_FILE, FILE, |c| c.cookie(SECRET), "", ""),
    sample("previous_cookie", "' a '", " a ", |c| c.previous_cookie(" a "), TEXT, ""),
    sample("previous_cookie_file", QUOTED_FILE, FILE, |c| c.previous_cookie(SECRET), "", ""),
    sample("seed_nodes", "['10.0.0.1:7100', 'alpha:7100',\n'[::1]:7100']", "10.0.0.1:7100, alpha:7100,[::1]:7100", seeds, "a list such as [\"10.0.0.1:7100\", \"alpha:7100\"]", "alpha"),
    sample("mdns", "'shop'", "shop", |c| c.mdns("shop"), TEXT, ""),
    sample("gossip", "false", "false", |c| c.gossip(false), SWITCH, "no"),
    sample("profile", "'wan'", "wan", |c| c.profile(Profile::Wan), "\"lan\" or \"wan\"", "WAN"),
    sample("probe_every", "'400ms'", "400ms", |c| c.probe_every(ms(400)), SPAN, "400"),
    sample("probe_rtt", "'100ms'", "100ms", |c| c.probe_rtt(ms(100)), SPAN, "0.1s"),
    sample("indirect_probes", "4", "4", |c| c.indirect_probes(4), COUNT, "-4"),
    sample("suspect_timeout", "'4 s'", "4 s", |c| c.suspect_timeout(secs(4)), SPAN, "4  s"),
    sample("down_after", "'5s'", "5s", |c| c.down_after(secs(5)), SPAN, "s"),
    sample("downing", "'keep_majority 60s'", "keep_majority 60s", |c| c.downing(Downing::KeepMajority { stable_after: secs(60) }), "\"auto\", \"manual\", \"keep_majority\"", "keep_majority soon"),
    sample("veto_max", "'1m'", "1m", |c| c.veto_max(secs(60)), SPAN, "1M"),
    sample("announce_every", "'30s'", "30s", |c| c.announce_every(secs(30)), SPAN, "half a minute"),
    sample("announce_down_every", "'5s'", "5s", |c| c.announce_down_every(secs(5)), SPAN, "5 seconds"),
    sample("announce_down_count", "4", "4", |c| c.announce_down_count(4), COUNT, "4.0"),
    sample("gossip_every", "'100ms'", "100ms", |c| c.gossip_every(ms(100)), SPAN, "100 µs"),
    sample("gossip_count", "5", "5", |c| c.gossip_count(5), COUNT, "all"),
    sample("transmissions_min", "12", "12", |c| c.transmissions_min(12), COUNT, "256"),
    sample("forget_after", "'2d'", "2d", |c| c.forget_after(secs(172_800)), SPAN, "99999999999999999d"),
    sample("join_wait", "'0s'", "0s", |c| c.join_wait(secs(0)), SPAN, "0"),
    sample("ask_timeout", "'24h'", "24h", |c| c.ask_timeout(secs(86_400)), SPAN, "fast"),
    sample("mailbox_wait", "'10m'", "10m", |c| c.mailbox_wait(secs(600)), SPAN, "10 min"),
    sample("message_bytes_max", "'1MiB'", "1MiB", |c| c.message_bytes_max(1 << 20), BYTES, "1MB"),
    sample("quic.keep_alive", "'1s'", "1s", |c| quic(c, |q| q.keep_alive = secs(1)), SPAN, "1"),
    sample("quic.send_window", "1048576", "1048576", |c| quic(c, |q| q.send_window = 1 << 20), BYTES, "99999999999GiB"),
    sample("quic.initial_rtt", "'333ms'", "333ms", |c| quic(c, |q| q.initial_rtt = ms(333)), SPAN, "ms"),
    sample("quic.initial_mtu", "1_400", "1400", |c| quic(c, |q| q.initial_mtu = 1_400), BYTES, "65536"),
    sample("quic.mtu_max", "6000", "6000", |c| quic(c, |q| q.mtu_max = 6_000), BYTES, "6k"),
    sample("quic.segmentation_offload", "false", "false", |c| quic(c, |q| q.segmentation_offload = false), SWITCH, "0"),
    sample("quic.packets_per_ack", "2", "2", |c| quic(c, |q| q.packets_per_ack = 2), COUNT, "all"),
    sample("quic.socket_receive_buffer", "'system'", "system", |c| quic(c, |q| q.socket_receive_buffer = None), BYTES, "none"),
    sample("quic.socket_send_buffer", "'64 KiB'", "64 KiB", |c| quic(c, |q| q.socket_send_buffer = Some(64 << 10)), BYTES, "-1"),
    sample("quic.stable_key", QUOTED_DIGITS, DIGITS, |c| quic(c, |q| q.stable_key = Some(STABLE_KEY)), KEY, "0123456789"),
    sample("quic.idle_timeout", "'10s'", "10s", |c| quic(c, |q| q.limits.idle_timeout = secs(10)), SPAN, "never"),
    sample("quic.connect_timeout", "'1s'", "1s", |c| quic(c, |q| q.limits.connect_timeout = secs(1)), SPAN, "-1s"),
    sample("quic.stream_window", "'1MiB'", "1MiB", |c| quic(c, |q| q.limits.stream_window = 1 << 20), BYTES, "4GiB"),
    sample("quic.connection_window", "'1GiB'", "1GiB", |c| quic(c, |q| q.limits.connection_window = 1 << 30), BYTES, "1 Gi"),
    sample("quic.stranger_window", "'8KiB'", "8192B", |c| quic(c, |q| q.limits.stranger_window = 8 << 10), BYTES, "8kib"),
    sample("quic.streams", "128", "128", |c| quic(c, |q| q.limits.streams = 128), COUNT, "128B"),
    sample("quic.streams_hard_max", "256", "256", |c| quic(c, |q| q.limits.streams_hard_max = 256), COUNT, "4294967296"),
    sample("quic.stranger_streams", "2", "2", |c| quic(c, |q| q.limits.stranger_streams = 2), COUNT, "two"),
    sample("quic.datagram_send_buffer", "'2KiB'", "2KiB", |c| quic(c, |q| q.limits.datagram_send_buffer = 2 << 10), BYTES, "2.5KiB"),
    sample("quic.datagram_receive_buffer", "4096", "4096", |c| quic(c, |q| q.limits.datagram_receive_buffer = 4_096), BYTES, "0x1000"),
    sample("quic.untrusted_max", "1024", "1024", |c| quic(c, |q| q.limits.untrusted_max = 1_024), COUNT, "1,024"),
    sample("quic.untrusted_per_address_max", "64", "64", |c| quic(c, |q| q.limits.untrusted_per_address_max = 64), COUNT, "64 "),
];
