//! Requirements of the generated code that are better reported where the user wrote the cause.
//!
//! Doesn't replace anything: without these checks the same programs compile, only the others fail
//! with worse words.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::Type;

use super::allow;
use crate::model::{Actor, Answer, Field, Handler};

pub(super) fn expand(actor: &Actor) -> TokenStream {
    let shareable = shareable(actor);
    let sendable = (!actor.options.local).then(|| sendable(actor));
    quote! { #shareable #sendable }
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
            #(shareable::<#shared>();)*
        };
    }
}

fn sendable(actor: &Actor) -> TokenStream {
    let allow = allow();
    let serde = {
        let root = &actor.options.root;
        quote!(#root::__private::serde)
    };
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
            impl<T: #serde::Serialize + #serde::de::DeserializeOwned> Sendable for T {}

            const fn sendable<T: Sendable>() {}
            #(sendable::<#types>();)*
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
