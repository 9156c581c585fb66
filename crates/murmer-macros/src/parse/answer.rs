//! How a handler answers: by what it returns, through a `ReplyTo`, or by a stream.
//!
//! Doesn't know what of it ends up in the message's key; see [`super::signature`].

use proc_macro2::Span;
use syn::punctuated::Punctuated;
use syn::{
    AngleBracketedGenericArguments, CapturedParam, Error, FnArg, GenericArgument, GenericParam, Generics,
    ImplItemFn, Lifetime, Path, PathArguments, ReturnType, Signature, Token, Type, TypeImplTrait,
    TypeParamBound, parse_quote, parse_quote_spanned,
};

use super::owned::{self, Use};
use super::{Errors, parameter, peel};
use crate::model::{Answer, Options};

/// How the handler answers, and with what; `Self` is still in there.
///
/// # Errors
///
/// Answers that can't be kept or sent, and two ways at once.
pub(super) fn parse(sig: &Signature, options: &Options) -> syn::Result<(Answer, Type)> {
    let later = sig.inputs.iter().find_map(|input| match input {
        FnArg::Typed(typed) => parameter::answered(&typed.ty),
        FnArg::Receiver(_) => None,
    });
    let returned = match &sig.output {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => Some(&**ty).filter(|ty| !is_unit(ty)),
    };
    match (later, returned) {
        (Some(reply), None) => Ok((Answer::Later, reply.clone())),
        (Some(reply), Some(returned)) => {
            let reply = super::signature::normalise(reply);
            let message = format!(
                "this handler answers through its `ReplyTo<{reply}>`: return nothing, and `send` the answer there"
            );
            Err(Error::new_spanned(returned, message))
        }
        (None, None) => Ok((Answer::Returned, parse_quote!(()))),
        (None, Some(returned)) => match streamed(returned)? {
            Some(item) => {
                owned::check(&item, Use::Reply, options.local)?;
                let root = &options.root;
                let reply = parse_quote!(#root::ReplyStream<#item>);
                Ok((Answer::Streamed(Box::new(item)), reply))
            }
            None => {
                owned::check(returned, Use::Reply, options.local)?;
                Ok((Answer::Returned, returned.clone()))
            }
        },
    }
}

/// Has the stream that `method` returns outlive the call: it runs beside the actor, on any thread.
pub(super) fn detach_stream(method: &mut ImplItemFn, actor: &Generics) {
    let ReturnType::Type(_, ty) = &mut method.sig.output else { return };
    let Some(stream) = outermost(ty) else { return };
    let captures = |bound: &TypeParamBound| matches!(bound, TypeParamBound::PreciseCapture(_));
    // Where the compiler points when the stream doesn't keep to it.
    let span = stream.impl_token.span.resolved_at(Span::call_site());
    if !stream.bounds.iter().any(captures) {
        let parameters = actor.params.iter().filter_map(|parameter| match parameter {
            GenericParam::Type(parameter) => Some(&parameter.ident),
            GenericParam::Const(parameter) => Some(&parameter.ident),
            GenericParam::Lifetime(_) => None,
        });
        stream.bounds.push(parse_quote_spanned!(span=> use<#(#parameters),*>));
    }
    stream.bounds.push(parse_quote_spanned!(span=> ::core::marker::Send));
}

fn outermost(ty: &mut Type) -> Option<&mut TypeImplTrait> {
    match ty {
        Type::Group(group) => outermost(&mut group.elem),
        Type::Paren(paren) => outermost(&mut paren.elem),
        Type::ImplTrait(stream) => Some(stream),
        _ => None,
    }
}

/// `T`, if `ty` is `impl Stream<Item = T>`.
///
/// # Errors
///
/// Streams that borrow, and those without an item.
fn streamed(ty: &Type) -> syn::Result<Option<Type>> {
    let Type::ImplTrait(stream) = peel(ty) else { return Ok(None) };
    let Some(arguments) = stream.bounds.iter().find_map(|bound| match bound {
        TypeParamBound::Trait(bound) => stream_arguments(&bound.path),
        _ => None,
    }) else {
        return Ok(None);
    };
    let mut errors = Errors::default();
    for bound in &stream.bounds {
        let lifetimes: Vec<&Lifetime> = match bound {
            TypeParamBound::Lifetime(lifetime) => vec![lifetime],
            TypeParamBound::PreciseCapture(captured) => captured.params.iter().filter_map(lifetime).collect(),
            _ => Vec::new(),
        };
        for lifetime in lifetimes.into_iter().filter(|lifetime| lifetime.ident != "static") {
            let message = "the actor goes on while its stream is read, so that can't borrow from it: remove this, \
                           and give the stream a clone of what it needs";
            errors.keep::<()>(Err(Error::new_spanned(lifetime, message)));
        }
    }
    let item = arguments.into_iter().flatten().find_map(|argument| match argument {
        GenericArgument::AssocType(item) if item.ident == "Item" => Some(item.ty.clone()),
        _ => None,
    });
    if item.is_none() {
        let message =
            "a stream's items are its message's answer: name their type, as `impl Stream<Item = …>`";
        errors.keep::<()>(Err(Error::new_spanned(ty, message)));
    }
    errors.0.map_or(Ok(item), Err)
}

fn lifetime(captured: &CapturedParam) -> Option<&Lifetime> {
    match captured {
        CapturedParam::Lifetime(lifetime) => Some(lifetime),
        _ => None,
    }
}

/// What is in the angle brackets of a `Stream`; `Some(None)` if there are none.
fn stream_arguments(path: &Path) -> Option<Option<&Punctuated<GenericArgument, Token![,]>>> {
    let last = path.segments.last().filter(|last| last.ident == "Stream")?;
    Some(match &last.arguments {
        PathArguments::AngleBracketed(AngleBracketedGenericArguments { args, .. }) => Some(args),
        PathArguments::None | PathArguments::Parenthesized(_) => None,
    })
}

fn is_unit(ty: &Type) -> bool {
    matches!(peel(ty), Type::Tuple(tuple) if tuple.elems.is_empty())
}
