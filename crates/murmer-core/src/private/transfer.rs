//! What can be an answer to a message that leaves its process.

use murmer_wire::decode;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::field::{Whole, reading};
use crate::{Answered, ReplyPort, ReplyStream, ReplyTo, SendError};

/// An answer that can come from another node: any value that can be sent, or a stream of such.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be sent to another node",
    label = "needs `serde::Serialize` and `serde::Deserialize`"
)]
pub trait Transfer: Sized {
    /// Whether it is a stream.
    const IS_STREAMED: bool;

    /// Reads one.
    ///
    /// # Errors
    ///
    /// [`SendError::Reply`].
    fn read(answer: Answered) -> Result<Self, SendError>;

    /// The way back for one.
    fn reply_to(port: ReplyPort) -> ReplyTo<Self>;
}

#[diagnostic::do_not_recommend]
impl<R: Serialize + DeserializeOwned + 'static> Transfer for R {
    const IS_STREAMED: bool = false;

    fn read(answer: Answered) -> Result<Self, SendError> {
        match answer {
            Answered::Whole(bytes) => {
                let answer = reading(&bytes, || decode::<Whole<Self>>(&bytes));
                answer.map(|Whole(answer)| answer).map_err(|error| SendError::Reply(Some(error)))
            }
            Answered::Streamed(_) => Err(SendError::Reply(None)),
        }
    }

    fn reply_to(port: ReplyPort) -> ReplyTo<Self> {
        port.reply_to()
    }
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + Send + 'static> Transfer for ReplyStream<T> {
    const IS_STREAMED: bool = true;

    fn read(answer: Answered) -> Result<Self, SendError> {
        match answer {
            Answered::Streamed(items) => Ok(Self::far(items, decode)),
            Answered::Whole(_) => Err(SendError::Reply(None)),
        }
    }

    fn reply_to(port: ReplyPort) -> ReplyTo<Self> {
        port.stream_to()
    }
}
