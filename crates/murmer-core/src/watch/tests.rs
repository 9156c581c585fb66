//! What watches leave behind, which can't be seen from outside.

use bytes::BytesMut;
use murmer_wire::MessageKey;
use tokio::sync::oneshot;

use crate::near::{AnyNear, Near};
use crate::{
    Accepts, Actor, ActorContext, Handlers, Message, MessageInfo, ReplyPort, ReplyTo, SendError, System,
    Undecodable, WatchId,
};

/// Does as it is told, and hands back whether anybody waits for that.
struct Doer;

struct Do(Deed);

type Deed = Box<dyn FnOnce(&ActorContext<Doer>) + Send>;

impl Actor for Doer {
    type State = ();
}

impl Message for Do {
    type Reply = bool;
    const KEY: MessageKey = MessageKey(1);
    const NAME: &'static str = "do";

    fn encode(&self, _: &mut BytesMut) -> Result<(), SendError> {
        Err(SendError::LocalOnly)
    }

    fn decode_reply(_: crate::Answered) -> Result<bool, SendError> {
        Err(SendError::LocalOnly)
    }
}

impl Handlers for Doer {
    type Envelope = (Do, Option<ReplyTo<bool>>);
    const TYPE: &'static str = "tests::Doer";
    const REMOTE: bool = false;
    const MESSAGES: &'static [MessageInfo] = &[];

    fn dispatch_now(
        &mut self,
        _: &ActorContext<Self>,
        (): &mut (),
        envelope: Self::Envelope,
    ) -> Option<Self::Envelope> {
        Some(envelope)
    }

    async fn dispatch(&mut self, ctx: &ActorContext<Self>, (): &mut (), (deed, reply): Self::Envelope) {
        deed.0(ctx);
        if let Some(reply) = reply {
            let is_wanted = reply.is_wanted();
            reply.send(is_wanted);
        }
    }

    fn decode(_: MessageKey, _: &[u8], _: Option<ReplyPort>) -> Result<Self::Envelope, Undecodable> {
        Err(Undecodable::UnknownMessage)
    }

    fn describe(envelope: &Self::Envelope) -> (&'static str, bool) {
        (Do::NAME, envelope.1.is_some())
    }
}

impl Accepts<Do> for Doer {
    fn wrap(message: Do, reply: Option<ReplyTo<bool>>) -> Self::Envelope {
        (message, reply)
    }

    fn unwrap(envelope: Self::Envelope) -> Option<Do> {
        Some(envelope.0)
    }
}

fn near(endpoint: &crate::Endpoint<Doer>) -> std::sync::Arc<Near<Doer>> {
    match endpoint.way() {
        crate::endpoint::Way::Near(near) => near.clone(),
        crate::endpoint::Way::Far(_) | crate::endpoint::Way::Void(_) => panic!("it is of this process"),
    }
}

#[tokio::test]
async fn neither_end_of_a_watch_leaves_anything_behind_in_the_other() {
    let system = System::local();
    let target = system.start("target", Doer, ());
    for round in 0..3 {
        let watcher = system.start("watcher", Doer, ());
        let watched = target.clone();
        let watch = Do(Box::new(move |ctx| {
            let first = ctx.watch(&watched);
            ctx.watch(&watched);
            ctx.watch(&watched);
            assert!(ctx.unwatch(first));
        }));
        assert!(watcher.send(watch).await.unwrap());
        assert_eq!(near(&target).watchers().len(), 2);
        match round {
            0 => drop(watcher.control().stop_and_wait().await),
            1 => assert!(watcher.control().kill()),
            _ => drop(watcher.send(Do(Box::new(|_| panic!("on purpose")))).await),
        }
        watcher.closed().await;
        assert_eq!(near(&target).watchers().len(), 0, "round {round}");
    }
    let watcher = system.start("watcher", Doer, ());
    let watched = target.clone();
    let watch = Do(Box::new(move |ctx| assert!(ctx.watch(&watched) > WatchId(0))));
    watcher.send(watch).await.unwrap();
    target.control().stop_and_wait().await;
    assert_eq!(near(&watcher).watches().len(), 0);
    // Nothing holds an actor that is over but its endpoints.
    let weak = std::sync::Arc::downgrade(&near(&target));
    drop(target);
    watcher.send(Do(Box::new(|_| ()))).await.unwrap();
    assert!(weak.upgrade().is_none());
}

#[tokio::test]
async fn a_reply_is_wanted_for_as_long_as_somebody_waits_for_it() {
    let (sender, receiver) = oneshot::channel();
    let mut reply = ReplyTo::<u8>::local(sender, None);
    assert!(reply.is_wanted() && reply.begin());
    drop(receiver);
    assert!(!reply.is_wanted());
    let (sender, receiver) = oneshot::channel();
    drop(receiver);
    assert!(!ReplyTo::<u8>::local(sender, None).begin(), "so it is not handled");
}
