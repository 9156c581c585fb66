//! The modes of supervision, by name.
//!
//! Doesn't know what is done about them.

use serde::{Deserialize, Serialize};

/// After which ends an actor is started again.
///
/// A program's settings can say it, as `"temporary"`, `"transient"` or `"permanent"`.
///
/// # Examples
///
/// ```
/// use murmer::prelude::*;
/// use murmer::{Restart, Supervision};
/// use serde::Deserialize;
///
/// # struct Parser;
/// # impl Actor for Parser { type State = (); }
/// # #[handlers]
/// # impl Parser {
/// #     #[handler]
/// #     fn parse(&mut self, text: String) -> u64 { text.parse().expect("a number") }
/// # }
/// /// What a program's own settings say of an actor.
/// #[derive(Deserialize)]
/// struct Settings {
///     restart: Restart,
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use serde::de::value::{Error, MapDeserializer};
/// # let file: MapDeserializer<_, Error> = MapDeserializer::new([("restart", "transient")].into_iter());
/// # let system = System::local();
/// let settings = Settings::deserialize(file)?; // restart = "transient"
/// let parser = system.supervise("parser", Supervision::new(settings.restart), || (Parser, ()));
/// assert!(parser.parse("two".into()).await.is_err());
/// assert_eq!(parser.parse("2".into()).await?, 2);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Restart {
    /// Never.
    Temporary,
    /// After a failure: a panic or a failed start-up. Not after a stop.
    Transient,
    /// Also when it stopped of its own accord, by [`ActorContext::stop`](crate::ActorContext::stop). Not
    /// when it was told to by others.
    Permanent,
}
