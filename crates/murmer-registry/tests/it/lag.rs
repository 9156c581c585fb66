//! How far two registries are apart, as each of them sees it.

use murmer_registry::{Digest, Input, Lag, Message};

use crate::net::{Net, SECOND};

/// What the first of a pair knows of the second.
fn lag(net: &Net) -> Option<Lag> {
    net.members[0].registry.lag(&net.members[1].id)
}

#[test]
fn what_a_peer_has_not_acknowledged_is_unheard() {
    let mut net = Net::new(&["alpha", "beta"]);
    assert_eq!(lag(&net), None);
    net.link(0, 1);
    net.settle();
    let in_sync = Lag { unheard: 0, missing: 0, is_synced: true };
    assert_eq!(lag(&net), Some(in_sync));
    for number in 0..10 {
        net.register(0, number, "room");
    }
    net.now += SECOND;
    net.handle(0, Input::Timeout);
    assert_eq!(lag(&net), Some(Lag { unheard: 10, ..in_sync }));
    net.settle();
    net.run(SECOND);
    assert_eq!(lag(&net), Some(in_sync));
    let stats = net.members[0].registry.stats();
    assert_eq!((stats.head, stats.live, stats.kept_ops), (10, 10, 10));
    assert!((10..10_000).contains(&stats.kept_bytes), "{stats:?}");
    net.unlink(0, 1);
    assert_eq!(lag(&net), None);
}

#[test]
fn what_a_peer_says_it_has_and_is_not_here_is_missing() {
    let mut net = Net::new(&["alpha", "beta"]);
    net.link(0, 1);
    net.settle();
    let from = net.members[1].id.clone();
    let digest = Digest { sent: 0, head: 7, live: 7, fingerprint: 1 };
    net.handle(0, Input::Message { from, message: Message::Digest(digest) });
    assert_eq!(lag(&net), Some(Lag { unheard: 0, missing: 7, is_synced: false }));
}

#[test]
fn a_link_whose_peer_has_said_nothing_yet_is_not_in_sync() {
    let mut net = Net::new(&["alpha", "beta"]);
    net.link(0, 1);
    assert_eq!(lag(&net), Some(Lag::default()));
}
