//! Every handshake there is between two ends, with up to two tricks played on the way: a word lost, said twice,
//! said in its sender's own ear, an end that loses the connection or its patience.

use std::collections::BTreeSet;

use super::*;

/// One thing that may happen next. The number is the end it happens to: 0 dialed, 1 accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Move {
    Hears(usize),
    Misses(usize),
    HearsTwice(usize),
    HearsItself(usize),
    Loses(usize),
    TimesOut(usize),
    Decides,
}

impl Move {
    fn is_trick(self) -> bool {
        match self {
            Self::Hears(_) | Self::Decides => false,
            Self::Misses(_) | Self::HearsTwice(_) | Self::HearsItself(_) => true,
            Self::Loses(_) | Self::TimesOut(_) => true,
        }
    }
}

/// Who meets whom.
#[derive(Debug, Clone)]
struct Meeting {
    cookies: [&'static [u8]; 2],
    bindings: [[u8; 32]; 2],
    verdict: Verdict,
}

impl Meeting {
    fn new(dialer: &'static [u8], acceptor: &'static [u8], verdict: Verdict) -> Self {
        Self { cookies: [dialer, acceptor], bindings: [BINDING; 2], verdict }
    }

    /// True if the ends are meant to believe each other.
    fn is_sound(&self) -> bool {
        let [one, other] = self.cookies;
        self.bindings[0] == self.bindings[1] && one.iter().any(|cookie| other.contains(cookie))
    }

    fn replay(&self, moves: &[Move]) -> Played {
        let [dialer, acceptor] = self.cookies;
        let ends = [
            End::new(Role::Dialer, dialer, self.bindings[0]),
            End::new(Role::Acceptor, acceptor, self.bindings[1]),
        ];
        let mut played = Played { ends, heard: Vec::new() };
        moves.iter().for_each(|step| played.play(*step, &self.verdict));
        played
    }
}

/// How far a meeting has got.
struct Played {
    ends: [End; 2],
    /// What happened to each end, in order: all that its state can depend on.
    heard: Vec<(usize, String)>,
}

impl Played {
    fn play(&mut self, step: Move, verdict: &Verdict) {
        let frame = |played: &mut Self, from: usize| played.ends[from].unsent.pop_front().unwrap();
        match step {
            Move::Hears(at) => {
                let frame = frame(self, 1 - at);
                self.hear(at, &frame);
            }
            Move::Misses(at) => drop(frame(self, 1 - at)),
            Move::HearsTwice(at) => {
                let frame = frame(self, 1 - at);
                self.hear(at, &frame);
                self.hear(at, &frame);
            }
            Move::HearsItself(at) => {
                let frame = self.ends[at].unsent.front().unwrap().clone();
                self.hear(at, &frame);
            }
            Move::Loses(at) => self.tell(at, HandshakeInput::Lost),
            Move::TimesOut(at) => {
                let deadline = self.ends[at].machine.deadline().unwrap();
                self.heard.push((at, "timeout".into()));
                self.ends[at].machine.handle(deadline, HandshakeInput::Timeout);
                self.ends[at].drain();
            }
            Move::Decides => self.tell(1, HandshakeInput::Verdict(verdict.clone())),
        }
    }

    fn hear(&mut self, at: usize, frame: &Bytes) {
        self.tell(at, HandshakeInput::Frame(frame.clone()));
    }

    fn tell(&mut self, at: usize, input: HandshakeInput) {
        // One that is over has closed the connection and hears nothing more.
        if self.is_over(at) {
            return;
        }
        self.heard.push((at, format!("{input:?}")));
        self.ends[at].tell(input);
    }

    fn is_over(&self, at: usize) -> bool {
        self.ends[at].done.is_some() || self.ends[at].failed.is_some()
    }

    fn moves(&self, tricks_left: usize) -> Vec<Move> {
        let mut moves = Vec::new();
        for at in 0..2 {
            if !self.ends[1 - at].unsent.is_empty() {
                moves.extend([Move::Hears(at), Move::Misses(at), Move::HearsTwice(at)]);
            }
            if !self.ends[at].unsent.is_empty() {
                moves.push(Move::HearsItself(at));
            }
            if !self.is_over(at) {
                moves.extend([Move::Loses(at), Move::TimesOut(at)]);
            }
        }
        if self.ends[1].introduced.is_some() && !self.is_over(1) {
            moves.push(Move::Decides);
        }
        moves.retain(|step| tricks_left > 0 || !step.is_trick());
        moves
    }

