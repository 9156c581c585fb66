//! What makes messages travel: bytes, keys, type names and the table of types.

use std::ops::Range;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use murmer_core::__private::{ACTOR_TYPES, BytesMut};
use murmer_core::{
    Accepts, Actor, Answered, Failure, FarItems, Handlers, ItemSink, Message, ReplyPort, ReplySink,
    ReplyStream, ReplyTo, SendError, System, Undecodable, Wire,
};
use murmer_macros::{Message, Wire, handlers};
use murmer_wire::{EncodeError, MessageKey};

pub struct Room;
pub struct Renamed;
pub struct Inner;

impl Actor for Room {
    type State = usize;
}

impl Actor for Renamed {
    type State = ();
}

impl Actor for Inner {
    type State = ();
}

#[handlers(crate = murmer_core)]
impl Room {
    #[handler]
    fn post(&mut self, state: &mut usize, from: String, text: String) -> usize {
        *state += from.len() + text.len();
        *state
    }

    #[handler]
    fn clear(&mut self, state: &mut usize) {
        *state = 0;
    }
}

#[rustfmt::skip]
mod formatted_otherwise {
    use super::*;

    pub struct Room;

    impl Actor for Room {
        type State = usize;
    }

    #[handlers(crate = murmer_core)]
    impl Room {
        #[handler]
        fn post(
            &mut self,
            from:String,
            state: & mut usize,
            mut renamed : String ,
        )->usize{
            renamed.clear();
            from.len() + *state
        }

        #[handler]
        fn clear(&mut self) -> u8 { 0 }
    }
}

#[handlers(crate = murmer_core, name = "chat::Room")]
impl Renamed {
    #[handler]
    fn ping(&self) {}
}

#[handlers(local, crate = murmer_core)]
impl Inner {
    #[handler]
    fn ping(&self, word: String) -> usize {
        word.len()
    }
}

/// One whose answers take their time.
pub struct Later;

impl Actor for Later {
    type State = Vec<ReplyTo<usize>>;
}

#[handlers(crate = murmer_core)]
impl Later {
    #[handler]
    fn post(&self, waiting: &mut Vec<ReplyTo<usize>>, _text: String, reply: ReplyTo<usize>) {
        waiting.push(reply);
    }

    #[handler]
    fn watch(&self) -> impl Stream<Item = u64> + Send + use<> {
        Numbers(0..3)
    }

    #[handler]
    fn watch_later(&self, reply: ReplyTo<ReplyStream<u64>>) {
        drop(reply);
    }

    #[handler(message)]
    fn count(&self, count: Count) -> impl Stream<Item = u64> {
        Numbers(0..count.0)
    }
}

#[derive(serde::Serialize, serde::Deserialize, Message)]
#[message(reply = ReplyStream<u64>, crate = murmer_core)]
pub struct Count(u64);

struct Numbers(Range<u64>);

impl Stream for Numbers {
    type Item = u64;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u64>> {
        Poll::Ready(self.0.next())
    }
}

pub struct Pair<A, B, const N: i8>(Option<(A, B)>);

#[derive(serde::Serialize, serde::Deserialize, Wire)]
#[wire(crate = murmer_core)]
pub struct Tagged;

impl<A: Wire, B: Wire, const N: i8> Actor for Pair<A, B, N> {
    type State = ();
}

#[handlers(crate = murmer_core)]
impl<A: Wire, B, const N: i8> Pair<A, B, N>
where
    B: Wire,
{
    #[handler]
    fn put(&mut self, a: A) -> Option<B> {
        let before = self.0.take()?;
        drop(a);
        Some(before.1)
    }

    #[handler]
    fn clear(&mut self) {
        self.0 = None;
    }
}

#[derive(serde::Serialize, serde::Deserialize, Message)]
#[message(reply = Vec<u8,>, crate = murmer_core)]
pub struct Shared(u8);

#[derive(serde::Serialize, serde::Deserialize, Message)]
#[serde(bound = "")]
#[message(name = "bank::Named", crate = murmer_core)]
pub struct Named<T: Wire>(T);

#[derive(Default)]
struct Heard(Mutex<Vec<Vec<u8>>>);

impl ReplySink for Heard {
    fn reply(&self, _: u64, encode: &mut dyn FnMut(&mut BytesMut) -> Result<(), EncodeError>) {
        let mut out = BytesMut::new();
        encode(&mut out).unwrap();
        self.0.lock().unwrap().push(out.to_vec());
    }

    fn items(self: Arc<Self>, _: u64) -> Box<dyn ItemSink> {
        Box::new(HeardItems(self))
    }

    fn fail(&self, _: u64, failure: Failure) {
        panic!("no reply: {failure:?}");
    }

