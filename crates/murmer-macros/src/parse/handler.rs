//! One method into one handler.
//!
//! Doesn't know the other handlers; that their names differ is checked in [`super::names`].

use syn::{
    Attribute, Error, FnArg, Generics, Ident, ImplItemFn, Receiver, Signature, Type, Visibility, parse_quote,
};

use super::marker::Marker;
use super::replace_self::replace_self;
use super::{Errors, answer, generics, names, parameter, peel, signature};
use crate::model::{self, Handler, Message, Options, Parameter};

/// What a handler has to know of its actor.
pub(super) struct Context<'a> {
    pub(super) name: &'a Ident,
    pub(super) ty: &'a Type,
    pub(super) generics: &'a Generics,
    pub(super) options: &'a Options,
}

/// Reads the method; `#[handler]` has been removed.
///
/// # Errors
///
/// Everything that keeps it from being a handler.
pub(super) fn parse(method: &ImplItemFn, marker: Marker, actor: &Context<'_>) -> syn::Result<Handler> {
    let Context { name, ty, generics, options } = *actor;
    let mut errors = Errors::default();
    errors.keep(check_attributes(&method.attrs));
    errors.keep(check_kind(&method.sig));
    let receiver = errors.keep(receiver(&method.sig));
    let parameters = parameters(&method.sig, marker, actor, &mut errors);
    // If one of them is wrong, it may have been the message.
    if parameters.len() + 1 >= method.sig.inputs.len() {
        errors.keep(check_message(marker, method, &parameters));
    }
    let answer = errors.keep(answer::parse(&method.sig, options));
    let names = errors.keep(names::message(name, &method.sig.ident));
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
    let signature = signature::of(&method.sig.ident, fields, &answer, &reply);
    let reply = replace_self(reply, ty);
    let fields = parameters.iter().filter_map(|parameter| match parameter {
        Parameter::Field(field) => Some(&field.ty),
        Parameter::Context(_) | Parameter::State(_) | Parameter::Reply(_) => None,
    });
    let is_generic = fields.chain([&reply]).any(|ty| generics::mentions(ty, generics));
    Ok(Handler {
        signature,
        method: method.sig.ident.clone(),
        is_async: method.sig.asyncness.is_some(),
        receiver,
        parameters,
        reply,
        answer,
        message: match marker {
            Marker::Own => Message::Own(message),
            Marker::Given => Message::Given,
        },
        is_generic,
        variant,
        vis: visibility(&method.vis),
        docs: method.attrs.iter().filter(|attr| attr.path().is_ident("doc")).cloned().collect(),
        deprecated: method.attrs.iter().find(|attr| attr.path().is_ident("deprecated")).cloned(),
    })
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

/// That a message which is there is all that its handler takes of one.
fn check_message(marker: Marker, method: &ImplItemFn, parameters: &[Parameter]) -> syn::Result<()> {
    let mut fields = parameters.iter().filter_map(|parameter| match parameter {
        Parameter::Field(field) => Some(field),
        Parameter::Context(_) | Parameter::State(_) | Parameter::Reply(_) => None,
    });
    match (marker, fields.next(), fields.next()) {
        (Marker::Own, ..) | (Marker::Given, Some(_), None) => Ok(()),
        (Marker::Given, None, _) => {
            let why = "where is the message? add a parameter, `message: Deposit`, or write `#[handler]`, which makes one";
            Err(Error::new_spanned(&method.sig.ident, why))
        }
        (Marker::Given, Some(_), Some(second)) => {
            let why = "the message is the first one: make this a field of it, or write `#[handler]`, which makes a message \
                       of all parameters";
            Err(Error::new_spanned(&second.name, why))
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

fn parameters(sig: &Signature, marker: Marker, actor: &Context<'_>, errors: &mut Errors) -> Vec<Parameter> {
    let (mut has_context, mut has_state, mut has_reply) = (false, false, false);
    let parse = |typed| parameter::parse(typed, marker, actor.ty, actor.options.local);
    let mut parameters = Vec::new();
    for input in &sig.inputs {
        let FnArg::Typed(typed) = input else { continue };
        let Some(parameter) = errors.keep(parse(typed)) else { continue };
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

const ONE_CONTEXT: &str = "a handler has one context: remove this parameter";
const ONE_REPLY: &str = "a message is answered once: remove this parameter";
const ONE_STATE: &str = "an actor has one state, which is the first `&mut`: take this one by value";
