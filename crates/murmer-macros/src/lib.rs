//! `#[handlers]`: from an actor's methods to its messages.
//!
//! In three steps that know only their neighbour: `parse` reads an impl block and says what is
//! wrong with it, `model` is what it means, `expand` writes it out.
//!
//! Doesn't know how messages travel. What it writes calls into `murmer-core`, which it never sees.

mod expand;
mod model;
mod parse;

use proc_macro::TokenStream;

use parse::Parsed;

/// Makes the methods marked `#[handler]` of an impl block the messages of an actor.
///
/// For an actor `ChatRoom` with a handler `post_message(&mut self, from: String) -> usize` it writes
///
/// - `ChatRoomPostMessage { from }`, the message, whose reply is exactly what the handler returns;
/// - `ChatRoomExt`, a trait with a method `post_message(from)` for every `Endpoint<ChatRoom>`;
/// - the implementations by which the actor handles the message, here and from other nodes.
///
/// The impl block itself stays as it is; methods without `#[handler]` are ordinary methods.
///
/// # Handlers
///
/// A handler takes `&self` or `&mut self` and may be `async`. Of its parameters, one may be
/// `&ActorContext<Self>` and one `&mut` of the actor's state, anywhere; all others are the
/// message's fields and must be owned. Handlers have no type parameters and are not cut out by
/// `#[cfg]`, since an actor's messages are one closed set.
///
/// An `async` handler with `&self` needs an actor that is `Sync`.
///
/// # Answers
///
/// A message is answered by what its handler returns; or
///
/// - later, by a handler that returns nothing and has a parameter `ReplyTo<R>`: the message's reply is
///   then `R`. The handler may keep the `ReplyTo`, hand it to a task, or forward it to another actor;
/// - in pieces, by a handler that returns `impl Stream<Item = T>`: the message's reply is then a
///   `ReplyStream<T>`. The stream runs beside the actor, so it must own all it needs, and be `Send`. Such a
///   message stays in its process for now: sent to another node it is refused, as `SendError::LocalOnly`.
///   The actor's other messages travel as ever.
///
/// # Visibility
///
/// A message is `pub` unless its handler says `pub(crate)`, `pub(super)` or `pub(in …)`; the trait
/// is `pub` unless all handlers say the same narrower thing. A reply type must be as visible as the
/// message it answers: for a private one, narrow the handler or make the type `pub`.
///
/// # Options
///
/// - `#[handlers(local)]`: messages never leave the process, so nothing in them needs serde.
/// - `#[handlers(name = "chat::Room")]`: the name by which other nodes know the actor's type. Without
///   it, it is the crate's name and the type's; nodes must agree on it, so give one before renaming
///   either. 1 to 255 bytes without control characters.
/// - `#[handlers(crate = path)]`: where murmer is, if not at `::murmer`.
///
/// # Errors
///
/// Whatever can't be a handler is a compile error at the word in question, with what to write
/// instead. All such errors of an impl block are reported at once.
///
/// # Examples
///
/// ```
/// use murmer_core::{Actor, System};
/// use murmer_macros::handlers;
///
/// pub struct Counter;
///
/// impl Actor for Counter {
///     type State = u64;
/// }
///
/// #[handlers(crate = murmer_core)]
/// impl Counter {
///     /// Adds `by`, and says what that makes.
///     #[handler]
///     fn add(&mut self, state: &mut u64, by: u64) -> u64 {
///         *state += by;
///         *state
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let counter = System::local().start("counter", Counter, 40);
/// assert_eq!(counter.add(2).await?, 42);
/// # Ok(())
/// # }
/// ```
///
/// Answers that come later:
///
/// ```
/// use murmer_core::{Actor, ReplyTo, System};
/// use murmer_macros::handlers;
///
/// struct Auction;
///
/// impl Actor for Auction {
///     type State = Vec<ReplyTo<bool>>;
/// }
///
/// #[handlers(crate = murmer_core)]
/// impl Auction {
///     /// Answers once the auction is over: whether this was the last bid.
///     #[handler]
///     fn bid(&self, bids: &mut Vec<ReplyTo<bool>>, reply: ReplyTo<bool>) {
///         bids.push(reply);
///     }
///
///     #[handler]
///     fn close(&self, bids: &mut Vec<ReplyTo<bool>>) {
///         let last = bids.pop();
///         bids.drain(..).for_each(|reply| reply.send(false));
///         last.into_iter().for_each(|reply| reply.send(true));
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let auction = System::local().start("auction", Auction, Vec::new());
/// let (first, last, closed) = tokio::join!(biased; auction.bid(), auction.bid(), auction.close());
/// assert_eq!((first?, last?, closed?), (false, true, ()));
/// # Ok(())
/// # }
/// ```
#[proc_macro_attribute]
pub fn handlers(options: TokenStream, item: TokenStream) -> TokenStream {
    let (mut tokens, error) = match parse::actor(options.into(), item.into()) {
        Parsed::Whole(actor) => (expand::actor(&actor), None),
        Parsed::Partly(actor, error) => (expand::actor(&actor), Some(error)),
        Parsed::Nothing(item, error) => (item, Some(error)),
    };
    tokens.extend(error.map(syn::Error::into_compile_error));
    tokens.into()
}
