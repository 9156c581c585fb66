//! Senders to an actor on another node, over streams that are carried by hand.

use std::sync::Mutex;

use murmer_core::{CallId, FarReply};
use murmer_node::{CallerInput, Manifest, ManifestEntry};
use murmer_wire::{FrameDecoder, MessageKey, TypeName};

use super::super::Stream;
use super::*;

/// A far actor, and the streams that were opened to it, which nobody carries.
struct Bed {
    shared: Arc<Shared>,
    far: Arc<FarStream>,
    opened: Arc<Mutex<Vec<Arc<Stream>>>>,
}

/// Somebody who sends one message, told by its number.
struct Sender {
    number: usize,
    reply: Option<FarReply>,
    ticket: Option<u64>,
    woken: Arc<Woken>,
}

impl Bed {
    fn new() -> Self {
        let (shared, opened) = (shared("us"), Arc::<Mutex<Vec<_>>>::default());
        let roads = opened.clone();
        let road = Road(Arc::new(move |_, stream| roads.lock().unwrap().push(stream)));
        shared.set_road(&node("peer"), Ok(road));
        let id = ActorId { node: node("peer"), number: ActorNumber(1) };
        let far = FarStream::new(id, Label::new("baker").ok(), shared.clone());
        Self { shared, far, opened }
    }

    /// How many streams were opened.
    fn streams(&self) -> usize {
        self.opened.lock().unwrap().len()
    }

    /// The stream that was opened last.
    fn stream(&self) -> Arc<Stream> {
        self.opened.lock().unwrap().last().unwrap().clone()
    }

    /// Fills the stream's buffer.
    fn fill(&self) {
        while self.stream().lock().caller.has_room() {
            assert!(Sender::new(0).poll(&self.far).is_ready());
        }
    }

    /// What a node says that has these messages of the actor's type and no others.
    fn learn(&self, keys: &[MessageKey]) {
        let messages = keys.iter().map(|key| (*key, "a message".to_owned())).collect();
        let entry = ManifestEntry { actor_type: TypeName::new(BAKER).unwrap(), messages };
        self.shared.learn(node("peer"), Manifest { types: vec![entry] });
    }
}

impl Sender {
    fn new(number: usize) -> Self {
        Self { number, reply: None, ticket: None, woken: Arc::default() }
    }

    fn ask(number: usize) -> (Self, oneshot::Receiver<Result<Answered, SendError>>) {
        let (reply, answer) = oneshot::channel();
        (Self { reply: Some(reply), ..Self::new(number) }, answer)
    }

    fn poll(&mut self, far: &FarStream) -> Poll<Result<CallId, SendError>> {
        let message = BakerBake { bytes: self.number };
        let mut call = FarCall {
            key: BakerBake::KEY,
            actor_type: BAKER,
            message: "bake",
            encode: &mut |out| message.encode(out),
            is_streamed: false,
            reply: &mut self.reply,
            ticket: &mut self.ticket,
            timeout: None,
        };
        far.poll_call(&mut Context::from_waker(&self.woken.clone().into()), &mut call)
    }

    /// Whether it was woken, since this was asked last.
    fn is_woken(&self) -> bool {
        self.woken.0.swap(false, Ordering::SeqCst)
    }
}

/// What a stream has to send.
fn taken(stream: &Stream) -> Vec<ActorFrame> {
    let (mut inner, mut decoder) = (stream.lock(), FrameDecoder::new(4 << 20));
    let mut frames = Vec::new();
    while inner.caller.has_output() {
        decoder.push(inner.caller.take_buffer());
        while let Some(frame) = decoder.next_frame().unwrap() {
            frames.push(ActorFrame::read(frame).unwrap());
        }
    }
    frames
}

/// The numbers of the messages that a stream has to send.
fn numbers(stream: &Stream) -> Vec<u8> {
    let messages = taken(stream).into_iter().filter_map(|frame| match frame {
        ActorFrame::Ask(sent) | ActorFrame::Tell(sent) => Some(sent.payload[0]),
        _ => None,
    });
    messages.collect()
}

fn tell(stream: &Stream, input: CallerInput) {
    let mut inner = stream.lock();
    inner.caller.handle(Duration::ZERO, input);
    while inner.caller.poll().is_some() {}
}

