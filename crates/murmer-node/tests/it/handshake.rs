//! Two handshakes against each other, and either against somebody who should not get in.

mod search;
mod stranger;

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use murmer_node::{
    ClusterKey, HELLO_BYTES_MAX, Handshake, HandshakeError, HandshakeInput, HandshakeOutput, Introduced,
    Introduction, Refusal, Role, Verdict, Welcome,
};
use murmer_wire::{Incarnation, NodeId, NodeName};

const NOW: Duration = Duration::from_secs(100);
const DIAL: u64 = 300;
const BINDING: [u8; 32] = [9; 32];

fn introduction(name: &str) -> Introduction {
    let id = NodeId { name: NodeName::new(name).unwrap(), incarnation: Incarnation::from(5) };
    Introduction { id, addr: "10.0.0.1:7000".parse().unwrap() }
}

fn keys(cookies: &[u8]) -> Vec<ClusterKey> {
    cookies.iter().map(|cookie| ClusterKey::from([*cookie; 32])).collect()
}

fn welcome() -> Welcome {
    Welcome { node: introduction("acceptor"), members: vec![introduction("third")] }
}

/// One end, and all it has said and done.
struct End {
    machine: Handshake,
    said: Vec<Bytes>,
    unsent: VecDeque<Bytes>,
    is_proven: bool,
    introduced: Option<Introduced>,
    done: Option<(Introduced, Option<Welcome>)>,
    failed: Option<HandshakeError>,
}

impl End {
    fn new(role: Role, cookies: &[u8], binding: [u8; 32]) -> Self {
        let (us, dial) = match role {
            Role::Dialer => (introduction("dialer"), DIAL),
            Role::Acceptor => (introduction("acceptor"), 0),
        };
        let machine = Handshake::new(NOW, role, us, &keys(cookies), binding, dial);
        let (said, unsent) = (Vec::new(), VecDeque::new());
        let (introduced, done, failed) = (None, None, None);
        let mut end = Self { machine, said, unsent, is_proven: false, introduced, done, failed };
        end.drain();
        end
    }

    fn dialer() -> Self {
        Self::new(Role::Dialer, &[1], BINDING)
    }

    fn acceptor() -> Self {
        Self::new(Role::Acceptor, &[1], BINDING)
    }

    fn tell(&mut self, input: HandshakeInput) {
        self.machine.handle(NOW, input);
        self.drain();
    }

    fn hear(&mut self, frame: &Bytes) {
        self.tell(HandshakeInput::Frame(frame.clone()));
    }

    fn drain(&mut self) {
        while let Some(output) = self.machine.poll() {
            assert_eq!(self.failed, None, "nothing comes after a failure");
            match output {
                HandshakeOutput::Send(frame) => {
                    assert!(self.is_proven || frame.len() <= HELLO_BYTES_MAX);
                    self.said.push(frame.clone());
                    self.unsent.push_back(frame);
                }
                HandshakeOutput::Proven => self.is_proven = true,
                HandshakeOutput::Introduced(peer) => self.introduced = Some(peer),
                HandshakeOutput::Done(peer, welcome) => self.done = Some((peer, welcome)),
                HandshakeOutput::Failed(error) => self.failed = Some(error),
            }
        }
    }

    /// True if the name is nowhere in what this end has said.
    fn kept_quiet_about(&self, name: &str) -> bool {
        self.said.iter().all(|frame| !frame.windows(name.len()).any(|window| window == name.as_bytes()))
    }
}

/// Carries frames to and fro until nobody has anything left to say.
fn converse(dialer: &mut End, acceptor: &mut End) {
    loop {
        let (there, back) = (dialer.unsent.pop_front(), acceptor.unsent.pop_front());
        if there.is_none() && back.is_none() {
            break;
        }
        there.iter().for_each(|frame| acceptor.hear(frame));
        back.iter().for_each(|frame| dialer.hear(frame));
    }
}

