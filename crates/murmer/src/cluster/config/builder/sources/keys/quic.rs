//! The settings of the transport: the fields of `QuicConfig` and of the `Limits` in it, all in one table.

use super::Key;

pub(super) static KEYS: &[Key] = &[
    Key::quic("keep_alive", |quic, given| given.span().map(|span| quic.keep_alive = span)),
    Key::quic("send_window", |quic, given| given.bytes().map(|bytes| quic.send_window = bytes)),
    Key::quic("initial_rtt", |quic, given| given.span().map(|span| quic.initial_rtt = span)),
    Key::quic("initial_mtu", |quic, given| given.bytes().map(|bytes| quic.initial_mtu = bytes)),
    Key::quic("mtu_max", |quic, given| given.bytes().map(|bytes| quic.mtu_max = bytes)),
    Key::quic("segmentation_offload", |quic, given| given.switch().map(|on| quic.segmentation_offload = on)),
    Key::quic("packets_per_ack", |quic, given| given.count().map(|count| quic.packets_per_ack = count)),
    Key::quic("socket_receive_buffer", |quic, given| {
        given.buffer().map(|bytes| quic.socket_receive_buffer = bytes)
    }),
    Key::quic("socket_send_buffer", |quic, given| {
        given.buffer().map(|bytes| quic.socket_send_buffer = bytes)
    }),
    Key::quic("stable_key", |quic, given| given.key().map(|key| quic.stable_key = Some(key))).secret(),
    Key::quic("idle_timeout", |quic, given| given.span().map(|span| quic.limits.idle_timeout = span)),
    Key::quic("connect_timeout", |quic, given| given.span().map(|span| quic.limits.connect_timeout = span)),
    Key::quic("stream_window", |quic, given| given.bytes().map(|bytes| quic.limits.stream_window = bytes)),
    Key::quic("connection_window", |quic, given| {
        given.bytes().map(|bytes| quic.limits.connection_window = bytes)
    }),
    Key::quic("stranger_window", |quic, given| {
        given.bytes().map(|bytes| quic.limits.stranger_window = bytes)
    }),
    Key::quic("streams", |quic, given| given.count().map(|count| quic.limits.streams = count)),
    Key::quic("streams_hard_max", |quic, given| {
        given.count().map(|count| quic.limits.streams_hard_max = count)
    }),
    Key::quic("stranger_streams", |quic, given| {
        given.count().map(|count| quic.limits.stranger_streams = count)
    }),
    Key::quic("datagram_send_buffer", |quic, given| {
        given.bytes().map(|bytes| quic.limits.datagram_send_buffer = bytes)
    }),
    Key::quic("datagram_receive_buffer", |quic, given| {
        given.bytes().map(|bytes| quic.limits.datagram_receive_buffer = bytes)
    }),
    Key::quic("untrusted_max", |quic, given| given.count().map(|count| quic.limits.untrusted_max = count)),
    Key::quic("untrusted_per_address_max", |quic, given| {
        given.count().map(|count| quic.limits.untrusted_per_address_max = count)
    }),
];