    fn is_wanted(&self, _: u64) -> bool {
        true
    }
}

/// Has room for everything.
struct HeardItems(Arc<Heard>);

impl ItemSink for HeardItems {
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<bool> {
        Poll::Ready(true)
    }

    fn poll_unwanted(&mut self, _: &mut Context<'_>) -> Poll<()> {
        Poll::Pending
    }

    fn send(&mut self, encode: &mut dyn FnMut(&mut BytesMut) -> Result<(), EncodeError>) {
        self.0.reply(1, encode);
    }

    fn end(self: Box<Self>, panicked: bool) {
        assert!(!panicked);
    }
}

/// What was heard, as if it had crossed a network.
struct Carried(std::vec::IntoIter<Vec<u8>>);

impl FarItems for Carried {
    fn poll_item(&mut self, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, SendError>>> {
        Poll::Ready(self.0.next().map(|item| Ok(item.into())))
    }
}

fn whole(bytes: &[u8]) -> Answered {
    Answered::Whole(Bytes::copy_from_slice(bytes))
}

fn bytes_of(message: &impl Message) -> BytesMut {
    let mut out = BytesMut::new();
    message.encode(&mut out).unwrap();
    out
}

#[test]
fn a_message_survives_the_wire_and_so_does_its_reply() {
    let bytes = bytes_of(&RoomPost { from: "ada".into(), text: "hello".into() });
    let heard = Arc::new(Heard::default());
    let port = ReplyPort::new(heard.clone(), 1, None);
    let envelope = Room::decode(RoomPost::KEY, &bytes, Some(port)).unwrap();
    let RoomEnvelope::Post(message, Some(reply)) = envelope else { panic!("another message") };
    assert_eq!((&*message.from, &*message.text), ("ada", "hello"));
    reply.send(8);
    assert_eq!(RoomPost::decode_reply(whole(&heard.0.lock().unwrap()[0])).unwrap(), 8);
}

#[test]
fn a_message_without_a_reply_port_is_a_tell() {
    let envelope = Room::decode(RoomClear::KEY, &bytes_of(&RoomClear {}), None).unwrap();
    assert!(matches!(envelope, RoomEnvelope::Clear(RoomClear {}, None)));
}

#[test]
fn bytes_that_are_no_message_are_refused() {
    let refused = Room::decode(MessageKey(1), &[], None).map(drop).unwrap_err();
    assert_eq!(refused, Undecodable::UnknownMessage);
    let refused = Room::decode(RoomPost::KEY, &[200], None).map(drop).unwrap_err();
    assert!(matches!(refused, Undecodable::Malformed(_)));
}

#[test]
fn a_type_is_named_after_its_crate_or_as_told() {
    assert_eq!(Room::TYPE, "it::Room");
    assert_eq!(Renamed::TYPE, "chat::Room");
}

#[test]
fn a_key_is_made_of_type_method_and_signature_as_written() {
    assert_eq!(RoomPost::KEY, MessageKey::of("it::Room", "post(String,String)->usize"));
    assert_eq!(RoomClear::KEY, MessageKey::of("it::Room", "clear()->()"));
    assert_eq!(RenamedPing::KEY, MessageKey::of("chat::Room", "ping()->()"));
}

#[test]
fn a_key_tells_what_the_answer_is_and_not_how_it_is_given() {
    assert_eq!(LaterPost::KEY, MessageKey::of("it::Later", "post(String)->usize"));
    assert_eq!(LaterWatch::KEY, MessageKey::of("it::Later", "watch()->impl Stream<Item=u64>"));
}

#[tokio::test]
async fn a_streamed_answer_survives_the_wire_item_by_item() {
    check_streamed(LaterWatch {}).await;
    check_streamed(Count(3)).await;
}

/// That `message` is answered by 0, 1, 2.
async fn check_streamed<M: Message<Reply = ReplyStream<u64>>>(message: M) {
    const { assert!(M::IS_STREAMED) };
    let system = System::local();
    let later = system.start("later", Later, Vec::new());
    let heard = Arc::new(Heard::default());
    let port = ReplyPort::new(heard.clone(), 1, None);
    let mut inbound = system.port(later.id().number).unwrap();
    inbound.deliver(M::KEY, &bytes_of(&message).freeze(), Some(port)).unwrap();
    std::future::poll_fn(|cx| inbound.poll_flush(cx)).await;
    while heard.0.lock().unwrap().len() < 3 {
        tokio::task::yield_now().await;
    }
    let items = std::mem::take(&mut *heard.0.lock().unwrap()).into_iter();
    let mut stream = M::decode_reply(Answered::Streamed(Box::new(Carried(items)))).unwrap();
    for n in 0..3 {
        assert_eq!(stream.next().await.unwrap().unwrap(), n);
    }
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn an_item_that_cannot_be_read_is_the_last_one() {
    let items = vec![vec![1], vec![], vec![2]].into_iter();
    let mut stream = LaterWatch::decode_reply(Answered::Streamed(Box::new(Carried(items)))).unwrap();
    assert_eq!(stream.next().await.unwrap().unwrap(), 1);
    assert!(matches!(stream.next().await, Some(Err(SendError::Reply(Some(_))))));
    assert!(stream.next().await.is_none());
}

#[test]
fn an_answer_of_the_other_kind_is_none() {
    let stream = || Answered::Streamed(Box::new(Carried(vec![].into_iter())));
    assert!(matches!(LaterPost::decode_reply(stream()), Err(SendError::Reply(None))));
    assert!(matches!(LaterWatch::decode_reply(whole(&[1])), Err(SendError::Reply(None))));
    const { assert!(LaterWatchLater::IS_STREAMED && !LaterPost::IS_STREAMED) };
}

#[test]
fn the_name_of_a_generic_actor_has_those_of_its_parameters() {
    assert_eq!(<Pair<u8, String, 3> as Handlers>::TYPE, "it::Pair<u8,String,3>");
    assert_eq!(<Pair<bool, Vec<Tagged>, -1> as Handlers>::TYPE, "it::Pair<bool,Vec<it::Tagged>,-1>");
    let named = PairPut::<u8, String, 3>::KEY;
    assert_eq!(named, MessageKey::of("it::Pair<u8,String,3>", "put(A)->Option<B>"));
    assert_eq!(PairClear::KEY, MessageKey::of("it::Pair", "clear()->()"));
    assert_eq!(ACTOR_TYPES.iter().filter(|listed| listed.name.starts_with("it::Pair")).count(), 0);
}

#[test]
fn a_message_of_a_generic_actor_survives_the_wire() {
    let message = PairPut::<u8, String, 3>::new(7);
    let bytes = bytes_of(&message);
    assert_eq!(&bytes[..], [7]);
    let envelope = Pair::<u8, String, 3>::decode(PairPut::<u8, String, 3>::KEY, &bytes, None).unwrap();
    let message = <Pair<u8, String, 3> as Accepts<PairPut<u8, String, 3>>>::unwrap(envelope).unwrap();
    assert_eq!(message.a, 7);
    let other = Pair::<u16, String, 3>::decode(PairPut::<u8, String, 3>::KEY, &bytes, None).map(drop);
    assert_eq!(other.unwrap_err(), Undecodable::UnknownMessage);
}

#[test]
fn a_shared_message_is_known_by_its_own_name() {
    assert_eq!(Shared::KEY, MessageKey::of("it::Shared", "->Vec<u8>"));
    assert_eq!(Named::<u8>::KEY, MessageKey::of("bank::Named<u8>", "->()"));
    assert_ne!(Named::<u8>::KEY, Named::<u16>::KEY);
    let bytes = bytes_of(&Shared(3));
    assert_eq!(&bytes[..], [3]);
    assert_eq!(Shared::decode_reply(whole(&[1, 9])).unwrap(), [9]);
}

#[test]
fn neither_formatting_nor_what_stays_behind_changes_a_key() {
    assert_eq!(formatted_otherwise::RoomPost::KEY, RoomPost::KEY);
    assert_ne!(formatted_otherwise::RoomClear::KEY, RoomClear::KEY);
}

#[test]
fn messages_are_listed_in_the_order_of_their_handlers() {
    let names: Vec<_> = Room::MESSAGES.iter().map(|message| message.name).collect();
    assert_eq!(names, ["post", "clear"]);
    assert_eq!(Room::MESSAGES[0].key, RoomPost::KEY);
}

#[test]
fn types_whose_messages_travel_are_in_the_table_and_others_are_not() {
    let in_table = |name| ACTOR_TYPES.iter().filter(|listed| listed.name == name).count();
    assert_eq!(in_table("chat::Room"), 1);
    assert_eq!(in_table(Inner::TYPE), 0);
    const { assert!(Room::REMOTE && !Inner::REMOTE) };
}

#[test]
fn a_local_message_has_no_bytes() {
    let message = InnerPing { word: "x".into() };
    assert!(matches!(message.encode(&mut BytesMut::new()), Err(SendError::LocalOnly)));
    assert!(matches!(InnerPing::decode_reply(whole(&[0])), Err(SendError::LocalOnly)));
    let refused = Inner::decode(InnerPing::KEY, &[], None).map(drop).unwrap_err();
    assert_eq!(refused, Undecodable::UnknownMessage);
    assert!(<Inner as Accepts<InnerPing>>::unwrap(InnerEnvelope::Ping(message, None)).is_some());
}