    fn key(&self) -> String {
        let mut heard = self.heard.clone();
        heard.sort_by_key(|(at, _)| *at);
        format!("{heard:?} {:?} {:?}", self.ends[0].unsent, self.ends[1].unsent)
    }

    /// What must hold at any moment, whatever was done.
    fn check(&self, meeting: &Meeting, moves: &[Move]) {
        let [dialer, acceptor] = &self.ends;
        let context = || format!("{meeting:?}: {moves:?}");
        if !meeting.is_sound() {
            assert!(!dialer.is_proven && !acceptor.is_proven, "proven without the key: {}", context());
            assert!(acceptor.introduced.is_none(), "introduced without the key: {}", context());
        }
        // Who is in was proven, by the other one and by nobody else; the dialer knows last.
        assert!(dialer.done.is_none() || acceptor.done.is_some(), "in, as it alone thinks: {}", context());
        assert!(acceptor.introduced.is_none() || acceptor.is_proven, "{}", context());
        for (end, name) in [(dialer, "acceptor"), (acceptor, "dialer")] {
            let peer = end.done.as_ref().map(|(met, _)| met);
            let expected = Introduced { peer: introduction(name), dial: DIAL };
            assert!(peer.is_none_or(|met| *met == expected), "met somebody else: {}", context());
            assert!(end.done.is_none() || (end.is_proven && end.failed.is_none()), "{}", context());
        }
        if let Some(HandshakeError::NotLetIn(refusal)) = dialer.failed {
            let told = acceptor.failed == Some(HandshakeError::LetNotIn(refusal));
            assert!(told, "turned away by nobody: {}", context());
        }
    }
}

/// Walks through everything that can happen in a meeting; returns how many states there are.
fn search(meeting: &Meeting) -> usize {
    let (mut seen, mut open) = (BTreeSet::new(), vec![Vec::new()]);
    let (mut both_in, mut undisturbed) = (0, 0);
    while let Some(moves) = open.pop() {
        let played = meeting.replay(&moves);
        played.check(meeting, &moves);
        let tricks = moves.iter().filter(|step| step.is_trick()).count();
        if !seen.insert((tricks, played.key())) {
            continue;
        }
        let are_in = played.ends.iter().all(|end| end.done.is_some());
        both_in += usize::from(are_in);
        let next = played.moves(TRICKS_MAX - tricks);
        if tricks == 0 && next.iter().all(|step| step.is_trick()) {
            undisturbed += 1;
            let is_welcome = matches!(meeting.verdict, Verdict::Welcome(_)) && meeting.is_sound();
            assert_eq!(are_in, is_welcome, "undisturbed: {meeting:?}: {moves:?}");
            assert!((0..2).all(|at| played.is_over(at)), "undecided: {meeting:?}: {moves:?}");
        }
        for step in next {
            open.push(moves.iter().copied().chain([step]).collect());
        }
    }
    assert!(undisturbed > 0, "{meeting:?}");
    assert_eq!(both_in > 0, matches!(meeting.verdict, Verdict::Welcome(_)) && meeting.is_sound());
    seen.len()
}

#[test]
fn whatever_happens_on_the_way_nobody_is_in_whom_the_other_did_not_let_in() {
    let refused = Verdict::Refused(Refusal::NameInUse);
    for verdict in [Verdict::Welcome(welcome()), refused] {
        for (dialer, acceptor) in [(&[1][..], &[1][..]), (&[2, 1], &[1]), (&[1], &[2, 1])] {
            let states = search(&Meeting::new(dialer, acceptor, verdict.clone()));
            assert!(states > 100, "only {states} states");
        }
    }
}

#[test]
fn whatever_happens_on_the_way_nothing_is_proven_without_the_key() {
    let stranger = Meeting::new(&[2], &[1], Verdict::Welcome(welcome()));
    let elsewhere =
        Meeting { bindings: [BINDING, [8; 32]], ..Meeting::new(&[1], &[1], stranger.verdict.clone()) };
    for meeting in [stranger, elsewhere] {
        let states = search(&meeting);
        assert!(states > 50, "only {states} states");
    }
}

/// How many tricks one handshake may be played. One is enough to end it.
const TRICKS_MAX: usize = 2;
