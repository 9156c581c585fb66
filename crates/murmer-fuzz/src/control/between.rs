//! Somebody between two ends of a handshake, who passes on what is said, changes it, holds it back, or
//! makes something up.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use murmer_node::{
    ClusterKey, Handshake, HandshakeInput, HandshakeOutput, Introduction, Refusal, Role, Verdict, Welcome,
};
use murmer_wire::{Incarnation, NodeId, NodeName};

use crate::script::Script;

/// One of the two ends, and what is under way to it.
struct End {
    machine: Handshake,
    arriving: VecDeque<Bytes>,
    /// What the other end said first, and what was heard of that here.
    hello_sent: Option<Bytes>,
    hello_heard: Option<Bytes>,
    is_proven: bool,
    is_over: bool,
}

pub(super) fn check(script: &mut Script<'_>) {
    let how = script.byte();
    let has_key = how & 1 == 0;
    let mut ends = [end(Role::Dialer, has_key), end(Role::Acceptor, true)];
    let now = Duration::from_secs(1);
    drain(&mut ends, 0, how);
    // Each step takes a byte of the script or one of the few frames that the ends have left to say.
    while !script.is_over() || ends.iter().any(|end| !end.arriving.is_empty()) {
        let step = script.byte();
        let to = usize::from(if ends[0].arriving.is_empty() { step & 1 == 0 } else { step & 1 != 0 });
        let arrived = ends[to].arriving.pop_front();
        let input = match step >> 1 {
            0..80 => arrived,
            80..90 => Some(script.chunk()),
            90..100 => arrived.map(|body| changed(&body, script)),
            100..105 => arrived.inspect(|body| ends[to].arriving.push_front(body.clone())),
            105..110 => {
                ends[1 - to].arriving.extend(arrived);
                None
            }
            110..115 => {
                tell(&mut ends, to, how, now, HandshakeInput::Lost);
                None
            }
            115..120 => {
                tell(&mut ends, to, how, now + Duration::from_secs(60), HandshakeInput::Timeout);
                None
            }
            _ => None,
        };
        if let Some(body) = input {
            ends[to].hello_heard.get_or_insert_with(|| body.clone());
            tell(&mut ends, to, how, now, HandshakeInput::Frame(body));
        }
        for end in &ends {
            assert!(has_key || !end.is_proven, "proven without the key");
        }
    }
}

fn tell(ends: &mut [End; 2], to: usize, how: u8, now: Duration, input: HandshakeInput) {
    ends[to].machine.handle(now, input);
    drain(ends, to, how);
}

fn drain(ends: &mut [End; 2], at: usize, how: u8) {
    while let Some(output) = ends[at].machine.poll() {
        assert!(!ends[at].is_over, "{output:?} after the end");
        match output {
            HandshakeOutput::Send(body) => {
                ends[1 - at].hello_sent.get_or_insert_with(|| body.clone());
                ends[1 - at].arriving.push_back(body);
            }
            HandshakeOutput::Proven => {
                assert!(!ends[at].is_proven, "proven twice");
                ends[at].is_proven = true;
                for end in &*ends {
                    assert_eq!(end.hello_heard, end.hello_sent, "proven although a word was changed");
                }
            }
            HandshakeOutput::Introduced(_) => {
                assert!(ends[at].is_proven, "introduced before the proof");
                let verdict = match how >> 1 & 3 {
                    0 => Verdict::Refused(Refusal::NameInUse),
                    1 => Verdict::Refused(Refusal::Full),
                    _ => Verdict::Welcome(Welcome { node: introduction("acceptor"), members: Vec::new() }),
                };
                ends[at].machine.handle(Duration::from_secs(1), HandshakeInput::Verdict(verdict));
            }
            HandshakeOutput::Done(..) => {
                assert!(ends[at].is_proven, "in without a proof");
                ends[at].is_over = true;
            }
            HandshakeOutput::Failed(_) => ends[at].is_over = true,
        }
    }
    assert_eq!(ends[at].machine.deadline().is_none(), ends[at].is_over);
}

fn end(role: Role, has_key: bool) -> End {
    let (name, dial) = match role {
        Role::Dialer => ("dialer", 1),
        Role::Acceptor => ("acceptor", 0),
    };
    let key = ClusterKey::from(if has_key { [1; 32] } else { [2; 32] });
    let machine = Handshake::new(Duration::from_secs(1), role, introduction(name), &[key], [3; 32], dial);
    End {
        machine,
        arriving: VecDeque::new(),
        hello_sent: None,
        hello_heard: None,
        is_proven: false,
        is_over: false,
    }
}

fn introduction(name: &str) -> Introduction {
    let name = NodeName::new(name).expect("it is made of letters");
    let addr = SocketAddr::from(([127, 0, 0, 1], 1));
    Introduction { id: NodeId { name, incarnation: Incarnation::mint(1, 1) }, addr }
}

fn changed(body: &Bytes, script: &mut Script<'_>) -> Bytes {
    let (at, by) = (usize::from(script.byte()), script.byte());
    let mut body = BytesMut::from(&body[..]);
    match body.len() {
        0 => {}
        // Cut short or longer, else one byte of it differs.
        len if by == 0 => body.resize(at, at as u8 ^ len as u8),
        len => body[at % len] ^= by,
    }
    body.freeze()
}
