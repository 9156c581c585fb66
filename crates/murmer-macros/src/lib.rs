//! `#[handlers]`: from an actor's methods to its messages; and derives for types that several actors share.
//!
//! The attribute works in three steps that know only their neighbour: `parse` reads an impl block and says what is
//! wrong with it, `model` is what it means, `expand` writes it out.
//!
//! Doesn't know how messages travel. What it writes calls into `murmer-core`, which it never sees.

mod expand;
mod message;
mod model;
mod parse;
mod wire;

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
/// Timers, routers and recipients take the message itself, where an endpoint has a method: so
/// `router.send(ChatRoomPostMessage { from })`, and `ctx.send_every(every, || ChatRoomTick {})` for a handler
/// that takes nothing.
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
///   `ReplyStream<T>`. The stream runs beside the actor, so it must own all it needs, and be `Send`.
///
/// # Visibility
///
/// A message is `pub` unless its handler says `pub(crate)`, `pub(super)`, `pub(self)` or `pub(in …)`; the
/// trait is `pub` unless all handlers say the same narrower thing. A reply type must be as visible as the
/// message it answers, or the compiler says that it leaks (E0446): for a private one, write `pub(self)` on
/// the handler, or make the type `pub`.
///
/// # Messages that several actors share
///
/// A handler marked `#[handler(message)]` takes a message that is there already, by `#[derive(Message)]`,
/// as its only parameter beside context, state and `ReplyTo`, and answers what that says. It is sent as
/// itself, `endpoint.send(Deposit { cents })`, and to a `Recipient<Deposit>` whatever the actor behind it.
///
/// # Actors with type parameters
///
/// The impl block may have type parameters and constants, with bounds. A message or reply that mentions one
/// has all of them, and is made with `CacheInsert::new(…)`; one that mentions none has none.
///
/// Under `#[handlers(local)]` the parameters may be any `Send + 'static` types. Otherwise each has to have a
/// name on all nodes: write `impl<T: Wire> Cache<T>`. Two actors of different parameters are then different
/// actors everywhere, and no lookup takes one for the other. Unlike other actors', their types are not in
/// the table that nodes tell each other of, since it can't list them all: a build that differs shows only
/// when it refuses a message.
///
/// # Options
///
/// - `#[handlers(local)]`: messages never leave the process, so nothing in them needs serde.
/// - `#[handlers(clone)]`: the messages are `Clone`, as those must be that go to several actors at once, or that
///   a router keeps a copy of. All their fields have to be, then.
/// - `#[handlers(name = "chat::Room")]`: the name by which other nodes know the actor's type. Without
///   it, it is the crate's name and the type's; nodes must agree on it, so give one before renaming
///   either. Modules are not part of it: of two actors of one name in one crate, give one another. Until
///   then they are told apart by their paths, except by nodes whose program has only one of them, which
///   don't find such actors; a node warns of that at its start. 1 to 255 bytes without control characters.
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
/// use murmer::prelude::*;
///
/// pub struct Counter;
///
/// impl Actor for Counter {
///     type State = u64;
/// }
///
/// #[handlers]
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
/// use murmer::prelude::*;
///
/// struct Auction;
///
/// impl Actor for Auction {
///     type State = Vec<ReplyTo<bool>>;
/// }
///
/// #[handlers]
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

/// Makes a struct or an enum a message of its own, for any number of actors to handle.
///
/// A handler marked `#[handler(message)]` takes it as its parameter, and answers what it says.
///
/// # Options
///
/// - `#[message(reply = u64)]`: what it is answered with; without it, with `()`.
/// - `#[message(local)]`: it never leaves its process. Otherwise it and its reply implement serde's
///   `Serialize` and `Deserialize`.
/// - `#[message(name = "bank::Deposit")]`: the name by which other nodes know it. Without it, it is the
///   crate's name and the type's; give one before renaming either. The name and the reply type as written
///   are all that two builds compare, so a message whose fields change needs another name.
/// - `#[message(crate = path)]`: where murmer is, if not at `::murmer`.
///
/// A message with type parameters that leaves its process is known by their names, too: they have to be
/// `Wire`.
///
/// # Examples
///
/// ```
/// use murmer::Recipient;
/// use murmer::prelude::*;
/// use serde::{Deserialize, Serialize};
///
/// /// Answered with what that makes.
/// #[derive(Debug, Clone, Serialize, Deserialize, Message)]
/// #[message(reply = u64)]
/// pub struct Deposit {
///     pub cents: u64,
/// }
///
/// pub struct Account;
///
/// impl Actor for Account {
///     type State = u64;
/// }
///
/// #[handlers]
/// impl Account {
///     #[handler(message)]
///     fn deposit(&mut self, balance: &mut u64, message: Deposit) -> u64 {
///         *balance += message.cents;
///         *balance
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let account = System::local().start("account", Account, 40);
/// assert_eq!(account.send(Deposit { cents: 2 }).await?, 42);
/// // Whatever takes deposits.
/// let anywhere: Recipient<Deposit> = account.recipient();
/// assert_eq!(anywhere.send(Deposit { cents: 1 }).await?, 43);
/// # Ok(())
/// # }
/// ```
#[proc_macro_derive(Message, attributes(message))]
pub fn message(item: TokenStream) -> TokenStream {
    message::derive(item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Names a type on other nodes, for the parameters of generic actors: see `murmer::Wire`.
///
/// The name is the crate's and the type's, with those of its parameters, which have to be `Wire` as well.
///
/// # Options
///
/// - `#[wire(name = "shop::Item")]`: another name; give one before renaming the type or its crate, and where two
///   types of one name in one crate would have the same: see `#[handlers(name = "…")]`.
/// - `#[wire(crate = path)]`: where murmer is, if not at `::murmer`.
///
/// # Examples
///
/// ```
/// use murmer::Wire;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize, Wire)]
/// #[wire(name = "shop::Item")]
/// struct Item {
///     price: u64,
/// }
///
/// assert_eq!(<Vec<Item>>::NAME.as_str(), "Vec<shop::Item>");
/// ```
#[proc_macro_derive(Wire, attributes(wire))]
pub fn wire(item: TokenStream) -> TokenStream {
    wire::derive(item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}
