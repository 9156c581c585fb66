//! Which methods are handlers: `#[handler]`, and `#[handler(message)]`.
//!
//! Doesn't look at the methods.

use syn::{Attribute, Error, Ident, ImplItem, ItemImpl, Meta};

use super::Errors;

/// What is written on a handler.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Marker {
    /// `#[handler]`: its parameters become a message.
    Own,
    /// `#[handler(message)]`: its parameter is one.
    Given,
}

/// Removes every `#[handler]` from `block`, and says where the items are that had one.
///
/// Those on something else than a method, repeated or with unknown arguments are errors; so is having none.
pub(super) fn take(block: &mut ItemImpl, errors: &mut Errors) -> Vec<(usize, Marker)> {
    let mut marked = Vec::new();
    for (at, item) in block.items.iter_mut().enumerate() {
        let is_method = matches!(item, ImplItem::Fn(_));
        let Some(attributes) = attributes(item) else { continue };
        let taken: Vec<Attribute> = attributes.extract_if(.., |attr| is_marker(attr)).collect();
        let mut first = None;
        for (nth, attr) in taken.iter().enumerate() {
            let marker = errors.keep(parse(attr, nth, is_method));
            first = first.or(marker);
        }
        if !taken.is_empty() {
            // A state that is a `Vec` has to be taken as one: clippy would have it a slice.
            attributes.push(syn::parse_quote!(#[allow(clippy::ptr_arg)]));
            marked.push((at, first.unwrap_or(Marker::Own)));
        }
    }
    if marked.is_empty() {
        let message = "an actor needs a message: mark the methods that handle one with `#[handler]`";
        errors.keep::<()>(Err(Error::new_spanned(&block.self_ty, message)));
    }
    marked
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

fn parse(attr: &Attribute, nth: usize, is_method: bool) -> syn::Result<Marker> {
    if !is_method {
        return Err(Error::new_spanned(attr, "only methods handle messages: remove this"));
    }
    if nth > 0 {
        return Err(Error::new_spanned(attr, "this method is a handler already: remove this"));
    }
    match &attr.meta {
        Meta::Path(_) => Ok(Marker::Own),
        Meta::List(list) => match list.parse_args::<Ident>() {
            Ok(argument) if argument == "message" => Ok(Marker::Given),
            _ => Err(Error::new_spanned(list, ARGUMENTS)),
        },
        Meta::NameValue(value) => Err(Error::new_spanned(value, ARGUMENTS)),
    }
}

const ARGUMENTS: &str = "write `#[handler]`, or `#[handler(message)]` if the parameter is the message; options go into \
                         `#[handlers(…)]` on the impl block";
