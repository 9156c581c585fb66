//! What makes messages travel: bytes, keys, type names and the table of types.

use std::sync::{Arc, Mutex};

use murmer_core::__private::{ACTOR_TYPES, BytesMut};
use murmer_core::{Accepts, Actor, Failure, Handlers, Message, ReplyPort, ReplySink, SendError, Undecodable};
use murmer_macros::handlers;
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

#[derive(Default)]
struct Heard(Mutex<Vec<Vec<u8>>>);

impl ReplySink for Heard {
    fn reply(&self, _: u64, encode: &mut dyn FnMut(&mut BytesMut) -> Result<(), EncodeError>) {
        let mut out = BytesMut::new();
        encode(&mut out).unwrap();
        self.0.lock().unwrap().push(out.to_vec());
    }

    fn fail(&self, _: u64, failure: Failure) {
        panic!("no reply: {failure:?}");
    }

    fn is_wanted(&self, _: u64) -> bool {
        true
    }
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
    assert_eq!(RoomPost::decode_reply(&heard.0.lock().unwrap()[0]).unwrap(), 8);
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
    assert!(matches!(InnerPing::decode_reply(&[0]), Err(SendError::LocalOnly)));
    let refused = Inner::decode(InnerPing::KEY, &[], None).map(drop).unwrap_err();
    assert_eq!(refused, Undecodable::UnknownMessage);
    assert!(<Inner as Accepts<InnerPing>>::unwrap(InnerEnvelope::Ping(message, None)).is_some());
}
