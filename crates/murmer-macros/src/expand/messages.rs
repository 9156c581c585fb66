//! A struct for every message, and the envelope that holds any of them.
//!
//! Doesn't know how they are handled; see [`super::dispatch`].

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;

use super::{allow, start_of};
use crate::model::{Actor, Field, Handler};

pub(super) fn expand(actor: &Actor) -> TokenStream {
    let mut tokens = TokenStream::new();
    for handler in &actor.handlers {
        tokens.extend(definition(actor, handler));
        tokens.extend(implementation(actor, handler));
    }
    tokens.extend(envelope(actor));
    tokens
}

fn definition(actor: &Actor, handler: &Handler) -> TokenStream {
    let allow = allow();
    let Handler { message, vis, .. } = handler;
    let docs = docs(actor, handler);
    let serde = serde(actor);
    let fields = handler.fields().map(|Field { name, ty }| {
        let doc = format!("What the handler gets as `{}`.", name.unraw());
        quote_spanned!(start_of(ty)=> #[doc = #doc] pub #name: #ty)
    });
    quote! {
        #docs
        #serde
        #allow
        #vis struct #message { #(#fields),* }
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

fn serde(actor: &Actor) -> TokenStream {
    if actor.options.local {
        return TokenStream::new();
    }
    let root = &actor.options.root;
    let serde = quote!(#root::__private::serde);
    let path = serde.to_string();
    quote! {
        #[derive(#serde::Serialize, #serde::Deserialize)]
        #[serde(crate = #path)]
    }
}

fn implementation(actor: &Actor, handler: &Handler) -> TokenStream {
    let allow = allow();
    let (root, ty) = (&actor.options.root, &actor.ty);
    let Handler { message, reply, signature, method, .. } = handler;
    let name = method.unraw().to_string();
    let (encode, decode_reply) = if actor.options.local || !handler.can_travel() {
        let refuse = quote!(::core::result::Result::Err(#root::__private::local_only()));
        (refuse.clone(), refuse)
    } else {
        (
            quote!(#root::__private::encode(self, __out)),
            quote!(#root::__private::decode_reply::<#reply>(__bytes)),
        )
    };
    let reply = quote_spanned!(start_of(reply)=> type Reply = #reply;);
    quote! {
        #allow
        impl #root::Message for #message {
            #reply

            const KEY: #root::__private::MessageKey =
                #root::__private::MessageKey::of(<#ty as #root::Handlers>::TYPE, #signature);
            const NAME: &'static ::core::primitive::str = #name;

            fn encode(
                &self,
                __out: &mut #root::__private::BytesMut,
            ) -> ::core::result::Result<(), #root::SendError> {
                #encode
            }

            fn decode_reply(
                __bytes: &[::core::primitive::u8],
            ) -> ::core::result::Result<Self::Reply, #root::SendError> {
                #decode_reply
            }
        }
    }
}

/// `pub`, since it is the type of an item of a public trait; hidden, since nobody needs its name.
fn envelope(actor: &Actor) -> TokenStream {
    let allow = allow();
    let (root, envelope) = (&actor.options.root, &actor.envelope);
    let variants = actor.handlers.iter().map(|Handler { variant, message, reply, .. }| {
        quote!(#variant(#message, ::core::option::Option<#root::ReplyTo<#reply>>))
    });
    quote! {
        #[doc(hidden)]
        #allow
        pub enum #envelope { #(#variants),* }
    }
}