/// Both ends prove themselves, and the dialer is let in.
fn check_succeeds(dialer: &[u8], acceptor: &[u8]) {
    let mut dialer = End::new(Role::Dialer, dialer, BINDING);
    let mut acceptor = End::new(Role::Acceptor, acceptor, BINDING);
    converse(&mut dialer, &mut acceptor);
    assert!(dialer.is_proven && acceptor.is_proven);
    let introduced = Introduced { peer: introduction("dialer"), dial: DIAL };
    assert_eq!(acceptor.introduced, Some(introduced.clone()));
    assert_eq!((&dialer.done, &acceptor.done), (&None, &None));
    acceptor.tell(HandshakeInput::Verdict(Verdict::Welcome(welcome())));
    converse(&mut dialer, &mut acceptor);
    let met = Introduced { peer: introduction("acceptor"), dial: DIAL };
    assert_eq!(dialer.done, Some((met, Some(welcome()))));
    assert_eq!(acceptor.done, Some((introduced, None)));
    assert_eq!((dialer.failed, acceptor.failed), (None, None));
    assert_eq!((dialer.machine.deadline(), acceptor.machine.deadline()), (None, None));
}

/// The acceptor refuses, in one word, and neither end learns anything of the other.
fn check_refused(mut dialer: End, mut acceptor: End) {
    converse(&mut dialer, &mut acceptor);
    assert_eq!(acceptor.failed, Some(HandshakeError::WrongProof));
    assert_eq!(dialer.failed, Some(HandshakeError::Refused));
    assert_eq!(acceptor.said.len(), 2, "a hello and one refusal");
    assert_eq!(dialer.said.len(), 2, "a hello and one proof");
    for end in [dialer, acceptor] {
        assert!(!end.is_proven && end.introduced.is_none() && end.done.is_none());
        assert!(end.kept_quiet_about("dialer") && end.kept_quiet_about("acceptor"));
    }
}

#[test]
fn who_knows_the_cookie_is_let_in() {
    check_succeeds(&[1], &[1]);
}

#[test]
fn during_a_change_of_the_cookie_old_and_new_nodes_let_each_other_in() {
    check_succeeds(&[2, 1], &[1]);
    check_succeeds(&[1], &[2, 1]);
    check_succeeds(&[2, 1], &[2, 1]);
    check_succeeds(&[2, 1], &[1, 2]);
    check_succeeds(&[2, 1], &[3, 2]);
    check_succeeds(&[3, 2], &[2, 1]);
}

#[test]
fn who_does_not_know_the_cookie_is_refused() {
    let with = |cookies: &[u8], role| End::new(role, cookies, BINDING);
    check_refused(with(&[2], Role::Dialer), with(&[1], Role::Acceptor));
    check_refused(with(&[2, 3], Role::Dialer), with(&[1, 4], Role::Acceptor));
}

#[test]
fn somebody_in_the_middle_is_refused_although_both_ends_know_the_cookie() {
    check_refused(End::dialer(), End::new(Role::Acceptor, &[1], [8; 32]));
}

#[test]
fn the_refusal_is_the_same_whatever_was_wrong_with_the_proof() {
    let refusal = |mut dialer: End, mut acceptor: End| {
        converse(&mut dialer, &mut acceptor);
        acceptor.said.last().unwrap().clone()
    };
    let wrong_cookie = refusal(End::new(Role::Dialer, &[2], BINDING), End::acceptor());
    let wrong_binding = refusal(End::new(Role::Dialer, &[1], [8; 32]), End::acceptor());
    assert_eq!(wrong_cookie, wrong_binding);
    assert_eq!(wrong_cookie.len(), 1);
}

#[test]
fn a_dialer_that_is_not_let_in_hears_why() {
    let at_least = Incarnation::from(77);
    for refusal in
        [Refusal::NameInUse, Refusal::Stale { at_least }, Refusal::Full, Refusal::Quarantined { at_least }]
    {
        let (mut dialer, mut acceptor) = (End::dialer(), End::acceptor());
        converse(&mut dialer, &mut acceptor);
        acceptor.tell(HandshakeInput::Verdict(Verdict::Refused(refusal)));
        converse(&mut dialer, &mut acceptor);
        assert_eq!(dialer.failed, Some(HandshakeError::NotLetIn(refusal)));
        assert_eq!(acceptor.failed, Some(HandshakeError::LetNotIn(refusal)));
        assert!(dialer.done.is_none() && acceptor.done.is_none());
        assert!(acceptor.kept_quiet_about("acceptor"));
    }
}

