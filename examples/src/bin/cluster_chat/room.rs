//! A chat room. Nothing in here knows whether it is called from this process or from another.

use murmer::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug)]
pub(crate) struct ChatRoom;

#[derive(Debug)]
pub(crate) struct ChatRoomState {
    pub(crate) room_name: String,
    pub(crate) messages: Vec<ChatMessage>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ChatMessage {
    pub(crate) from: String,
    pub(crate) text: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RoomStatus {
    pub(crate) room_name: String,
    pub(crate) messages: usize,
}

impl Actor for ChatRoom {
    type State = ChatRoomState;
}

#[handlers]
impl ChatRoom {
    /// Adds a message and returns how many there are.
    #[handler]
    pub(crate) fn post_message(&mut self, state: &mut ChatRoomState, from: String, text: String) -> usize {
        if state.messages.len() == MESSAGES_MAX {
            state.messages.remove(0);
        }
        state.messages.push(ChatMessage { from, text });
        state.messages.len()
    }

    /// All messages, oldest first.
    #[handler]
    pub(crate) fn get_history(&mut self, state: &mut ChatRoomState) -> Vec<ChatMessage> {
        state.messages.clone()
    }

    /// What `status` and `rooms` show.
    #[handler]
    pub(crate) fn get_status(&mut self, state: &mut ChatRoomState) -> RoomStatus {
        RoomStatus { room_name: state.room_name.clone(), messages: state.messages.len() }
    }
}

/// What a room remembers: the newest messages.
const MESSAGES_MAX: usize = 10_000;
