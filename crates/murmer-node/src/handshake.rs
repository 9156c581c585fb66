//! Two ends of a connection prove to each other that they know the cookie, then say who they are.
//!
//! ```text
//! dialer  Hello · · · · Proof · · · · · · · · · Node
//! acceptor · · · Hello · · · Proof | Refused · · · · Welcome | Stale | NameInUse | Full | Quarantined
//! tag = HMAC-SHA256(key, role ‖ binding ‖ hash of all bytes so far)
//! ```
//!
//! The dialer proves first. The binding is known to the two ends of this connection alone, so a tag
//! seen elsewhere, or passed on by somebody in the middle, proves nothing. Whatever goes wrong with the
//! proof, the peer hears one and the same refusal.
//!
//! Doesn't know whether a name is free: the acceptor's [`Node`](crate::Node) says so in a [`Verdict`].

mod proof;

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::time::Duration;

use bytes::{Bytes, BytesMut};
use murmer_wire::{Incarnation, decode, encode};

use self::proof::Transcript;
use crate::protocol::{Greeting, HELLO_BYTES_MAX, Hello, Introduction, MINORS, Welcome};

pub use self::proof::ClusterKey;

/// Which end of the connection this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The end that connected.
    Dialer,
    /// The end that listened.
    Acceptor,
}

/// One connection's handshake.
#[derive(Debug)]
pub struct Handshake {
    role: Role,
    us: Introduction,
    keys: Vec<ClusterKey>,
    transcript: Transcript,
    dial: u64,
    step: Step,
    expires_at: Duration,
    out: VecDeque<HandshakeOutput>,
}

#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// Waits for the peer's `Hello`.
    Hello,
    /// Waits for the peer's `Proof`.
    Proof,
    /// The acceptor waits for `Node`, the dialer for `Welcome`.
    Introduction,
    /// The acceptor waits for its node's verdict on this dialer.
    Verdict(Introduced),
    Over,
}

/// Something that happened.
#[derive(Debug)]
pub enum HandshakeInput {
    /// A frame arrived on the control stream.
    Frame(Bytes),
    /// The node decided about the peer that was [`Introduced`](HandshakeOutput::Introduced).
    Verdict(Verdict),
    /// The connection or its first stream ended.
    Lost,
    /// The deadline has passed.
    Timeout,
}

/// What an acceptor's node says of a dialer that has proven the cookie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is in.
    Welcome(Welcome),
    /// It is not.
    Refused(Refusal),
}

/// Something to do.
#[derive(Debug, PartialEq, Eq)]
pub enum HandshakeOutput {
    /// Send this as one frame.
    Send(Bytes),
    /// The peer has proven the cookie: lift the limits that hold before that.
    Proven,
    /// The acceptor's node is to decide: answer with a [`Verdict`].
    Introduced(Introduced),
    /// Both ends know each other; from now on the stream carries [`Control`](crate::Control). A dialer
    /// also has what the acceptor welcomed it with.
    Done(Introduced, Option<Welcome>),
    /// It failed: close the connection, once what was sent before has gone out.
    Failed(HandshakeError),
}

/// A peer that has proven the cookie and said who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Introduced {
    /// Who.
    pub peer: Introduction,
    /// The number of the dial that made this connection.
    pub dial: u64,
}

/// Why a proven dialer was not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// A live process holds its name.
    #[error("another live process holds this node's name")]
    NameInUse,
    /// It has to take an incarnation above this one.
    #[error("this node's incarnation is behind one that was here before")]
    Stale {
        /// The one to be above of.
        at_least: Incarnation,
    },
    /// There is no room for another member.
    #[error("the cluster is full")]
    Full,
    /// What it said as a member can't be right; it has to begin anew, under an incarnation above this one.
    #[error("this node's state is damaged")]
    Quarantined {
        /// The one to be above of.
        at_least: Incarnation,
    },
}

