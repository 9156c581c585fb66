//! The types that generated items are about, with the actor's parameters where they have any.
//!
//! Doesn't write the items.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::Generics;

use crate::model::{Actor, Handler, Message};

/// Parameters as an item declares them, as its name is followed by them, and what holds for them.
pub(crate) struct Parameters {
    pub(crate) declared: TokenStream,
    pub(crate) named: TokenStream,
    pub(crate) bounds: TokenStream,
}

/// Those of the actor; none if the item `is_generic` in none of them.
pub(crate) fn parameters(actor: &Actor, is_generic: bool) -> Parameters {
    parameters_of(&actor.generics, is_generic)
}

pub(crate) fn parameters_of(generics: &Generics, is_generic: bool) -> Parameters {
    if !is_generic {
        let none = TokenStream::new;
        return Parameters { declared: none(), named: none(), bounds: none() };
    }
    let (declared, named, bounds) = generics.split_for_impl();
    Parameters {
        declared: declared.into_token_stream(),
        named: named.into_token_stream(),
        bounds: bounds.into_token_stream(),
    }
}

/// The message of `handler`.
pub(crate) fn message(actor: &Actor, handler: &Handler) -> TokenStream {
    match &handler.message {
        Message::Own(name) => {
            let Parameters { named, .. } = parameters(actor, handler.is_generic);
            quote!(#name #named)
        }
        Message::Given => handler.fields().map(|field| field.ty.to_token_stream()).collect(),
    }
}

/// What it is answered with.
pub(crate) fn reply(actor: &Actor, handler: &Handler) -> TokenStream {
    match &handler.message {
        Message::Own(_) => handler.reply.to_token_stream(),
        // As the message says: if the handler disagrees, the error is about the handler.
        Message::Given => {
            let (root, message) = (&actor.options.root, message(actor, handler));
            quote!(<#message as #root::Message>::Reply)
        }
    }
}

/// The envelope. It has the actor's parameters if any message has.
pub(crate) fn envelope(actor: &Actor) -> TokenStream {
    let (envelope, Parameters { named, .. }) =
        (&actor.envelope, parameters(actor, is_envelope_generic(actor)));
    quote!(#envelope #named)
}

pub(crate) fn is_envelope_generic(actor: &Actor) -> bool {
    actor.handlers.iter().any(|handler| handler.is_generic)
}

/// What mentions all parameters of the actor, whatever else does, and takes no room.
pub(crate) fn phantom(actor: &Actor) -> TokenStream {
    let ty = &actor.ty;
    quote!(::core::marker::PhantomData<fn() -> #ty>)
}

/// Whether the handler's variant has to mention all parameters, since its message may not.
pub(crate) fn has_phantom(handler: &Handler) -> bool {
    handler.is_generic && matches!(handler.message, Message::Given)
}

/// The actor's name without its parameters, as an expression.
pub(crate) fn base_name(actor: &Actor) -> TokenStream {
    named(actor, &actor.base)
}

/// The actor's name as written, as an expression.
pub(crate) fn written_name(actor: &Actor) -> TokenStream {
    named(actor, &actor.written)
}

fn named(actor: &Actor, written: &str) -> TokenStream {
    let root = &actor.options.root;
    match &actor.options.name {
        Some(name) => name.to_token_stream(),
        None => quote!(#root::__private::type_name!(#written)),
    }
}

/// The names of the parameters on other nodes, as expressions.
pub(crate) fn wire_names<'a>(
    root: &'a syn::Path,
    generics: &'a Generics,
) -> impl Iterator<Item = TokenStream> + 'a {
    generics.params.iter().filter_map(move |parameter| match parameter {
        syn::GenericParam::Type(parameter) => {
            let ident = &parameter.ident;
            Some(quote!(<#ident as #root::Wire>::NAME))
        }
        syn::GenericParam::Const(parameter) => {
            let ident = &parameter.ident;
            Some(quote!(#root::WireName::value(#ident as ::core::primitive::i128)))
        }
        syn::GenericParam::Lifetime(_) => None,
    })
}
