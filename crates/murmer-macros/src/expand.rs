//! Writes out what `#[handlers]` stands for.
//!
//! Generated code names everything by a full path and begins its own names with `__`, so that
//! nothing a user calls something gets in its way. It allows the lints that it alone would trip;
//! the user's impl block is not among what it allows them for.
//!
//! Doesn't look at source text: what is wrong with it was said while parsing.

pub(crate) mod checks;
mod dispatch;
mod extension;
pub(crate) mod manifest;
pub(crate) mod messages;
pub(crate) mod types;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};

use crate::model::{Actor, Message};

/// Everything: the impl block, then what is generated.
pub(crate) fn actor(actor: &Actor) -> TokenStream {
    let mut tokens = actor.item.to_token_stream();
    // First, so that what they report comes before what the rest trips over for the same reason.
    tokens.extend(checks::expand(actor));
    tokens.extend(messages::expand(actor));
    tokens.extend(dispatch::expand(actor));
    tokens.extend(extension::expand(actor));
    if !actor.options.local {
        tokens.extend(manifest::expand(actor));
    }
    tokens
}

/// Where `written` begins, as a span for generated code that errors about `written` may point at.
fn start_of(written: &impl ToTokens) -> Span {
    let first = written.to_token_stream().into_iter().next();
    first.map_or_else(Span::call_site, |token| token.span().resolved_at(Span::call_site()))
}

/// Allows what can't be otherwise in generated items: as many arguments as a handler has, named as
/// it names them. Other lints pass over generated code by themselves, and each that is named here
/// is one that no user can `forbid`.
pub(crate) fn allow() -> TokenStream {
    quote! {
        #[allow(
            deprecated, non_camel_case_types, non_snake_case,
            clippy::exhaustive_enums, clippy::exhaustive_structs, clippy::too_many_arguments
        )]
    }
}

/// Beside [`allow`], for items with given messages in them, which may be less visible than their actor.
pub(crate) fn allow_private(actor: &Actor) -> Option<TokenStream> {
    let has_given = actor.handlers.iter().any(|handler| matches!(handler.message, Message::Given));
    has_given.then(|| quote!(#[allow(private_interfaces)]))
}
