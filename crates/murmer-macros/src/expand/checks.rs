//! Requirements of the generated code that are better reported where the user wrote the cause.
//!
//! Doesn't replace anything: without these checks the same programs compile, only the others fail
//! with worse words.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Generics, Path, Type};

use super::types::{Parameters, parameters_of};
use super::{allow, start_of};
use crate::model::{Actor, Answer, Field, Handler, Message};

pub(super) fn expand(actor: &Actor) -> TokenStream {
    let shareable = shareable(actor);
    let sendable = (!actor.options.local).then(|| sendable(actor));
    let distinct = distinct(actor);
    quote! { #shareable #sendable #distinct }
}

/// An `async` handler's `&self` lives across its awaits, in a future that moves between threads.
fn shareable(actor: &Actor) -> TokenStream {
    let shared: Vec<TokenStream> = actor
        .handlers
        .iter()
        .filter(|handler| handler.is_async && handler.receiver.is_shared)
        .map(|handler| respanned(actor.ty.to_token_stream(), &handler.receiver.as_written))
        .collect();
    if shared.is_empty() {
        return TokenStream::new();
    }
    let allow = allow();
    let note = "take `&mut self` instead, or make the actor `Sync`";
    let checked = for_all(&actor.generics, &quote!(#(shareable::<#shared>();)*));
    quote! {
        #allow
        const _: () = {
            #[diagnostic::on_unimplemented(
                message = "an `async` handler can't take `&self` of `{Self}`, which is not `Sync`",
                label = "is kept across awaits",
                note = #note
            )]
            trait Shareable {}

            #[diagnostic::do_not_recommend]
            impl<T: ::core::marker::Sync> Shareable for T {}

            const fn shareable<T: Shareable>() {}
            #checked
        };
    }
}

/// Generated messages differ by their methods' names; names that are given may be the same.
fn distinct(actor: &Actor) -> Option<TokenStream> {
    let is_given = |handler: &&Handler| matches!(handler.message, Message::Given);
    let given: Vec<_> = actor.handlers.iter().filter(is_given).collect();
    if actor.options.local || actor.is_generic() || given.len() < 2 {
        return None;
    }
    let allow = allow();
    let (root, ty) = (&actor.options.root, &actor.ty);
    let last = given
        .last()
        .and_then(|handler| handler.fields().next())
        .map_or_else(Span::call_site, |field| start_of(&field.ty));
    Some(quote_spanned! {last=>
        #allow
        const _: () = #root::__private::assert_distinct(<#ty as #root::Handlers>::MESSAGES);
    })
}

/// `checks`, whatever the parameters are.
fn for_all(generics: &Generics, checks: &TokenStream) -> TokenStream {
    if generics.params.is_empty() {
        return checks.clone();
    }
    let Parameters { declared, bounds, .. } = parameters_of(generics, true);
    quote!(#[allow(dead_code)] const fn __check #declared() #bounds { #checks })
}

fn sendable(actor: &Actor) -> TokenStream {
    let note = format!(
        "derive both for it; or, if `{}` is only used within one process, write `#[handlers(local)]`",
        actor.written
    );
    let types = actor.handlers.iter().flat_map(|handler: &Handler| -> Vec<&Type> {
        let reply = match &handler.answer {
            Answer::Returned | Answer::Later => &handler.reply,
            Answer::Streamed(item) => item,
        };
        handler.fields().map(|Field { ty, .. }| ty).chain([reply]).collect()
    });
    sendable_types(&actor.options.root, &actor.generics, types, &note)
}

/// That `types` can leave the process; `note` says what to do if not.
pub(crate) fn sendable_types<'a>(
    root: &Path,
    generics: &Generics,
    types: impl Iterator<Item = &'a Type>,
    note: &str,
) -> TokenStream {
    let allow = allow();
    let checked = for_all(generics, &quote!(#(sendable::<#types>();)*));
    quote! {
        #allow
        const _: () = {
            #[diagnostic::on_unimplemented(
                message = "`{Self}` can't be sent to another node",
                label = "needs `serde::Serialize` and `serde::Deserialize`",
                note = #note
            )]
            trait Sendable {}

            #[diagnostic::do_not_recommend]
            impl<T: #root::__private::Transfer> Sendable for T {}

            const fn sendable<T: Sendable>() {}
            #checked
        };
    }
}

/// `tokens`, as if written where `at` is.
fn respanned(tokens: TokenStream, at: &impl ToTokens) -> TokenStream {
    let span = at.to_token_stream().into_iter().last().map_or_else(Span::call_site, |token| token.span());
    tokens
        .into_iter()
        .map(|mut token: TokenTree| {
            token.set_span(span.resolved_at(Span::call_site()));
            token
        })
        .collect()
}