#[test]
fn a_refusal_that_asks_for_more_than_anybody_can_be_is_none() {
    let most = Incarnation::MAX.as_u64();
    for at_least in [most - (1 << 20), most, most + 1, u64::MAX].map(Incarnation::from) {
        for refusal in [Refusal::Stale { at_least }, Refusal::Quarantined { at_least }] {
            let (mut dialer, mut acceptor) = (End::dialer(), End::acceptor());
            converse(&mut dialer, &mut acceptor);
            acceptor.tell(HandshakeInput::Verdict(Verdict::Refused(refusal)));
            converse(&mut dialer, &mut acceptor);
            let can_be_met = at_least.above(0) <= Incarnation::MAX;
            let expected =
                if can_be_met { HandshakeError::NotLetIn(refusal) } else { HandshakeError::Protocol };
            assert_eq!(dialer.failed, Some(expected), "{at_least:?}");
        }
    }
}

#[test]
fn nobody_is_of_a_time_to_come() {
    for (number, is_let_in) in [(Incarnation::MAX.as_u64(), true), (Incarnation::MAX.as_u64() + 1, false)] {
        let incarnation = Incarnation::from(number);
        let mut us = introduction("dialer");
        us.id.incarnation = incarnation;
        let (mut dialer, mut acceptor) = (End::dialer(), End::acceptor());
        dialer.machine = Handshake::new(NOW, Role::Dialer, us, &keys(&[1]), BINDING, DIAL);
        dialer.unsent.clear();
        dialer.drain();
        converse(&mut dialer, &mut acceptor);
        assert_eq!(acceptor.introduced.is_some(), is_let_in);
        assert_eq!(acceptor.failed, (!is_let_in).then_some(HandshakeError::Protocol));
        // Nor does one that dials believe so of whom it reached.
        let (mut dialer, mut acceptor) = (End::dialer(), End::acceptor());
        converse(&mut dialer, &mut acceptor);
        let mut welcome = welcome();
        welcome.node.id.incarnation = incarnation;
        acceptor.tell(HandshakeInput::Verdict(Verdict::Welcome(welcome)));
        converse(&mut dialer, &mut acceptor);
        assert_eq!(dialer.done.is_some(), is_let_in);
    }
}

#[test]
fn a_handshake_ends_when_its_connection_does() {
    for mut end in [End::dialer(), End::acceptor()] {
        end.tell(HandshakeInput::Lost);
        assert_eq!(end.failed, Some(HandshakeError::Lost));
        end.tell(HandshakeInput::Lost);
        assert_eq!(end.machine.deadline(), None);
    }
}

#[test]
fn a_handshake_that_takes_too_long_ends() {
    let (mut dialer, mut acceptor) = (End::dialer(), End::acceptor());
    converse(&mut dialer, &mut acceptor);
    for mut end in [dialer, acceptor, End::dialer(), End::acceptor()] {
        let deadline = end.machine.deadline().unwrap();
        assert_eq!(deadline, NOW + Duration::from_secs(3));
        end.machine.handle(deadline - Duration::from_nanos(1), HandshakeInput::Timeout);
        end.drain();
        assert_eq!(end.failed, None);
        end.machine.handle(deadline, HandshakeInput::Timeout);
        end.drain();
        assert_eq!(end.failed, Some(HandshakeError::TimedOut));
    }
}

#[test]
fn a_verdict_nobody_waits_for_is_ignored() {
    for mut end in [End::dialer(), End::acceptor()] {
        let said = end.said.len();
        end.tell(HandshakeInput::Verdict(Verdict::Welcome(welcome())));
        assert_eq!((end.said.len(), end.failed), (said, None));
        assert_eq!(end.done, None);
    }
}

#[test]
fn debug_never_shows_a_key_nor_a_binding() {
    let secret = [0xab; 32];
    let shown = format!("{secret:?}");
    for role in [Role::Dialer, Role::Acceptor] {
        let us = introduction("dialer");
        let machine = Handshake::new(NOW, role, us, &[ClusterKey::from(secret)], secret, 1);
        for text in [format!("{machine:?}"), format!("{machine:#?}")] {
            assert!(!text.contains("171") && !text.to_lowercase().contains("abab"), "{text}");
        }
    }
    assert!(!format!("{:?}", ClusterKey::from(secret)).contains("171"));
    assert!(shown.contains("171"), "the test looks for the right thing");
}
