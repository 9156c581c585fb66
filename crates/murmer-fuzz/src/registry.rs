//! Whatever a member's registry says: it is read within bounds and written back as it was, nobody else's
//! actors suffer, what is announced adds up, and what is said in return can be read by all.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use allocation_counter::measure;
use bytes::BytesMut;
use murmer_registry::{
    Attributes, Entry, Input, Message, Misbehaviour, Output, Registration, Registry, RegistryConfig, View,
};
use murmer_wire::{
    ActorId, ActorNumber, DecodeError, GroupName, GroupSet, Incarnation, Label, NodeId, NodeName, TypeName,
    Visibility, decode, encode,
};

use crate::script::Script;

/// Each byte says what happens, a length and as many bytes behind it what the peer says.
pub(crate) fn body(data: &[u8]) {
    let mut script = Script::new(data);
    let mut bed = Bed::new(script.byte());
    bed.tell(Input::PeerLinked(bed.liar.clone()));
    bed.tell(Input::PeerLinked(bed.bystander.clone()));
    while !script.is_over() {
        bed.step(&mut script);
    }
    bed.tell(Input::PeerDown(bed.liar.clone()));
    assert!(bed.known.is_empty(), "phantoms: {:?}", bed.known);
    assert_eq!((bed.view.entries().count(), bed.view.labels().count()), (0, 0));
}

/// One registry, and what it must have made of everything so far.
struct Bed {
    us: NodeId,
    liar: NodeId,
    bystander: NodeId,
    now: Duration,
    registry: Registry,
    linked: BTreeSet<NodeId>,
    /// The liar's actors as announced.
    known: BTreeMap<ActorId, Arc<Entry>>,
    /// The same, for looking up.
    view: View,
}

impl Bed {
    fn new(how: u8) -> Self {
        // Small, so that bytes enough for a fuzzer fill them.
        let config = RegistryConfig {
            ring_ops_max: 1 + usize::from(how & 7),
            window_ops_max: 1 + usize::from(how >> 3 & 7),
            chunk_bytes_max: 64,
            ..RegistryConfig::default()
        };
        let [us, liar, bystander] = ["alpha", "mallory", "beta"].map(node);
        let registry = Registry::new(us.clone(), config);
        let (linked, known) = (BTreeSet::new(), BTreeMap::new());
        let (now, view) = (Duration::from_secs(1), View::new());
        Self { us, liar, bystander, now, registry, linked, known, view }
    }

    fn step(&mut self, script: &mut Script<'_>) {
        match script.byte() {
            0..160 => {
                let chunk = script.chunk();
                if let Some(message) = read(&chunk) {
                    self.tell(Input::Message { from: self.liar.clone(), message });
                }
            }
            160..190 => self.now += Duration::from_millis(script.number().min(30_000)),
            190..205 => {
                let (number, label) = (ActorNumber(script.number()), Label::new("ours").ok());
                let actor_type = TypeName::new("chat::Room").expect("it is short");
                let attributes = attributes(script.byte());
                self.tell(Input::Register(Registration { number, label, actor_type, attributes }));
            }
            205..210 => {
                let number = ActorNumber(script.number());
                self.tell(Input::Update { number, attributes: attributes(script.byte()) });
            }
            210..215 => self.tell(Input::Deregister(ActorNumber(script.number()))),
            215..225 => self.tell(Input::PeerLinked(self.liar.clone())),
            225..235 => self.tell(Input::PeerUnlinked(self.liar.clone())),
            235..240 => self.tell(Input::PeerDown(self.liar.clone())),
            240..242 => self.tell(Input::Leave),
            _ => self.now += Duration::from_millis(5),
        }
        if self.registry.deadline().is_some_and(|due| due <= self.now) {
            self.tell(Input::Timeout);
            let again = self.registry.deadline();
            assert!(again.is_none_or(|due| due > self.now), "no time passes: {again:?} at {:?}", self.now);
        }
    }

