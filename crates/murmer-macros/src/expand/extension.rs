//! The handlers as methods of the actor's endpoints.
//!
//! Doesn't know how a request is sent.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;

use super::types::{self, Parameters, parameters};
use super::{allow, allow_private};
use crate::model::{Actor, Field, Handler, Message};

pub(super) fn expand(actor: &Actor) -> TokenStream {
    let (allow, allow_private) = (allow(), allow_private(actor));
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
        let (message, signature) = (message(handler), signature(actor, handler));
        quote! { #signature { #root::Endpoint::send(self, #message) } }
    });
    let Parameters { declared, named, bounds } = parameters(actor, actor.is_generic());
    quote! {
        #[doc = #doc]
        #allow
        #allow_private
        #vis trait #extension #declared #bounds { #(#declarations)* }

        #allow
        impl #declared #extension #named for #root::Endpoint<#ty> #bounds { #(#definitions)* }
    }
}

/// The message, made of the method's arguments.
fn message(handler: &Handler) -> TokenStream {
    let names = handler.fields().map(|Field { name, .. }| name);
    match &handler.message {
        Message::Own(message) if handler.is_generic => quote!(#message::new(#(#names),*)),
        Message::Own(message) => quote!(#message { #(#names),* }),
        Message::Given => quote!(#(#names)*),
    }
}

fn signature(actor: &Actor, handler: &Handler) -> TokenStream {
    let (root, ty) = (&actor.options.root, &actor.ty);
    let (method, message) = (&handler.method, types::message(actor, handler));
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
