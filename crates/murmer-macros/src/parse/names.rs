//! The names of what is generated, and those that can't be used.
//!
//! Doesn't know what bears them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use proc_macro2::{Ident, Span};
use syn::Error;
use syn::ext::IdentExt;

use super::{Errors, signature};
use crate::model::{Field, Handler, Message};

/// `ChatRoomEnvelope`.
pub(super) fn envelope(actor: &Ident) -> Ident {
    Ident::new(&format!("{actor}{ENVELOPE}"), generated(actor))
}

/// `ChatRoomExt`.
pub(super) fn extension(actor: &Ident) -> Ident {
    Ident::new(&format!("{actor}{EXTENSION}"), generated(actor))
}

/// `ChatRoomPostMessage` and, in the envelope, `PostMessage`.
///
/// # Errors
///
/// Names that no type can have, that others have taken, and those of `Endpoint`'s own methods.
pub(super) fn message(actor: &Ident, method: &Ident) -> syn::Result<(Ident, Ident)> {
    let written = method.unraw().to_string();
    let refuse = |why: String| Err(Error::new(method.span(), why));
    if ENDPOINT_METHODS.contains(&written.as_str()) {
        return refuse(format!(
            "every endpoint already has a method `{written}`, which would be called instead of this handler: \
             rename the handler"
        ));
    }
    let camel = camel_case(&written);
    if camel.is_empty() {
        return refuse("a handler needs a letter in its name, since its message is named after it".into());
    }
    if camel == ENVELOPE || camel == EXTENSION {
        return refuse(format!(
            "`{actor}{camel}` is generated for every actor and can't be the message of `{written}` too: \
             rename the handler"
        ));
    }
    let variant = if camel == "Self" { "Self_" } else { &camel };
    Ok((Ident::new(&format!("{actor}{camel}"), generated(method)), Ident::new(variant, generated(method))))
}

/// Leaves of all handlers whose messages would have one name, or be one type, only the first.
///
/// # Errors
///
/// Names those that had to go.
pub(super) fn make_distinct(actor: &Ident, handlers: &mut Vec<Handler>) -> syn::Result<()> {
    let mut errors = Errors::default();
    let mut taken: HashMap<Ident, Ident> = HashMap::new();
    let mut given: HashMap<String, Ident> = HashMap::new();
    handlers.retain(|handler| {
        let Handler { method, variant, message, .. } = handler;
        match taken.entry(variant.clone()) {
            Entry::Vacant(free) => drop(free.insert(method.clone())),
            // Two methods of one name are the compiler's to report.
            Entry::Occupied(first) if first.get() == method => return false,
            Entry::Occupied(first) => {
                let first = first.get();
                let why = format!(
                    "`{first}` and `{method}` of `{actor}` would both have the message `{actor}{variant}`: rename \
                     one of them"
                );
                errors.keep::<()>(Err(Error::new(method.span(), why)));
                return false;
            }
        }
        let (Message::Given, Some(Field { ty, .. })) = (message, handler.fields().next()) else { return true };
        let text = signature::normalise(ty);
        match given.insert(text.clone(), method.clone()) {
            None => true,
            Some(first) => {
                let why = format!("`{first}` handles every `{text}` already: leave one of the two handlers out");
                errors.keep::<()>(Err(Error::new_spanned(ty, why)));
                false
            }
        }
    });
    errors.0.map_or(Ok(()), Err)
}

/// Where `written` stands, but known to be generated: lints for written code don't look at it.
fn generated(written: &Ident) -> Span {
    written.span().resolved_at(Span::call_site())
}

fn camel_case(snake: &str) -> String {
    snake.split('_').flat_map(capitalised).collect()
}

fn capitalised(word: &str) -> impl Iterator<Item = char> {
    let mut letters = word.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters)
}

const ENVELOPE: &str = "Envelope";
const EXTENSION: &str = "Ext";

/// What `endpoint.name(…)` already means for some `name`: methods of `Endpoint` and of traits that
/// are in scope everywhere.
const ENDPOINT_METHODS: &[&str] = &[
    "actor_ref",
    "clone",
    "clone_from",
    "closed",
    "control",
    "ended",
    "eq",
    "forward",
    "id",
    "into",
    "is_local",
    "label",
    "ne",
    "node",
    "recipient",
    "send",
    "tell",
    "to_owned",
    "try_into",
    "try_tell",
];