    fn tell(&mut self, input: Input) {
        match &input {
            Input::PeerLinked(peer) => {
                self.linked.insert(peer.clone());
            }
            Input::PeerUnlinked(peer) | Input::PeerDown(peer) => {
                self.linked.remove(peer);
            }
            Input::Register(_) | Input::Update { .. } | Input::Deregister(_) | Input::Message { .. } => {}
            Input::Leave | Input::Timeout => {}
        }
        self.registry.handle(self.now, input);
        let mut outputs = 0;
        while let Some(output) = self.registry.poll() {
            outputs += 1;
            assert!(outputs < OUTPUTS_MAX, "one input makes it talk without end");
            self.check(output);
        }
        let held = self.registry.versions().find(|(peer, _)| **peer == self.bystander);
        assert!(held.is_none_or(|(_, applied)| applied == 0), "{held:?} of a log that nobody sent");
    }

    fn check(&mut self, output: Output) {
        match output {
            Output::Send { to, message } => {
                assert!(self.linked.contains(&to), "{to} has no link");
                let body = written(&message);
                assert!(body.len() <= SAID_BYTES_MAX, "{} bytes in one frame", body.len());
                assert_eq!(decode::<Message>(&body), Ok(message));
            }
            Output::Added(entry) => {
                assert_eq!(entry.id.node, self.liar, "somebody else's actor");
                assert_eq!(self.view.add(entry.clone()), None);
                let before = self.known.insert(entry.id.clone(), entry);
                assert_eq!(before, None, "added twice");
            }
            Output::Updated(entry) => {
                assert!(entry.attributes.visibility.is_told(), "of a private one");
                let before = self.known.insert(entry.id.clone(), entry.clone()).expect("it was there");
                assert_eq!(*before, Entry { attributes: before.attributes.clone(), ..(*entry).clone() });
                assert_eq!(self.view.add(entry).as_ref(), Some(&before));
            }
            Output::Removed(entry) => {
                assert_eq!(self.view.remove(&entry.id).as_ref(), Some(&entry));
                assert_eq!(self.known.remove(&entry.id), Some(entry), "removed what was not there");
            }
            Output::Misbehaved { peer, what } => {
                assert_eq!(peer, self.liar, "{what:?} is said of somebody who said nothing");
                assert!(!matches!(what, Misbehaviour::NotItsOrigin) || peer != self.us);
            }
            Output::Left(peer) | Output::Diverged(peer) | Output::Synced(peer) => {
                assert_eq!(peer, self.liar, "the other one said nothing");
            }
            Output::Refused(_) => {}
            other => panic!("an output that nothing is known of: {other:?}"),
        }
    }
}

/// One of a few.
fn attributes(which: u8) -> Attributes {
    let visibility = [Visibility::Listed, Visibility::Unlisted, Visibility::Private][usize::from(which) % 3];
    let names = ["a", "b", "c"].into_iter().enumerate().filter(|(bit, _)| which >> (2 + bit) & 1 == 1);
    let groups = GroupSet::new(names.map(|(_, name)| GroupName::new(name).expect("it is a letter")));
    Attributes { visibility, groups }
}

/// Reads what the peer says, in memory that its size bounds.
fn read(bytes: &[u8]) -> Option<Message> {
    let mut read = Err(DecodeError::Limit);
    let used = measure(|| read = decode::<Message>(bytes));
    assert!(used.bytes_max <= READ_BYTES_MAX, "{used:?} for {} bytes", bytes.len());
    let message = read.ok()?;
    let again = written(&message);
    assert!(again.len() <= bytes.len(), "our own form is the shortest");
    assert_eq!(decode::<Message>(&again).as_ref(), Ok(&message));
    Some(message)
}

fn written(message: &Message) -> BytesMut {
    let mut body = BytesMut::new();
    encode(message, &mut body).expect("a word of the protocol can be written");
    body
}

fn node(name: &str) -> NodeId {
    let name = NodeName::new(name).expect("it is made of letters");
    NodeId { name, incarnation: Incarnation::mint(1, 1) }
}

/// As many as anybody would need for the few actors there are here.
const OUTPUTS_MAX: usize = 2_000;
/// In bytes; less than the smallest setting of the largest frame.
const SAID_BYTES_MAX: usize = 64 << 10;
/// In bytes: a script's chunk holds at most 255, and a record of few of them takes a hundred.
const READ_BYTES_MAX: u64 = 256 << 10;
