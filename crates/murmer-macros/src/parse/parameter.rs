//! One parameter of a handler: the context, the state, where to answer, or a field of the message.
//!
//! Doesn't know the others; that there is at most one of each is checked in [`super::handler`].

use proc_macro2::Span;
use syn::{Error, GenericArgument, Ident, Pat, PatType, PathArguments, Type, TypeReference};

use super::marker::Marker;
use super::owned::{self, Use};
use super::peel;
use super::replace_self::replace_self;
use crate::model::{Field, Parameter};

/// What `parameter` of a handler of `actor` is.
///
/// # Errors
///
/// Parameters that are none of the four, or not the way it has to be written.
pub(super) fn parse(
    parameter: &PatType,
    marker: Marker,
    actor: &Type,
    local: bool,
) -> syn::Result<Parameter> {
    if let Some(cfg) = parameter.attrs.iter().find(|attr| attr.path().is_ident("cfg")) {
        let message = "a message has the same fields in every build: put `#[cfg]` on the whole impl block";
        return Err(Error::new_spanned(cfg, message));
    }
    let ty = &*parameter.ty;
    match peel(ty) {
        Type::Reference(TypeReference { mutability, elem, .. }) if is_context(elem) => match mutability {
            None => Ok(Parameter::Context(ty.clone())),
            Some(_) => Err(Error::new_spanned(ty, CONTEXT_BY_REFERENCE)),
        },
        context if is_context(context) => Err(Error::new_spanned(ty, CONTEXT_BY_REFERENCE)),
        Type::Reference(TypeReference { elem, .. }) if answered(elem).is_some() => {
            Err(Error::new_spanned(ty, REPLY_BY_VALUE))
        }
        Type::Reference(TypeReference { mutability: Some(_), .. }) => Ok(Parameter::State(ty.clone())),
        reply if answered(reply).is_some() => {
            owned::check(ty, Use::Reply, local)?;
            Ok(Parameter::Reply(ty.clone()))
        }
        _ => {
            owned::check(ty, Use::Argument, local)?;
            field(parameter, marker, actor)
        }
    }
}

/// `R`, if `ty` is a `ReplyTo<R>`.
pub(super) fn answered(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = peel(ty) else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == "ReplyTo")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first() {
        Some(GenericArgument::Type(ty)) if arguments.args.len() == 1 => Some(ty),
        _ => None,
    }
}

fn field(parameter: &PatType, marker: Marker, actor: &Type) -> syn::Result<Parameter> {
    let ty = replace_self((*parameter.ty).clone(), actor);
    match &*parameter.pat {
        Pat::Ident(pat) if pat.by_ref.is_none() && pat.subpat.is_none() => {
            Ok(Parameter::Field(Field { name: pat.ident.clone(), ty }))
        }
        // All of the message, which has fields of its own.
        _ if marker == Marker::Given => {
            Ok(Parameter::Field(Field { name: Ident::new("message", Span::call_site()), ty }))
        }
        Pat::Wild(wild) => {
            let message = "this is a field of the message and needs a name: `_unused`, for example";
            Err(Error::new_spanned(wild, message))
        }
        other => {
            let message = "this is a field of the message and needs one name: take it apart in the body";
            Err(Error::new_spanned(other, message))
        }
    }
}

fn is_context(ty: &Type) -> bool {
    matches!(peel(ty), Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "ActorContext"))
}

const CONTEXT_BY_REFERENCE: &str = "the context is shared: take it as `&ActorContext<Self>`";
const REPLY_BY_VALUE: &str = "an answer is given once: take it by value, as `ReplyTo<…>`";
