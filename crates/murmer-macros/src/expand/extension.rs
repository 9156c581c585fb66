//! The handlers as methods of the actor's endpoints.
//!
//! Doesn't know how a request is sent.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;

use super::allow;
use crate::model::{Actor, Field, Handler};

pub(super) fn expand(actor: &Actor) -> TokenStream {
    let allow = allow();
    let (root, ty) = (&actor.options.root, &actor.ty);
    let (extension, vis) = (&actor.extension, &actor.extension_vis);
    let doc = format!(
        "What an `Endpoint<{}>` can be asked: a method for every handler, with the message's fields as arguments.",
        actor.written
    );
    let declarations = actor.handlers.iter().map(|handler| {
        let (docs, signature) = (docs(handler), signature(actor, handler));
        quote! { #docs #signature; }
    });
    let definitions = actor.handlers.iter().map(|handler| {
        let (message, signature) = (&handler.message, signature(actor, handler));
        let names = handler.fields().map(|Field { name, .. }| name);
        quote! { #signature { #root::Endpoint::send(self, #message { #(#names),* }) } }
    });
    quote! {
        #[doc = #doc]
        #allow
        #vis trait #extension { #(#declarations)* }

        #allow
        impl #extension for #root::Endpoint<#ty> { #(#definitions)* }
    }
}

fn signature(actor: &Actor, handler: &Handler) -> TokenStream {
    let (root, ty) = (&actor.options.root, &actor.ty);
    let Handler { method, message, .. } = handler;
    let arguments = handler.fields().map(|Field { name, ty }| quote!(#name: #ty));
    quote!(fn #method(&self, #(#arguments),*) -> #root::Request<#ty, #message>)
}

fn docs(handler: &Handler) -> TokenStream {
    let Handler { docs, deprecated, method, .. } = handler;
    let doc = if docs.is_empty() {
        let doc = format!("Asks the actor's handler `{}`.", method.unraw());
        quote!(#[doc = #doc])
    } else {
        quote!(#(#docs)*)
    };
    quote! {
        #doc
        #deprecated
        #[must_use = "nothing is sent until the request is awaited"]
    }
}
