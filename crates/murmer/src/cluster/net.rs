//! One connection: made, proven, carried.

mod carry;
mod dial;
mod greet;

use murmer_node::{Control, Input, LinkId, Peer, Verdict};
use murmer_transport::Connection;
use murmer_wire::NodeId;
use tokio::sync::{mpsc, oneshot};

use super::discovery::Hint;
use super::stream::Retirement;

pub(super) use self::dial::{DialError, dial};
pub(super) use self::greet::accept;

/// What connections tell the driver.
pub(super) enum Event<C> {
    /// What a discovery says.
    Hint(Hint),
    /// Something for the node's machine.
    Node(Input),
    /// A handshake knows its peer: the handle of the connection, and the machine's input.
    Introduced {
        /// Which connection.
        link: LinkId,
        /// Who.
        peer: Peer,
        /// How to reach it.
        handle: LinkHandle<C>,
    },
}

/// A connection as the driver holds it.
pub(super) struct LinkHandle<C> {
    pub(super) connection: C,
    pub(super) peer: NodeId,
    /// What the node says of the dialer; there is none to tell if we dialed.
    pub(super) verdict: Option<oneshot::Sender<Verdict>>,
    /// Fired once the peer is in; until then nothing of it is carried.
    pub(super) linked: Option<oneshot::Sender<()>>,
    pub(super) control: mpsc::Sender<Control>,
    pub(super) registry: mpsc::Sender<murmer_registry::Message>,
    /// Of the streams to and from actors.
    pub(super) retirement: Retirement,
    /// Of those to actors here: they hold answers.
    pub(super) serving: Retirement,
}

/// The connection's ends of those.
pub(super) struct LinkQueues {
    pub(super) linked: oneshot::Receiver<()>,
    pub(super) control: mpsc::Receiver<Control>,
    pub(super) registry: mpsc::Receiver<murmer_registry::Message>,
    pub(super) retirement: Retirement,
    pub(super) serving: Retirement,
}

fn handle<C: Connection>(
    connection: C,
    peer: NodeId,
    verdict: Option<oneshot::Sender<Verdict>>,
) -> (LinkHandle<C>, LinkQueues) {
    let (linked_sender, linked) = oneshot::channel();
    let (control_sender, control) = mpsc::channel(CONTROLS_MAX);
    let (registry_sender, registry) = mpsc::channel(REGISTRY_MESSAGES_MAX);
    let (retirement, serving) = (Retirement::default(), Retirement::default());
    let handle = LinkHandle {
        connection,
        peer,
        verdict,
        linked: Some(linked_sender),
        control: control_sender,
        registry: registry_sender,
        retirement: retirement.clone(),
        serving: serving.clone(),
    };
    (handle, LinkQueues { linked, control, registry, retirement, serving })
}

/// How a connection is closed when its peer is not one of us.
pub(super) const CODE_REFUSED: u32 = 1;
/// How a connection is closed when the node has decided so.
pub(super) const CODE_DECIDED: u32 = 2;
/// How a connection is closed when something for it did not fit its queue.
pub(super) const CODE_OVERLOADED: u32 = 3;
/// How a connection is closed when the peer broke the protocol.
pub(super) const CODE_PROTOCOL: u32 = 4;

/// Control messages waiting for one connection. They are few and small; a connection that can't take them
/// is of no use.
const CONTROLS_MAX: usize = 256;
/// Registry messages waiting for one connection; more than a window of them.
const REGISTRY_MESSAGES_MAX: usize = 1_024;
/// The largest control or registry frame of a peer. Not the setting for messages: a small one must not cut
/// off a snapshot, or a welcome that names a thousand members.
const OWN_FRAME_BYTES_MAX: usize = 4 << 20;
