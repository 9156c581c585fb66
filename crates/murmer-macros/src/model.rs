//! What an impl block means: an actor, its handlers, their messages.
//!
//! Everything here has been checked; names that are generated have been decided.
//!
//! Doesn't know how it was written, nor what is written for it.

use proc_macro2::Ident;
use syn::{Attribute, Generics, ItemImpl, LitStr, Path, Type, Visibility};

/// An actor and all it handles.
pub(crate) struct Actor {
    /// The impl block as written, without `#[handler]`.
    pub(crate) item: ItemImpl,
    pub(crate) ty: Type,
    /// The impl block's, without `Self` in them; no lifetimes.
    pub(crate) generics: Generics,
    /// The type as text, without the path to it, for its default name and for docs.
    pub(crate) written: String,
    /// The same without the arguments that are just the actor's parameters.
    pub(crate) base: String,
    pub(crate) envelope: Ident,
    pub(crate) extension: Ident,
    pub(crate) extension_vis: Visibility,
    pub(crate) options: Options,
    /// At least one, unless something is wrong with all of them.
    pub(crate) handlers: Vec<Handler>,
}

impl Actor {
    pub(crate) fn is_generic(&self) -> bool {
        !self.generics.params.is_empty()
    }
}

/// What is said in the attribute's parentheses.
pub(crate) struct Options {
    /// Where murmer is.
    pub(crate) root: Path,
    pub(crate) name: Option<LitStr>,
    /// Messages stay in the process.
    pub(crate) local: bool,
    /// Messages can be copied.
    pub(crate) clone: bool,
}

/// One handler and its message.
pub(crate) struct Handler {
    pub(crate) method: Ident,
    pub(crate) is_async: bool,
    pub(crate) receiver: Receiver,
    /// What the method takes after its receiver, in its order.
    pub(crate) parameters: Vec<Parameter>,
    /// What the message is answered with. `Self` in here has been replaced, as in all types of
    /// [`Parameter::Field`].
    pub(crate) reply: Type,
    pub(crate) answer: Answer,
    pub(crate) message: Message,
    pub(crate) variant: Ident,
    /// Whether the message or its reply mentions a parameter of the actor.
    pub(crate) is_generic: bool,
    pub(crate) vis: Visibility,
    pub(crate) docs: Vec<Attribute>,
    pub(crate) deprecated: Option<Attribute>,
    /// Method, types and reply as written, without any trace of formatting.
    pub(crate) signature: String,
}

impl Handler {
    pub(crate) fn fields(&self) -> impl Iterator<Item = &Field> {
        self.parameters.iter().filter_map(|parameter| match parameter {
            Parameter::Field(field) => Some(field),
            Parameter::Context(_) | Parameter::State(_) | Parameter::Reply(_) => None,
        })
    }
}

/// How a handler answers.
pub(crate) enum Answer {
    /// By what it returns.
    Returned,
    /// Through the [`Parameter::Reply`] it is given.
    Later,
    /// By a stream of such items, which it returns.
    Streamed(Box<Type>),
}

/// What a handler handles.
pub(crate) enum Message {
    /// A type of this name, to be generated.
    Own(Ident),
    /// A type that is there: that of the handler's only field.
    Given,
}

/// How a handler takes its actor.
pub(crate) struct Receiver {
    pub(crate) as_written: syn::Receiver,
    /// `&self` rather than `&mut self`.
    pub(crate) is_shared: bool,
}

/// One parameter of a handler.
pub(crate) enum Parameter {
    /// `&ActorContext<Self>`, as written.
    Context(Type),
    /// `&mut` of the state, as written.
    State(Type),
    /// `ReplyTo<R>`, as written: where to answer later.
    Reply(Type),
    /// Part of the message.
    Field(Field),
}

/// One field of a message.
pub(crate) struct Field {
    pub(crate) name: Ident,
    pub(crate) ty: Type,
}
