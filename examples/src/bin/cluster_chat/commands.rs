//! What each command does, and what it prints.

use std::fmt::Display;
use std::time::Duration;

use anyhow::Context;
use murmer::cluster::{Departure, MemberState};
use murmer::prelude::*;
use murmer::{ActorOptions, StartError};

use crate::out::Out;
use crate::room::{ChatRoom, ChatRoomExt, ChatRoomState, RoomStatus};

pub(crate) struct Chat {
    system: System,
    out: Out,
    is_clustered: bool,
}

/// Whether the conversation goes on.
#[derive(PartialEq, Eq)]
pub(crate) enum Next {
    Prompt,
    Quit,
}

impl Chat {
    pub(crate) fn new(system: System, out: Out, is_clustered: bool) -> Self {
        Self { system, out, is_clustered }
    }

    /// Leaves; an error means that not all could be said.
    pub(crate) async fn end(self) -> anyhow::Result<()> {
        self.system.shutdown().await;
        self.out.end().context("standard output")
    }

    pub(crate) fn is_clustered(&self) -> bool {
        self.is_clustered
    }

    /// Whether there is no point in going on: nobody reads what is said. A node still does what it is
    /// told, for the others.
    pub(crate) fn is_in_vain(&self) -> bool {
        self.out.is_closed() && !self.is_clustered
    }

    pub(crate) fn out(&self) -> &Out {
        &self.out
    }

    /// Waits until this node is no longer part of its cluster without having been told to leave.
    pub(crate) async fn left(&self) -> Departure {
        self.system.left().await
    }

    pub(crate) fn start_room(&self, name: &str) {
        let state = ChatRoomState { room_name: name.to_owned(), messages: Vec::new() };
        match self.system.try_start(&label(name), ChatRoom, state, ActorOptions::default()) {
            Ok(_) => self.say(format_args!("Started room: #{name}")),
            Err(StartError::Taken { .. }) => self.say(format_args!("#{name} exists already")),
            // The name is not shown: it is what can't be.
            Err(StartError::Label { source, .. }) => {
                self.say(format_args!(
                    "no room created: {source} (it is {PREFIX:?} and the name); choose another name"
                ));
            }
            Err(error) => self.say(format_args!("no room created: {error}")),
        }
    }

    /// Does what `line` says. Whatever goes wrong is printed, and the conversation goes on.
    pub(crate) async fn perform(&self, line: &str) -> Next {
        let mut words = line.split_whitespace();
        let Some(command) = words.next() else { return Next::Prompt };
        let arguments: Vec<_> = words.collect();
        match (command, &arguments[..]) {
            ("post", [room, from, _, ..]) => self.post(room, from, text_after(line, 3)).await,
            ("history", [room]) => self.history(room).await,
            ("status", []) => self.status_of_node(),
            ("status", [room]) => self.status_of_room(room).await,
            ("rooms", []) => self.rooms().await,
            ("create", [room]) => self.create(room),
            ("nodes", []) => self.nodes(),
            ("help", []) => self.out.text(HELP),
            ("quit" | "exit", []) => return Next::Quit,
            (known, _) if HELP.lines().any(|usage| usage.split_whitespace().next() == Some(known)) => {
                let usage = HELP.lines().find(|usage| usage.trim_start().starts_with(known));
                self.say(format_args!("usage: {}", usage.unwrap_or(known).trim()));
            }
            (unknown, _) => self.say(format_args!("unknown command {unknown:?}; help lists them all")),
        }
        Next::Prompt
    }

    async fn post(&self, room: &str, from: &str, text: &str) {
        let Some(endpoint) = self.room(room) else { return };
        match endpoint.post_message(from.to_owned(), text.to_owned()).timeout(ANSWER_WAIT).await {
            Ok(count) => self.say(format_args!("[{count} messages in #{room}]")),
            Err(error) => self.failed(room, &error),
        }
    }

    async fn history(&self, room: &str) {
        let Some(endpoint) = self.room(room) else { return };
        match endpoint.get_history().timeout(ANSWER_WAIT).await {
            Ok(messages) => {
                self.say(format_args!("--- #{room} ---"));
                for message in messages {
                    self.say(format_args!("{}: {}", message.from, message.text));
                }
            }
            Err(error) => self.failed(room, &error),
        }
    }

