//! Where the nodes run, and what can be done to them there.

use std::time::Instant;

use anyhow::Result;

use super::console::Console;
use super::script::Node;

/// Ends a node well and starts another in its place; when that was started, and its console.
pub(super) type Replacement = Box<dyn FnOnce() -> Result<(Instant, Console)> + Send>;

/// Containers, or processes. Whatever it made is gone when it is dropped.
pub(super) trait Lab: Send {
    /// Starts all nodes; their consoles in the order of [`Node::ALL`].
    fn up(&mut self) -> Result<Vec<Console>>;

    /// Starts a node that has ended.
    fn start(&mut self, node: Node) -> Result<Console>;

    /// SIGKILL.
    fn kill(&mut self, node: Node, console: Console) -> Result<()>;

    /// SIGTERM.
    fn stop(&mut self, node: Node, console: &mut Console) -> Result<()>;

    /// How a node has ended whose console has.
    fn exit_code(&mut self, node: Node, console: Console) -> Result<i32>;

    /// SIGTERM, and a new start.
    fn restart(&mut self, node: Node, console: Console) -> Result<Console>;

    /// No more time for a node, or time again.
    fn set_paused(&mut self, node: Node, console: &mut Console, is_paused: bool) -> Result<()>;

    /// A node off the network, or on it again.
    fn set_cut(&mut self, node: Node, is_cut: bool) -> Result<()>;

    /// What can be done on another thread while the other nodes are busy.
    fn replacement(&mut self, node: Node, console: Console) -> Result<Replacement>;
}
