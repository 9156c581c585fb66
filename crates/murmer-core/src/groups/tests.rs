//! What is left of groups that nobody needs.

use murmer_wire::MessageKey;

use super::{GroupChange, ReceptionKey};
use crate::{Actor, ActorContext, ActorOptions, Handlers, MessageInfo, ReplyPort, System, Undecodable};

/// Takes no messages.
struct Idle;

enum Nothing {}

impl Actor for Idle {
    type State = ();
}

impl Handlers for Idle {
    type Envelope = Nothing;
    const TYPE: &'static str = "test::Idle";
    const REMOTE: bool = false;
    const MESSAGES: &'static [MessageInfo] = &[];

    async fn dispatch(&mut self, _: &ActorContext<Self>, _: &mut (), envelope: Nothing) {
        match envelope {}
    }

    fn decode(_: MessageKey, _: &[u8], _: Option<ReplyPort>) -> Result<Nothing, Undecodable> {
        Err(Undecodable::unknown_message())
    }

    fn describe(envelope: &Nothing) -> (&'static str, bool) {
        match *envelope {}
    }
}

#[tokio::test]
async fn a_group_is_given_up_when_nobody_is_in_it_and_nobody_lists_it() {
    let system = System::local();
    let key = ReceptionKey::<Idle>::new("idle").unwrap();
    let count = || system.groups().groups.values().len();
    assert!(system.group(&key).is_empty());
    assert_eq!(count(), 0, "looking makes none");

    let prepared = system.prepare::<Idle>("idle", ActorOptions::default()).unwrap();
    let endpoint = prepared.endpoint();
    for _ in 0..3 {
        system.join_group(&key, &endpoint).unwrap();
        assert_eq!(count(), 1);
        system.leave_group(&key, &endpoint);
        assert_eq!(count(), 0);
    }

    let mut listing = system.listing(&key);
    system.join_group(&key, &endpoint).unwrap();
    system.leave_group(&key, &endpoint);
    assert_eq!(count(), 1, "somebody lists it");
    system.join_group(&key, &endpoint).unwrap();
    assert_eq!(listing.try_next(), Some(GroupChange::Added(endpoint)));
    drop(listing);
    assert_eq!(count(), 1, "somebody is in it");
    drop(prepared);
    assert_eq!(count(), 0);
    drop(system.listing(&key));
    assert_eq!(count(), 0);
}
