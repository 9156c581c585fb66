//! A struct for every message, and the envelope that holds any of them.
//!
//! Doesn't know how they are handled; see [`super::dispatch`].

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Path, Type};

use super::types::{self, Parameters, parameters};
use super::{allow, allow_private, start_of};
use crate::model::{Actor, Field, Handler, Message};

pub(super) fn expand(actor: &Actor) -> TokenStream {
    let mut tokens = TokenStream::new();
    for handler in &actor.handlers {
        // One that is given is its own affair.
        if let Message::Own(name) = &handler.message {
            tokens.extend(definition(actor, handler, name));
            tokens.extend(implementation(actor, handler));
        }
    }
    tokens.extend(envelope(actor));
    tokens
}

fn definition(actor: &Actor, handler: &Handler, name: &Ident) -> TokenStream {
    let allow = allow();
    let vis = &handler.vis;
    let docs = docs(actor, handler);
    let serde = serde(actor, handler);
    let clone = actor.options.clone.then(|| quote!(#[derive(::core::clone::Clone)]));
    let Parameters { declared, bounds, .. } = parameters(actor, handler.is_generic);
    let fields = handler.fields().map(|Field { name, ty }| {
        let doc = format!("What the handler gets as `{}`.", name.unraw());
        let bytes = (!actor.options.local && is_called_bytes(ty)).then(|| bytes(&actor.options.root));
        quote_spanned!(start_of(ty)=> #[doc = #doc] #bytes pub #name: #ty,)
    });
    let phantom = handler.is_generic.then(|| {
        let phantom = types::phantom(actor);
        quote!(#[doc(hidden)] pub __of: #phantom)
    });
    let constructor = handler.is_generic.then(|| constructor(actor, handler, name));
    quote! {
        #docs
        #serde
        #clone
        #allow
        #vis struct #name #declared #bounds { #(#fields)* #phantom }

        #constructor
    }
}

/// With the actor's parameters comes a field that nobody should have to know of.
fn constructor(actor: &Actor, handler: &Handler, name: &Ident) -> TokenStream {
    let allow = allow();
    let Parameters { declared, named, bounds } = parameters(actor, true);
    let doc = format!("The message that `{}::{}` handles.", actor.written, handler.method.unraw());
    let arguments = handler.fields().map(|Field { name, ty }| quote!(#name: #ty));
    let names = handler.fields().map(|Field { name, .. }| name);
    quote! {
        #allow
        impl #declared #name #named #bounds {
            #[doc = #doc]
            #[must_use]
            pub const fn new(#(#arguments),*) -> Self {
                Self { #(#names,)* __of: ::core::marker::PhantomData }
            }
        }
    }
}

/// What the user wrote on the handler, or else a line of our own.
fn docs(actor: &Actor, handler: &Handler) -> TokenStream {
    let Handler { docs, method, .. } = handler;
    if docs.is_empty() {
        let doc = format!("The message that `{}::{}` handles.", actor.written, method.unraw());
        quote!(#[doc = #doc])
    } else {
        quote!(#(#docs)*)
    }
}

fn serde(actor: &Actor, handler: &Handler) -> TokenStream {
    if actor.options.local {
        return TokenStream::new();
    }
    let root = &actor.options.root;
    let serde = quote!(#root::__private::serde);
    let path = serde.to_string();
    // What the parameters implement is among the bounds of the struct: `Wire` says it.
    let bound = handler.is_generic.then(|| quote!(, bound = ""));
    quote! {
        #[derive(#serde::Serialize, #serde::Deserialize)]
        #[serde(crate = #path #bound)]
    }
}

/// A `Bytes` is a part of what arrives from another node. So would an alias be, which nobody can see here.
fn is_called_bytes(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    path.path.segments.last().is_some_and(|last| last.ident == "Bytes")
}

/// Reads as a `Bytes` what is one, and as itself what is only called so.
fn bytes(root: &Path) -> TokenStream {
    let field = quote!(#root::__private::field).to_string();
    quote!(#[serde(deserialize_with = #field)])
}

fn implementation(actor: &Actor, handler: &Handler) -> TokenStream {
    let allow = allow();
    let (root, ty) = (&actor.options.root, &actor.ty);
    let Handler { reply, signature, method, .. } = handler;
    let message = types::message(actor, handler);
    let Parameters { declared, bounds, .. } = parameters(actor, handler.is_generic);
    let name = method.unraw().to_string();
    let transfer = transfer(root, reply, !actor.options.local);
    let reply = quote_spanned!(start_of(reply)=> type Reply = #reply;);
    let of = if actor.is_generic() && !handler.is_generic {
        types::base_name(actor)
    } else {
        quote!(<#ty as #root::Handlers>::TYPE)
    };
    quote! {
        #allow
        impl #declared #root::Message for #message #bounds {
            #reply

            const KEY: #root::__private::MessageKey = #root::__private::MessageKey::of(#of, #signature);
            const NAME: &'static ::core::primitive::str = #name;

            #transfer
        }
    }
}

/// How a message and its answer become bytes; one that doesn't travel refuses to.
pub(crate) fn transfer(root: &Path, reply: &Type, travels: bool) -> TokenStream {
    let answer = quote!(<#reply as #root::__private::Transfer>);
    let is_streamed =
        travels.then(|| quote!(const IS_STREAMED: ::core::primitive::bool = #answer::IS_STREAMED;));
    let (encode, decode_reply) = if travels {
        (quote!(#root::__private::encode(self, __out)), quote!(#answer::read(__answer)))
    } else {
        let refuse = quote!(::core::result::Result::Err(#root::__private::local_only()));
        (refuse.clone(), refuse)
    };
    quote! {
        #is_streamed

        fn encode(
            &self,
            __out: &mut #root::__private::BytesMut,
        ) -> ::core::result::Result<(), #root::SendError> {
            #encode
        }

        fn decode_reply(
            __answer: #root::__private::Answered,
        ) -> ::core::result::Result<Self::Reply, #root::SendError> {
            #decode_reply
        }
    }
}

/// `pub`, since it is the type of an item of a public trait; hidden, since nobody needs its name.
fn envelope(actor: &Actor) -> TokenStream {
    let (allow, allow_private) = (allow(), allow_private(actor));
    let (root, envelope) = (&actor.options.root, &actor.envelope);
    let Parameters { declared, bounds, .. } = parameters(actor, types::is_envelope_generic(actor));
    let variants = actor.handlers.iter().map(|handler| {
        let (variant, message) = (&handler.variant, types::message(actor, handler));
        let reply = types::reply(actor, handler);
        let phantom = types::has_phantom(handler).then(|| types::phantom(actor));
        quote!(#variant(#message, ::core::option::Option<#root::ReplyTo<#reply>>, #phantom))
    });
    quote! {
        #[doc(hidden)]
        #allow
        #allow_private
        pub enum #envelope #declared #bounds { #(#variants),* }
    }
}
