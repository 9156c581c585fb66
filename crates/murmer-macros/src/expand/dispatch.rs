//! How the actor takes its messages: out of an envelope, off the wire, and into one.
//!
//! Doesn't know how messages are written; see [`super::messages`].

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};

use super::types::{self, Parameters, parameters};
use super::{allow, start_of};
use crate::model::{Actor, Answer, Field, Handler, Message, Parameter};

pub(super) fn expand(actor: &Actor) -> TokenStream {
    let mut tokens = handlers(actor);
    tokens.extend(actor.handlers.iter().map(|handler| accepts(actor, handler)));
    tokens
}

fn handlers(actor: &Actor) -> TokenStream {
    let allow = allow();
    let (root, ty, envelope) = (&actor.options.root, &actor.ty, &actor.envelope);
    let envelope_ty = types::envelope(actor);
    let Parameters { declared, bounds, .. } = parameters(actor, true);
    let (name, parametrised) = name(actor);
    let remote = !actor.options.local;
    let messages = actor.handlers.iter().map(|handler| {
        let message = types::message(actor, handler);
        quote!(#root::MessageInfo {
            name: <#message as #root::Message>::NAME,
            key: <#message as #root::Message>::KEY,
        })
    });
    let dispatch = dispatch(actor);
    let decode = decode(actor);
    let described = actor.handlers.iter().map(|handler| {
        let (variant, message) = (&handler.variant, types::message(actor, handler));
        quote!(#envelope::#variant(_, ref __reply, ..) => (
            <#message as #root::Message>::NAME,
            ::core::option::Option::is_some(__reply),
        ),)
    });
    quote! {
        #parametrised

        #allow
        impl #declared #root::Handlers for #ty #bounds {
            type Envelope = #envelope_ty;

            const TYPE: &'static ::core::primitive::str = #name;
            const REMOTE: ::core::primitive::bool = #remote;
            const MESSAGES: &'static [#root::MessageInfo] = &[#(#messages),*];

            #dispatch

            #decode

            fn describe(__envelope: &#envelope_ty) -> (&'static ::core::primitive::str, ::core::primitive::bool) {
                match *__envelope { #(#described)* }
            }
        }
    }
}