/// Why a handshake failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HandshakeError {
    /// The acceptor refused our proof: the cookies differ, or the cluster names.
    #[error("refused: the cookie or the cluster name differs")]
    Refused,
    /// The peer's proof is wrong. It was refused.
    #[error("the peer's proof of the cookie is wrong")]
    WrongProof,
    /// The peer let the cookie pass but not us.
    #[error("not let in: {0}")]
    NotLetIn(Refusal),
    /// We did not let the peer in.
    #[error("not let in by us: {0}")]
    LetNotIn(Refusal),
    /// There is no minor version that both ends speak.
    #[error("no common protocol version: we speak {ours:?}, the peer {theirs:?}")]
    Version {
        /// Lowest and highest of ours.
        ours: (u16, u16),
        /// Lowest and highest of the peer's.
        theirs: (u16, u16),
    },
    /// The peer said something that is not its turn, or not in the protocol.
    #[error("the peer does not follow the protocol")]
    Protocol,
    /// The connection ended.
    #[error("the connection ended during the handshake")]
    Lost,
    /// It took too long.
    #[error("the handshake took too long")]
    TimedOut,
}

impl Handshake {
    /// Begins a handshake at `now`. `keys` are the accepted cookies stretched, the current one first;
    /// `dial` counts this process's dials and is 0 for an acceptor.
    ///
    /// # Panics
    ///
    /// When `keys` is empty: without a key nobody can be let in.
    pub fn new(
        now: Duration,
        role: Role,
        us: Introduction,
        keys: &[ClusterKey],
        binding: [u8; 32],
        dial: u64,
    ) -> Self {
        assert!(!keys.is_empty(), "a handshake needs a key");
        let mut handshake = Self {
            role,
            us,
            keys: keys.iter().take(KEYS_MAX).cloned().collect(),
            transcript: Transcript::new(binding),
            dial,
            step: Step::Hello,
            expires_at: now + HANDSHAKE_TIMEOUT,
            out: VecDeque::new(),
        };
        if role == Role::Dialer {
            handshake.say_hello();
        }
        handshake
    }

    /// Applies one input. Drain [`poll`](Self::poll) before the next one.
    pub fn handle(&mut self, now: Duration, input: HandshakeInput) {
        match input {
            HandshakeInput::Frame(body) => self.handle_frame(&body),
            HandshakeInput::Verdict(verdict) => self.handle_verdict(verdict),
            HandshakeInput::Lost => self.fail(HandshakeError::Lost),
            HandshakeInput::Timeout => {
                if now >= self.expires_at {
                    self.fail(HandshakeError::TimedOut);
                }
            }
        }
    }

    /// The next thing to do, oldest first.
    pub fn poll(&mut self) -> Option<HandshakeOutput> {
        self.out.pop_front()
    }

    /// When to call `handle` with `Timeout`.
    pub fn deadline(&self) -> Option<Duration> {
        (self.step != Step::Over).then_some(self.expires_at)
    }

    fn handle_frame(&mut self, body: &Bytes) {
        let is_proven = matches!(self.step, Step::Introduction | Step::Verdict(_));
        if !is_proven && body.len() > HELLO_BYTES_MAX {
            return self.fail(HandshakeError::Protocol);
        }
        let Ok(greeting) = decode::<Greeting>(body) else { return self.fail(HandshakeError::Protocol) };
        // The tag covers everything before it, so it is checked before it is recorded.
        match (&self.step, greeting) {
            (Step::Hello, Greeting::Hello(hello)) => {
                self.transcript.record(body);
                self.hear_hello(&hello);
            }
            (Step::Proof, Greeting::Proof(tags)) => self.hear_proof(&tags, body),
            (Step::Introduction, Greeting::Node(peer)) if self.role == Role::Acceptor => {
                let introduced = Introduced { peer, dial: self.dial };
                self.step = Step::Verdict(introduced.clone());
                self.out.push_back(HandshakeOutput::Introduced(introduced));
            }
            (Step::Introduction, Greeting::Welcome(welcome)) if self.role == Role::Dialer => {
                self.step = Step::Over;
                let peer = Introduced { peer: welcome.node.clone(), dial: self.dial };
                self.out.push_back(HandshakeOutput::Done(peer, Some(welcome)));
            }
            (Step::Proof | Step::Hello, Greeting::Refused) if self.role == Role::Dialer => {
                self.fail(HandshakeError::Refused);
            }
            (Step::Introduction, refusal) if self.role == Role::Dialer => {
                self.fail(match refusal {
                    // No life could follow it that anybody would let in: it is no reason to give up the name.
                    Greeting::Stale { at_least } | Greeting::Quarantined { at_least }
                        if at_least.above(0) > Incarnation::MAX =>
                    {
                        HandshakeError::Protocol
                    }
                    Greeting::Stale { at_least } => HandshakeError::NotLetIn(Refusal::Stale { at_least }),
                    Greeting::NameInUse => HandshakeError::NotLetIn(Refusal::NameInUse),
                    Greeting::Full => HandshakeError::NotLetIn(Refusal::Full),
                    Greeting::Quarantined { at_least } => {
                        HandshakeError::NotLetIn(Refusal::Quarantined { at_least })
                    }
                    Greeting::Hello(_)
                    | Greeting::Proof(_)
                    | Greeting::Refused
                    | Greeting::Node(_)
                    | Greeting::Welcome(_) => HandshakeError::Protocol,
                });
            }
            _ => self.fail(HandshakeError::Protocol),
        }
    }

