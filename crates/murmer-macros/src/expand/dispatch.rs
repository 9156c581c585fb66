//! How the actor takes its messages: out of an envelope, off the wire, and into one.
//!
//! Doesn't know how messages are written; see [`super::messages`].

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};

use super::{allow, start_of};
use crate::model::{Actor, Answer, Field, Handler, Parameter};

pub(super) fn expand(actor: &Actor) -> TokenStream {
    let mut tokens = handlers(actor);
    tokens.extend(actor.handlers.iter().map(|handler| accepts(actor, handler)));
    tokens
}

fn handlers(actor: &Actor) -> TokenStream {
    let allow = allow();
    let (root, ty, envelope) = (&actor.options.root, &actor.ty, &actor.envelope);
    let name = match &actor.options.name {
        Some(name) => name.to_token_stream(),
        None => {
            let written = &actor.written;
            quote!(#root::__private::type_name!(#written))
        }
    };
    let remote = !actor.options.local;
    let messages = actor.handlers.iter().map(|Handler { message, .. }| {
        quote!(#root::MessageInfo {
            name: <#message as #root::Message>::NAME,
            key: <#message as #root::Message>::KEY,
        })
    });
    let arms = actor.handlers.iter().map(|handler| arm(actor, handler));
    // A handler that doesn't wait needs no future, which costs more than many a handler does.
    let now = actor.handlers.iter().filter(|handler| !handler.is_async).map(|handler| arm(actor, handler));
    let waits = actor.handlers.iter().any(|handler| handler.is_async);
    let waits = waits.then(|| quote!(__envelope => return ::core::option::Option::Some(__envelope),));
    let decode = decode(actor);
    let described = actor.handlers.iter().map(|Handler { message, variant, .. }| {
        quote!(#envelope::#variant(_, ref __reply) => (
            <#message as #root::Message>::NAME,
            ::core::option::Option::is_some(__reply),
        ),)
    });
    quote! {
        #allow
        impl #root::Handlers for #ty {
            type Envelope = #envelope;

            const TYPE: &'static ::core::primitive::str = #name;
            const REMOTE: ::core::primitive::bool = #remote;
            const MESSAGES: &'static [#root::MessageInfo] = &[#(#messages),*];

            fn dispatch_now(
                &mut self,
                __ctx: &#root::ActorContext<Self>,
                __state: &mut <Self as #root::Actor>::State,
                __envelope: #envelope,
            ) -> ::core::option::Option<#envelope> {
                match __envelope { #(#now)* #waits }
                ::core::option::Option::None
            }

            fn dispatch<'__a>(
                &'__a mut self,
                __ctx: &'__a #root::ActorContext<Self>,
                __state: &'__a mut <Self as #root::Actor>::State,
                __envelope: #envelope,
            ) -> impl ::core::future::Future<Output = ()> + ::core::marker::Send + '__a {
                async move {
                    match __envelope { #(#arms)* }
                }
            }

            #decode

            fn describe(__envelope: &#envelope) -> (&'static ::core::primitive::str, ::core::primitive::bool) {
                match *__envelope { #(#described)* }
            }
        }
    }
}

fn arm(actor: &Actor, handler: &Handler) -> TokenStream {
    let (root, envelope) = (&actor.options.root, &actor.envelope);
    let Handler { message, variant, method, .. } = handler;
    let names = handler.fields().map(|Field { name, .. }| name);
    let bound = (0..).map(local);
    let fields = names.zip(bound).map(|(name, local)| quote!(#name: #local));
    let arguments = arguments(handler);
    let wait = handler.is_async.then(|| quote!(.await));
    let call = quote!(Self::#method(self, #(#arguments),*) #wait);
    let handle = match &handler.answer {
        Answer::Returned => quote! {
            let __value = #call;
            __begun.send(__value);
        },
        Answer::Later => quote! {
            let __reply_to = __begun.into_reply();
            #call;
        },
        Answer::Streamed(_) => quote! {
            let __stream = #call;
            __begun.stream(__ctx, __stream);
        },
    };
    quote! {
        #envelope::#variant(#message { #(#fields),* }, __reply) => {
            if let ::core::option::Option::Some(__begun) = #root::__private::begin(__reply) {
                #handle
            }
        }
    }
}

fn arguments(handler: &Handler) -> impl Iterator<Item = TokenStream> {
    let mut field = 0;
    handler.parameters.iter().map(move |parameter| match parameter {
        Parameter::Context(ty) => {
            let (first, ctx) = located("__ctx", ty);
            quote_spanned!(first=> &*#ctx)
        }
        Parameter::State(ty) => {
            let (first, state) = located("__state", ty);
            quote_spanned!(first=> &mut *#state)
        }
        Parameter::Reply(ty) => located("__reply_to", ty).1.into_token_stream(),
        Parameter::Field(_) => {
            field += 1;
            local(field - 1).into_token_stream()
        }
    })
}

/// A name, and a span to begin an expression with, that together cover `at`: if the expression
/// doesn't fit, the compiler points at what the user wrote.
fn located(name: &str, at: &impl ToTokens) -> (Span, Ident) {
    let last = at.to_token_stream().into_iter().last().map_or_else(Span::call_site, |token| token.span());
    (start_of(at), Ident::new(name, last.resolved_at(Span::call_site())))
}

fn local(nth: usize) -> Ident {
    format_ident!("__field_{nth}")
}

fn decode(actor: &Actor) -> TokenStream {
    let (root, envelope) = (&actor.options.root, &actor.envelope);
    let sendable = |handler: &&Handler| !actor.options.local && handler.can_travel();
    let arms = actor.handlers.iter().filter(sendable).map(|handler| {
        let Handler { message, variant, reply, .. } = handler;
        quote! {
            <#message as #root::Message>::KEY => ::core::result::Result::Ok(#envelope::#variant(
                #root::__private::decode_message::<#message>(__bytes)?,
                ::core::option::Option::map(__reply, #root::ReplyPort::reply_to::<#reply>),
            )),
        }
    });
    quote! {
        fn decode(
            __key: #root::__private::MessageKey,
            __bytes: &[::core::primitive::u8],
            __reply: ::core::option::Option<#root::ReplyPort>,
        ) -> ::core::result::Result<#envelope, #root::Undecodable> {
            match __key {
                #(#arms)*
                _ => ::core::result::Result::Err(#root::Undecodable::unknown_message()),
            }
        }
    }
}

fn accepts(actor: &Actor, handler: &Handler) -> TokenStream {
    let allow = allow();
    let (root, ty, envelope) = (&actor.options.root, &actor.ty, &actor.envelope);
    let Handler { message, variant, reply, .. } = handler;
    let others = (actor.handlers.len() > 1).then(|| quote!(_ => ::core::option::Option::None,));
    quote! {
        #allow
        impl #root::Accepts<#message> for #ty {
            fn wrap(
                __message: #message,
                __reply: ::core::option::Option<#root::ReplyTo<#reply>>,
            ) -> #envelope {
                #envelope::#variant(__message, __reply)
            }

            fn unwrap(__envelope: #envelope) -> ::core::option::Option<#message> {
                match __envelope {
                    #envelope::#variant(__message, _) => ::core::option::Option::Some(__message),
                    #others
                }
            }
        }
    }
}