    async fn status_of_room(&self, room: &str) {
        let Some(endpoint) = self.room(room) else { return };
        match endpoint.get_status().timeout(ANSWER_WAIT).await {
            Ok(RoomStatus { room_name, messages }) => {
                self.say(format_args!("#{room_name} — {messages} messages{}", self.place(&endpoint)));
            }
            Err(error) => self.failed(room, &error),
        }
    }

    fn status_of_node(&self) {
        let rooms = self.system.labels(&label("*")).len();
        if self.is_clustered {
            let members = self.system.members();
            let up = members.iter().filter(|(_, state)| is_up(*state)).count();
            self.say(format_args!(
                "node {} — {} nodes up, {rooms} rooms known",
                self.system.node().name,
                up + 1
            ));
        } else {
            self.say(format_args!("local — {rooms} rooms known"));
        }
    }

    /// All rooms at once: one that doesn't answer holds up no other.
    async fn rooms(&self) {
        let asks: Vec<_> = self
            .system
            .labels(&label("*"))
            .into_iter()
            .filter_map(|label| self.system.lookup::<ChatRoom>(label.as_str()))
            .map(|endpoint| {
                let answer = tokio::spawn(endpoint.get_status().timeout(LIST_WAIT));
                (endpoint, answer)
            })
            .collect();
        self.say("Known rooms:");
        for (endpoint, answer) in asks {
            let name = endpoint
                .label()
                .and_then(|label| label.as_str().strip_prefix(PREFIX))
                .unwrap_or_default()
                .to_owned();
            match answer.await {
                Ok(Ok(status)) => {
                    self.say(format_args!("#{name} — {} messages{}", status.messages, self.place(&endpoint)))
                }
                Ok(Err(SendError::Stopped)) => {}
                Ok(Err(_)) | Err(_) => self.say(format_args!("#{name} — no answer{}", self.place(&endpoint))),
            }
        }
    }

    fn create(&self, room: &str) {
        if self.system.lookup::<ChatRoom>(&label(room)).is_some() {
            return self.say(format_args!("#{room} exists already"));
        }
        self.start_room(room);
    }

    fn nodes(&self) {
        self.say("Nodes:");
        self.say(format_args!("{} — up (this node)", self.system.node().name));
        let mut members = self.system.members();
        members.sort_by(|(a, _), (b, _)| a.id.cmp(&b.id));
        for (member, state) in members {
            self.say(format_args!("{} — {} ({})", member.id.name, word(state), member.addr));
        }
    }

    /// The room, or word that there is none.
    fn room(&self, name: &str) -> Option<Endpoint<ChatRoom>> {
        let endpoint = self.system.lookup(&label(name));
        if endpoint.is_none() {
            self.say(format_args!("no room #{name}; rooms lists all, create {name} makes it"));
        }
        endpoint
    }

    fn failed(&self, room: &str, error: &SendError) {
        self.say(format_args!("#{room} did not answer: {error}"));
    }

    fn say(&self, line: impl Display) {
        self.out.line(line);
    }

    fn place(&self, endpoint: &Endpoint<ChatRoom>) -> String {
        if self.is_clustered { format!(" (on {})", endpoint.node().name) } else { String::new() }
    }
}

fn label(room: &str) -> String {
    format!("{PREFIX}{room}")
}

/// What follows the first `words` words of `line`, inner spaces as they were.
fn text_after(line: &str, words: usize) -> &str {
    let mut rest = line.trim();
    for _ in 0..words {
        rest = rest.split_once(char::is_whitespace).map_or("", |(_, rest)| rest.trim_start());
    }
    rest
}

const fn is_up(state: MemberState) -> bool {
    matches!(state, MemberState::Up | MemberState::Suspect)
}

const fn word(state: MemberState) -> &'static str {
    match state {
        MemberState::Up | MemberState::Suspect => "up",
        MemberState::Unreachable => "unreachable",
        MemberState::Down => "down",
        MemberState::Left => "left",
    }
}

/// Rooms are the actors under this.
const PREFIX: &str = "room/";
/// How long one room may take.
const ANSWER_WAIT: Duration = Duration::from_secs(5);
/// How long all of them together may.
const LIST_WAIT: Duration = Duration::from_secs(1);

const HELP: &str = "  post <room> <from> <text>   say something in a room
  history <room>              all that was said there
  status [room]               this node, or one room
  rooms                       every room there is
  create <room>               a new room on this node
  nodes                       every node of the cluster
  help                        this list
  quit                        leave
";
