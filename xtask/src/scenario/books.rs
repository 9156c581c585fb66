//! What there must be: every room, where it is, and how many messages were answered by it.
//!
//! Doesn't ask anybody; it says what `rooms` and `nodes` have to print.

use std::collections::BTreeMap;

use super::script::Node;

/// The rooms of nodes that run.
#[derive(Debug, Default)]
pub struct Books {
    rooms: BTreeMap<String, Room>,
    created: usize,
}

#[derive(Debug)]
struct Room {
    node: Node,
    messages: u64,
}

impl Books {
    /// A new process has the room that is called as it is, and no other.
    pub fn begin(&mut self, node: Node) {
        self.end(node);
        self.rooms.insert(node.name().to_owned(), Room { node, messages: 0 });
    }

    /// What a process had ends with it.
    pub fn end(&mut self, node: Node) {
        self.rooms.retain(|_, room| room.node != node);
    }

    /// A name for a room more on `node`, which is to be created there.
    pub fn create(&mut self, node: Node) -> String {
        self.created += 1;
        let name = format!("{node}-{}", self.created);
        self.rooms.insert(name.clone(), Room { node, messages: 0 });
        name
    }

    /// What a room must answer to one message more: none was lost, none came twice.
    pub fn post(&mut self, room: &str) -> Option<String> {
        let held = self.rooms.get_mut(room)?;
        held.messages += 1;
        Some(format!("[{} messages in #{room}]", held.messages))
    }

    /// How many rooms there are.
    pub fn rooms(&self) -> usize {
        self.rooms.len()
    }

    /// What is wrong with the answer to `rooms`, if anything is.
    pub fn compare(&self, answer: &[String]) -> Option<String> {
        let wanted = self
            .rooms
            .iter()
            .map(|(name, Room { node, messages })| format!("#{name} — {messages} messages (on {node})"));
        let missing: Vec<_> = wanted.filter(|line| !answer.contains(line)).collect();
        let listed: Vec<_> = answer.iter().filter(|line| line.starts_with('#')).collect();
        if missing.is_empty() && listed.len() == self.rooms.len() {
            return None;
        }
        Some(format!("of {} rooms, {missing:?} are not listed as they are; {listed:?} are", self.rooms.len()))
    }

    /// What is wrong with the answer to `nodes`, if anything is.
    pub fn count_up(answer: &[String]) -> Option<String> {
        let listed: Vec<_> = answer
            .iter()
            .filter(|line| line.contains(" — ") && !line.starts_with("node ") && !line.starts_with('#'))
            .collect();
        let is_up = |node: Node| listed.iter().any(|line| line.starts_with(&format!("{node} — up")));
        let is_whole = listed.len() == Node::ALL.len() && Node::ALL.into_iter().all(is_up);
        (!is_whole).then(|| format!("the nodes are {listed:?}"))
    }
}