    fn hear_hello(&mut self, hello: &Hello) {
        if self.role == Role::Acceptor {
            self.dial = hello.dial;
            self.say_hello();
        }
        if hello.minors.1 < MINORS.0 || MINORS.1 < hello.minors.0 {
            return self.fail(HandshakeError::Version { ours: MINORS, theirs: hello.minors });
        }
        self.step = Step::Proof;
        if self.role == Role::Dialer {
            let tags = self.keys.iter().map(|key| self.transcript.tag(key, Role::Dialer)).collect();
            self.say(&Greeting::Proof(tags));
        }
    }

    fn hear_proof(&mut self, tags: &[[u8; 32]], body: &Bytes) {
        let peer = match self.role {
            Role::Dialer => Role::Acceptor,
            Role::Acceptor => Role::Dialer,
        };
        let known = self.transcript.proven_key(&self.keys, peer, &tags[..tags.len().min(KEYS_MAX)]);
        let Some(key) = known.cloned() else {
            if self.role == Role::Acceptor {
                self.say(&Greeting::Refused);
            }
            return self.fail(HandshakeError::WrongProof);
        };
        self.transcript.record(body);
        self.step = Step::Introduction;
        if self.role == Role::Acceptor {
            let tag = self.transcript.tag(&key, Role::Acceptor);
            self.say(&Greeting::Proof(Vec::from([tag])));
        }
        self.out.push_back(HandshakeOutput::Proven);
        if self.role == Role::Dialer {
            self.say(&Greeting::Node(self.us.clone()));
        }
        // From here on the last frame of each end has told the other all it needs to know.
    }

    fn handle_verdict(&mut self, verdict: Verdict) {
        let Step::Verdict(dialer) = &self.step else { return };
        match verdict {
            Verdict::Welcome(welcome) => {
                let dialer = dialer.clone();
                self.step = Step::Over;
                self.say(&Greeting::Welcome(welcome));
                self.out.push_back(HandshakeOutput::Done(dialer, None));
            }
            Verdict::Refused(refusal) => {
                self.say(&match refusal {
                    Refusal::NameInUse => Greeting::NameInUse,
                    Refusal::Stale { at_least } => Greeting::Stale { at_least },
                    Refusal::Full => Greeting::Full,
                    Refusal::Quarantined { at_least } => Greeting::Quarantined { at_least },
                });
                self.fail(HandshakeError::LetNotIn(refusal));
            }
        }
    }

    fn say_hello(&mut self) {
        let dial = if self.role == Role::Dialer { self.dial } else { 0 };
        self.say(&Greeting::Hello(Hello { minors: MINORS, features: 0, dial }));
    }

    fn say(&mut self, greeting: &Greeting) {
        let mut body = BytesMut::new();
        encode(greeting, &mut body).expect("a greeting has a known shape");
        self.transcript.record(&body);
        self.out.push_back(HandshakeOutput::Send(body.freeze()));
    }

    fn fail(&mut self, error: HandshakeError) {
        if self.step != Step::Over {
            self.step = Step::Over;
            self.out.push_back(HandshakeOutput::Failed(error));
        }
    }
}

/// From the first byte to the last; longer, and a stranger holds one of few places.
///
/// 500 ms of it may go into challenging a name's holder.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(3);
/// The current cookie and the previous one.
const KEYS_MAX: usize = 2;
