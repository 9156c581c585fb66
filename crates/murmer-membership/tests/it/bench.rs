//! One machine on a bench: a clock, and all it has said.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use murmer_membership::{Input, Member, MemberState, Membership, Output};
use murmer_wire::{Incarnation, NodeId, NodeName};

/// A member called `name` in its life number `life`. Its address depends on its name alone.
pub(crate) fn member(name: &str, life: u64) -> Member {
    let port = name.bytes().fold(1_000u16, |port, byte| port.wrapping_mul(31).wrapping_add(u16::from(byte)));
    Member {
        id: NodeId {
            name: NodeName::new(name).expect("tests use valid names"),
            incarnation: Incarnation::from(life),
        },
        addr: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
    }
}

pub(crate) struct Bench<M> {
    pub(crate) machine: M,
    pub(crate) now: Duration,
    pub(crate) said: Vec<(Duration, Output)>,
}

impl<M: Membership> Bench<M> {
    pub(crate) fn new(machine: M) -> Self {
        Self { machine, now: Duration::ZERO, said: Vec::new() }
    }

    pub(crate) fn tell(&mut self, input: Input) {
        self.machine.handle(self.now, input);
        while let Some(output) = self.machine.poll() {
            self.said.push((self.now, output));
        }
    }

    pub(crate) fn link(&mut self, member: &Member) {
        self.tell(Input::Linked { member: member.clone() });
    }

    /// Lets time pass, giving the machine its timeouts.
    pub(crate) fn pass(&mut self, span: Duration) {
        let until = self.now + span;
        while let Some(at) = self.machine.deadline().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            self.tell(Input::Timeout);
        }
        self.now = until;
    }

    /// Lets time pass while `peer` gives a sign of life every half second.
    pub(crate) fn pass_with_life(&mut self, peer: &Member, span: Duration) {
        let until = self.now + span;
        while self.now < until {
            self.pass(Duration::from_millis(500));
            self.tell(Input::Alive(peer.id.clone()));
        }
    }

    pub(crate) fn state(&self, member: &Member) -> Option<MemberState> {
        self.machine.members().find(|(known, _)| known.id == member.id).map(|(_, state)| state)
    }

    /// What `member` became, and when.
    pub(crate) fn history(&self, member: &Member) -> Vec<(Duration, MemberState)> {
        self.said
            .iter()
            .filter_map(|(at, output)| match output {
                Output::Changed { member: changed, to, .. } if changed.id == member.id => Some((*at, *to)),
                _ => None,
            })
            .collect()
    }

    pub(crate) fn states(&self, member: &Member) -> Vec<MemberState> {
        self.history(member).into_iter().map(|(_, to)| to).collect()
    }

    pub(crate) fn dials(&self) -> Vec<Member> {
        self.said
            .iter()
            .filter_map(|(_, output)| match output {
                Output::Dial(member) => Some(member.clone()),
                _ => None,
            })
            .collect()
    }
}
