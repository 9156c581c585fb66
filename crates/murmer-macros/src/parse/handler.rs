//! One method into one handler.
//!
//! Doesn't know the other handlers; that their names differ is checked in [`super::names`].

use syn::{
    Attribute, Error, FnArg, Ident, ImplItem, ImplItemFn, ItemImpl, Meta, Receiver, Signature, Type,
    Visibility, parse_quote,
};

use super::replace_self::replace_self;
use super::{Errors, answer, names, parameter, peel, signature};
use crate::model::{self, Handler, Options, Parameter};

/// Removes every `#[handler]` from `block`, and says where the items are that had one.
///
/// Those on something else than a method, repeated or with arguments are errors; so is having none.
pub(super) fn take_marked(block: &mut ItemImpl, errors: &mut Errors) -> Vec<usize> {
    let mut marked = Vec::new();
    for (at, item) in block.items.iter_mut().enumerate() {
        let is_method = matches!(item, ImplItem::Fn(_));
        let Some(attributes) = attributes(item) else { continue };
        let taken: Vec<Attribute> = attributes.extract_if(.., |attr| is_marker(attr)).collect();
        for (nth, marker) in taken.iter().enumerate() {
            errors.keep(check_marker(marker, nth, is_method));
        }
        if !taken.is_empty() {
            // A state that is a `Vec` has to be taken as one: clippy would have it a slice.
            attributes.push(syn::parse_quote!(#[allow(clippy::ptr_arg)]));
            marked.push(at);
        }
    }
    if marked.is_empty() {
        let message = "an actor needs a message: mark the methods that handle one with `#[handler]`";
        errors.keep::<()>(Err(Error::new_spanned(&block.self_ty, message)));
    }
    marked
}

/// Reads the method; `#[handler]` has been removed.
///
/// # Errors
///
/// Everything that keeps it from being a handler.
pub(super) fn parse(
    method: &ImplItemFn,
    actor_name: &Ident,
    actor: &Type,
    options: &Options,
) -> syn::Result<Handler> {
    let mut errors = Errors::default();
    errors.keep(check_attributes(&method.attrs));
    errors.keep(check_kind(&method.sig));
    let receiver = errors.keep(receiver(&method.sig));
    let parameters = parameters(&method.sig, actor, options.local, &mut errors);
    let answer = errors.keep(answer::parse(&method.sig, options));
    let names = errors.keep(names::message(actor_name, &method.sig.ident));
    if let Some(error) = errors.0 {
        return Err(error);
    }
    let (Some(receiver), Some((answer, reply)), Some((message, variant))) = (receiver, answer, names) else {
        unreachable!("each of them is missing only with an error")
    };
    let written = method.sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(typed) => Some(&*typed.ty),
        FnArg::Receiver(_) => None,
    });
    let fields =
        written.zip(&parameters).filter(|(_, is)| matches!(is, Parameter::Field(_))).map(|(ty, _)| ty);
    Ok(Handler {
        signature: signature::of(&method.sig.ident, fields, &answer, &reply),
        method: method.sig.ident.clone(),
        is_async: method.sig.asyncness.is_some(),
        receiver,
        parameters,
        reply: replace_self(reply, actor),
        answer,
        message,
        variant,
        vis: visibility(&method.vis),
        docs: method.attrs.iter().filter(|attr| attr.path().is_ident("doc")).cloned().collect(),
        deprecated: method.attrs.iter().find(|attr| attr.path().is_ident("deprecated")).cloned(),
    })
}

fn attributes(item: &mut ImplItem) -> Option<&mut Vec<Attribute>> {
    match item {
        ImplItem::Const(item) => Some(&mut item.attrs),
        ImplItem::Fn(item) => Some(&mut item.attrs),
        ImplItem::Type(item) => Some(&mut item.attrs),
        ImplItem::Macro(item) => Some(&mut item.attrs),
        _ => None,
    }
}

/// `#[handler]`, also as `#[murmer::handler]`, which reads well where much is qualified.
fn is_marker(attr: &Attribute) -> bool {
    attr.path().segments.len() <= 2 && attr.path().segments.last().is_some_and(|last| last.ident == "handler")
}

fn check_marker(marker: &Attribute, nth: usize, is_method: bool) -> syn::Result<()> {
    if !is_method {
        return Err(Error::new_spanned(marker, "only methods handle messages: remove this"));
    }
    if nth > 0 {
        return Err(Error::new_spanned(marker, "this method is a handler already: remove this"));
    }
    match &marker.meta {
        Meta::Path(_) => Ok(()),
        Meta::List(list) => Err(Error::new_spanned(list, MARKER_ALONE)),
        Meta::NameValue(value) => Err(Error::new_spanned(value, MARKER_ALONE)),
    }
}

