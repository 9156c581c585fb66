//! Outputs on their way out, in order.

use alloc::collections::VecDeque;

use murmer_wire::NodeId;

use crate::{Message, Misbehaviour, Output};

#[derive(Debug, Default)]
pub(crate) struct Outbox(VecDeque<Output>);

impl Outbox {
    pub(crate) fn push(&mut self, output: Output) {
        self.0.push_back(output);
    }

    pub(crate) fn send(&mut self, to: &NodeId, message: Message) {
        self.push(Output::Send { to: to.clone(), message });
    }

    pub(crate) fn misbehaved(&mut self, peer: &NodeId, what: Misbehaviour) {
        self.push(Output::Misbehaved { peer: peer.clone(), what });
    }

    pub(crate) fn extend(&mut self, outputs: impl IntoIterator<Item = Output>) {
        self.0.extend(outputs);
    }

    pub(crate) fn pop(&mut self) -> Option<Output> {
        self.0.pop_front()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