fn accept(stream: &Stream, upto: u64) {
    let mut body = BytesMut::new();
    ActorFrame::Accepted { upto }.write(&mut body);
    tell(stream, CallerInput::Frame(body.freeze()));
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_room_is_first_when_there_is_some() {
    let bed = Bed::new();
    assert!(Sender::new(0).poll(&bed.far).is_ready());
    bed.fill();
    let (mut first, mut second, mut third) = (Sender::new(1), Sender::new(2), Sender::new(3));
    assert!(first.poll(&bed.far).is_pending() && second.poll(&bed.far).is_pending());
    taken(&bed.stream());
    assert!(third.poll(&bed.far).is_pending(), "others were here before");
    assert!(second.poll(&bed.far).is_pending(), "another was here before");
    bed.far.wake_line();
    assert!(first.is_woken() && !second.is_woken());
    for sender in [&mut first, &mut second, &mut third] {
        assert!(sender.poll(&bed.far).is_ready());
    }
    assert!(second.is_woken() && third.is_woken(), "each by the one before");
    assert_eq!(numbers(&bed.stream()), [1, 2, 3]);
}

#[tokio::test(start_paused = true)]
async fn who_gives_up_its_place_in_the_line_wakes_the_next() {
    let bed = Bed::new();
    assert!(Sender::new(0).poll(&bed.far).is_ready());
    bed.fill();
    let (mut first, mut second) = (Sender::new(1), Sender::new(2));
    assert!(first.poll(&bed.far).is_pending() && second.poll(&bed.far).is_pending());
    taken(&bed.stream());
    bed.far.withdraw(first.ticket.unwrap());
    assert!(second.is_woken());
    assert!(second.poll(&bed.far).is_ready());
    assert_eq!(numbers(&bed.stream()), [2]);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_moves_takes_no_more_and_is_followed_once_all_of_it_was_accepted() {
    let bed = Bed::new();
    assert!(Sender::new(1).poll(&bed.far).is_ready());
    let moving = bed.stream();
    assert_eq!(numbers(&moving), [1]);
    moving.lock().is_retiring = true;
    let mut next = Sender::new(2);
    assert!(next.poll(&bed.far).is_pending());
    assert_eq!(bed.streams(), 1, "over another it could come before the first");
    accept(&moving, 1);
    assert!(next.poll(&bed.far).is_ready());
    assert!(numbers(&moving).is_empty());
    assert_eq!(numbers(&bed.stream()), [2]);
}

#[tokio::test(start_paused = true)]
async fn each_stream_is_of_a_later_generation_than_those_before() {
    let bed = Bed::new();
    let mut last = 0;
    for _ in 0..3 {
        assert!(Sender::new(1).poll(&bed.far).is_ready());
        let opening = taken(&bed.stream()).into_iter().next();
        let Some(ActorFrame::Open { generation, .. }) = opening else { panic!("{opening:?}") };
        assert!(generation > last);
        last = generation;
        tell(&bed.stream(), CallerInput::Lost);
    }
}

#[tokio::test(start_paused = true)]
async fn to_give_up_an_ask_of_a_stream_that_is_over_ends_none_of_the_next() {
    let bed = Bed::new();
    let ((mut over, _), (mut next, mut answer)) = (Sender::ask(1), Sender::ask(2));
    let Poll::Ready(Ok(over)) = over.poll(&bed.far) else { panic!("there is room") };
    tell(&bed.stream(), CallerInput::Lost);
    let Poll::Ready(Ok(next)) = next.poll(&bed.far) else { panic!("there is room") };
    assert_eq!(over.message, next.message);
    bed.far.cancel(over);
    assert_eq!(bed.stream().lock().caller.in_flight(), 1);
    assert!(matches!(answer.try_recv(), Err(oneshot::error::TryRecvError::Empty)));
    bed.far.cancel(next);
    assert_eq!(bed.stream().lock().caller.in_flight(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_another_node_is_known_to_lack_is_not_sent_to_it() {
    let bed = Bed::new();
    assert!(matches!(Sender::new(1).poll(&bed.far), Poll::Ready(Ok(_))), "nothing is known");
    bed.learn(&[]);
    let Poll::Ready(Err(error)) = Sender::new(2).poll(&bed.far) else { panic!("it has learnt better") };
    assert!(matches!(error, SendError::SchemaMismatch { actor_type: BAKER, message: "bake" }), "{error:?}");
    assert_eq!(error.delivery(), Delivery::Never);
    bed.learn(&[BakerBake::KEY]);
    assert!(matches!(Sender::new(3).poll(&bed.far), Poll::Ready(Ok(_))));
    bed.fill();
    bed.learn(&[]);
    assert!(matches!(Sender::new(4).poll(&bed.far), Poll::Ready(Err(_))), "it need not wait to learn that");
    assert_eq!(numbers(&bed.stream())[..2], [1, 3]);
}

/// What the peer knows the actor's type by.
const BAKER: &str = "it::Baker";