fn check_attributes(attributes: &[Attribute]) -> syn::Result<()> {
    match attributes.iter().find(|attr| attr.path().is_ident("cfg")) {
        None => Ok(()),
        Some(cfg) => {
            let message = "an actor has the same messages in every build: put `#[cfg]` on the whole impl block, \
                           or inside the handler's body";
            Err(Error::new_spanned(cfg, message))
        }
    }
}

fn check_kind(sig: &Signature) -> syn::Result<()> {
    let mut errors = Errors::default();
    if let Some(constness) = &sig.constness {
        let message = "messages are handled at run time: remove `const`";
        errors.keep::<()>(Err(Error::new_spanned(constness, message)));
    }
    if let Some(unsafety) = &sig.unsafety {
        let message = "anyone may send a message, so handling it can't be unsafe: remove `unsafe`";
        errors.keep::<()>(Err(Error::new_spanned(unsafety, message)));
    }
    if let Some(abi) = &sig.abi {
        let message = "only Rust calls a handler: remove `extern`";
        errors.keep::<()>(Err(Error::new_spanned(abi, message)));
    }
    if sig.generics.type_params().next().is_some() || sig.generics.const_params().next().is_some() {
        let message = "a handler can't be generic, since its message has one type: write the types out, or use an \
                       enum of those you need";
        errors.keep::<()>(Err(Error::new_spanned(&sig.generics, message)));
    } else if !sig.generics.params.is_empty() {
        let message = "a handler's message borrows nothing, so there is no lifetime to name: remove this";
        errors.keep::<()>(Err(Error::new_spanned(&sig.generics, message)));
    }
    errors.0.map_or(Ok(()), Err)
}

fn receiver(sig: &Signature) -> syn::Result<model::Receiver> {
    let Some(receiver) = sig.receiver() else {
        let message = "a handler belongs to an actor: add `&mut self` or `&self` as its first parameter";
        return Err(Error::new_spanned(&sig.ident, message));
    };
    let is_shared = match receiver {
        Receiver { reference: Some(_), mutability, .. } => mutability.is_none(),
        Receiver { ty, .. } => match peel(ty) {
            Type::Reference(reference) if is_self(&reference.elem) => reference.mutability.is_none(),
            _ => {
                let message = "the actor goes on after a message: take `&mut self` or `&self`";
                return Err(Error::new_spanned(receiver, message));
            }
        },
    };
    Ok(model::Receiver { as_written: receiver.clone(), is_shared })
}

fn is_self(ty: &Type) -> bool {
    matches!(peel(ty), Type::Path(path) if path.path.is_ident("Self"))
}

fn parameters(sig: &Signature, actor: &Type, local: bool, errors: &mut Errors) -> Vec<Parameter> {
    let (mut has_context, mut has_state, mut has_reply) = (false, false, false);
    let mut parameters = Vec::new();
    for input in &sig.inputs {
        let FnArg::Typed(typed) = input else { continue };
        let Some(parameter) = errors.keep(parameter::parse(typed, actor, local)) else { continue };
        let repeated = match &parameter {
            Parameter::Context(_) => std::mem::replace(&mut has_context, true).then_some(ONE_CONTEXT),
            Parameter::State(_) => std::mem::replace(&mut has_state, true).then_some(ONE_STATE),
            Parameter::Reply(_) => std::mem::replace(&mut has_reply, true).then_some(ONE_REPLY),
            Parameter::Field(_) => None,
        };
        if let Some(message) = repeated {
            errors.keep::<()>(Err(Error::new_spanned(&typed.ty, message)));
        }
        parameters.push(parameter);
    }
    parameters
}

/// `pub` unless something narrower is written out: messages are there to be sent by others.
fn visibility(written: &Visibility) -> Visibility {
    match written {
        Visibility::Public(_) | Visibility::Inherited => parse_quote!(pub),
        Visibility::Restricted(_) => written.clone(),
    }
}

const MARKER_ALONE: &str = "`#[handler]` stands alone; options go into `#[handlers(…)]` on the impl block";
const ONE_CONTEXT: &str = "a handler has one context: remove this parameter";
const ONE_REPLY: &str = "a message is answered once: remove this parameter";
const ONE_STATE: &str = "an actor has one state, which is the first `&mut`: take this one by value";