/// The two ways to a handler: at once, for those that don't wait, and through a future.
fn dispatch(actor: &Actor) -> TokenStream {
    let root = &actor.options.root;
    let envelope_ty = types::envelope(actor);
    // A handler that doesn't wait needs no future, which costs more than many a handler does.
    let (waiting, now): (Vec<_>, Vec<_>) = actor.handlers.iter().partition(|handler| handler.is_async);
    let hand_back =
        (!waiting.is_empty()).then(|| quote!(__envelope => return ::core::option::Option::Some(__envelope),));
    let the_rest = (!now.is_empty()).then(
        || quote!(__envelope => ::core::mem::drop(Self::dispatch_now(self, __ctx, __state, __envelope)),),
    );
    let at_once = if now.is_empty() {
        quote!(::core::option::Option::Some(__envelope))
    } else {
        let arms = now.into_iter().map(|handler| arm(actor, handler));
        quote! {
            match __envelope { #(#arms)* #hand_back }
            ::core::option::Option::None
        }
    };
    let in_time = if waiting.is_empty() {
        // No state of a future's: every idle actor would have room for it.
        quote! {
            ::core::mem::drop(Self::dispatch_now(self, __ctx, __state, __envelope));
            ::core::future::ready(())
        }
    } else {
        let waiting = waiting.into_iter().map(|handler| arm(actor, handler));
        quote!(async move { match __envelope { #(#waiting)* #the_rest } })
    };
    quote! {
        fn dispatch_now(
            &mut self,
            __ctx: &#root::ActorContext<Self>,
            __state: &mut <Self as #root::Actor>::State,
            __envelope: #envelope_ty,
        ) -> ::core::option::Option<#envelope_ty> {
            #at_once
        }

        fn dispatch<'__a>(
            &'__a mut self,
            __ctx: &'__a #root::ActorContext<Self>,
            __state: &'__a mut <Self as #root::Actor>::State,
            __envelope: #envelope_ty,
        ) -> impl ::core::future::Future<Output = ()> + ::core::marker::Send + '__a {
            #in_time
        }
    }
}

/// The actor's name, and what else has to be written for it.
fn name(actor: &Actor) -> (TokenStream, Option<TokenStream>) {
    if !actor.is_generic() || actor.options.local {
        return (types::written_name(actor), None);
    }
    let allow = allow();
    let (root, ty, base) = (&actor.options.root, &actor.ty, types::base_name(actor));
    let Parameters { declared, bounds, .. } = parameters(actor, true);
    let names = types::wire_names(root, &actor.generics);
    let parametrised = quote! {
        #allow
        impl #declared #root::__private::Parametrised for #ty #bounds {
            const NAME: &'static #root::WireName = &#root::WireName::new(#base).with(&[#(#names),*]);
        }
    };
    (quote!(<Self as #root::__private::Parametrised>::NAME.as_str()), Some(parametrised))
}

fn arm(actor: &Actor, handler: &Handler) -> TokenStream {
    let (root, envelope) = (&actor.options.root, &actor.envelope);
    let Handler { variant, method, .. } = handler;
    let names = handler.fields().map(|Field { name, .. }| name);
    let bound = (0..).map(local);
    let message = match &handler.message {
        Message::Own(message) => {
            let fields = names.zip(bound).map(|(name, local)| quote!(#name: #local));
            let rest = handler.is_generic.then(|| quote!(..));
            quote!(#message { #(#fields,)* #rest })
        }
        Message::Given => local(0).into_token_stream(),
    };
    let arguments = arguments(handler);
    let wait = handler.is_async.then(|| quote!(.await));
    let call = quote!(Self::#method(self, #(#arguments),*) #wait);
    let handle = match &handler.answer {
        Answer::Returned => {
            // If it is not what the message is answered with, the compiler points at what the user wrote.
            let (first, value) = located("__value", &handler.reply);
            let send = quote_spanned!(first=> __begun.send(#value));
            quote! {
                let #value = #call;
                #send;
            }
        }
        Answer::Later => quote! {
            let __reply_to = __begun.into_reply();
            #call;
        },
        Answer::Streamed(_) => {
            let stream = if actor.options.local { quote!(stream_within) } else { quote!(stream) };
            quote! {
                let __stream = #call;
                __begun.#stream(__ctx, __stream);
            }
        }
    };
    quote! {
        #envelope::#variant(#message, __reply, ..) => {
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
    let (root, envelope, envelope_ty) = (&actor.options.root, &actor.envelope, types::envelope(actor));
    let sendable = if actor.options.local { &[][..] } else { &actor.handlers };
    let arms = sendable.iter().map(|handler| {
        let (variant, reply) = (&handler.variant, types::reply(actor, handler));
        let message = types::message(actor, handler);
        let key = quote!(<#message as #root::Message>::KEY);
        // What depends on parameters is no pattern.
        let pattern = if handler.is_generic { quote!(__key if __key == #key) } else { key };
        let phantom = types::has_phantom(handler).then(|| quote!(::core::marker::PhantomData));
        quote! {
            #pattern => ::core::result::Result::Ok(#envelope::#variant(
                #root::__private::decode_message::<#message>(__bytes)?,
                ::core::option::Option::map(__reply, <#reply as #root::__private::Transfer>::reply_to),
                #phantom
            )),
        }
    });
    quote! {
        fn decode(
            __key: #root::__private::MessageKey,
            __bytes: &[::core::primitive::u8],
            __reply: ::core::option::Option<#root::ReplyPort>,
        ) -> ::core::result::Result<#envelope_ty, #root::Undecodable> {
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
    let (message, reply) = (types::message(actor, handler), types::reply(actor, handler));
    let (variant, envelope_ty) = (&handler.variant, types::envelope(actor));
    let Parameters { declared, bounds, .. } = parameters(actor, true);
    let phantom = types::has_phantom(handler).then(|| quote!(::core::marker::PhantomData));
    let others = (actor.handlers.len() > 1).then(|| quote!(_ => ::core::option::Option::None,));
    quote! {
        #allow
        impl #declared #root::Accepts<#message> for #ty #bounds {
            fn wrap(
                __message: #message,
                __reply: ::core::option::Option<#root::ReplyTo<#reply>>,
            ) -> #envelope_ty {
                #envelope::#variant(__message, __reply, #phantom)
            }

            fn unwrap(__envelope: #envelope_ty) -> ::core::option::Option<#message> {
                match __envelope {
                    #envelope::#variant(__message, ..) => ::core::option::Option::Some(__message),
                    #others
                }
            }
        }
    }
}
