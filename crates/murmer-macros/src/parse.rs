//! Reads an impl block into an [`Actor`], or says what is wrong with it, all at once.
//!
//! Doesn't know what is generated, except for the names, which must not collide.

mod answer;
pub(crate) mod generics;
mod handler;
mod marker;
mod names;
pub(crate) mod options;
mod owned;
mod parameter;
mod replace_self;
pub(crate) mod signature;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Error, GenericArgument, Ident, ImplItem, ItemImpl, PathArguments, Type, Visibility};

use self::replace_self::replace_self_in_bounds;
use crate::model::{Actor, Answer, Handler, Options};

/// What was made of an impl block.
pub(crate) enum Parsed {
    /// An actor.
    Whole(Actor),
    /// An actor without those of its handlers that are wrong. Generating the others keeps errors
    /// about the first from being buried under errors about the second.
    Partly(Actor, Error),
    /// Nothing: the block itself, or what the attribute was given, is wrong. The tokens are the
    /// block's, so that nothing else seems to be missing.
    Nothing(TokenStream, Error),
}

/// Reads what the attribute was given and what it stands on.
pub(crate) fn actor(options: TokenStream, item: TokenStream) -> Parsed {
    let mut block: ItemImpl = match syn::parse2(item.clone()) {
        Ok(block) => block,
        Err(error) => {
            let error = not_an_impl(&item, error);
            return Parsed::Nothing(item, error);
        }
    };
    let mut errors = Errors::default();
    let marked = marker::take(&mut block, &mut errors);
    let options = errors.keep(options::parse(options));
    let name = errors.keep(actor_name(&block));
    let (Some(options), Some(name)) = (options, name) else {
        let error = errors.0.expect("each of them is missing only with an error");
        return Parsed::Nothing(block.into_token_stream(), error);
    };
    if let Err(error) = generics::check(&block.generics, options.local) {
        return Parsed::Nothing(block.into_token_stream(), error);
    }
    let mut handlers = Vec::new();
    for (at, marker) in marked {
        let ItemImpl { items, self_ty, generics, .. } = &mut block;
        let ImplItem::Fn(method) = &mut items[at] else { continue };
        let context = handler::Context { name: &name, ty: self_ty, generics, options: &options };
        let Some(handler) = errors.keep(handler::parse(method, marker, &context)) else { continue };
        if let Answer::Streamed(_) = handler.answer {
            answer::detach_stream(method, generics);
        }
        handlers.push(handler);
    }
    errors.keep(names::make_distinct(&name, &mut handlers));
    let actor = assemble(block, &name, options, handlers);
    match errors.0 {
        None => Parsed::Whole(actor),
        Some(error) => Parsed::Partly(actor, error),
    }
}

/// Errors so far.
#[derive(Default)]
pub(crate) struct Errors(pub(crate) Option<Error>);

impl Errors {
    pub(crate) fn keep<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        match (result, &mut self.0) {
            (Ok(value), _) => return Some(value),
            (Err(error), Some(earlier)) => earlier.combine(error),
            (Err(error), none) => *none = Some(error),
        }
        None
    }
}

fn not_an_impl(item: &TokenStream, error: Error) -> Error {
    match syn::parse2::<syn::Item>(item.clone()) {
        // An impl block that does not parse: rustc's parser would have said so before us.
        Err(_) => error,
        Ok(other) => {
            let message = "`#[handlers]` goes on an impl block: `impl ChatRoom { … }`";
            Error::new(other.span(), message)
        }
    }
}

/// The name that generated names begin with.
fn actor_name(block: &ItemImpl) -> syn::Result<Ident> {
    if let Some((_, path, _)) = &block.trait_ {
        let message = "`#[handlers]` goes on an inherent impl block: move the handlers into `impl ChatRoom { … }`, \
                       without a trait";
        return Err(Error::new_spanned(path, message));
    }
    let Type::Path(path) = peel(&block.self_ty) else {
        let message = "an actor is a named type of your own: `impl ChatRoom { … }`";
        return Err(Error::new_spanned(&block.self_ty, message));
    };
    let last = path.path.segments.last().expect("a type's path has a segment");
    if let PathArguments::AngleBracketed(arguments) = &last.arguments {
        let lifetimes =
            |argument: &&GenericArgument| matches!(argument, GenericArgument::Lifetime(l) if l.ident == "_");
        if let Some(elided) = arguments.args.iter().find(lifetimes) {
            let message = "an actor borrows nothing, since it outlives who starts it: write `'static`, or use owned types";
            return Err(Error::new_spanned(elided, message));
        }
    }
    Ok(last.ident.unraw())
}

fn assemble(block: ItemImpl, name: &Ident, options: Options, handlers: Vec<Handler>) -> Actor {
    Actor {
        generics: replace_self_in_bounds(block.generics.clone(), &block.self_ty),
        ty: (*block.self_ty).clone(),
        written: written_name(&block.self_ty, name),
        base: base_name(&block, name),
        envelope: names::envelope(name),
        extension: names::extension(name),
        extension_vis: extension_vis(&handlers),
        item: block,
        options,
        handlers,
    }
}

/// The type without the path to it, which differs by where the impl block is.
fn written_name(ty: &Type, name: &Ident) -> String {
    let Type::Path(path) = peel(ty) else { return name.to_string() };
    let arguments = path.path.segments.last().map(|last| last.arguments.to_token_stream());
    signature::normalise(&syn::parse_quote!(#name #arguments))
}

/// For messages that mention no parameter, and to put the parameters' names behind.
fn base_name(block: &ItemImpl, name: &Ident) -> String {
    let Type::Path(path) = peel(&block.self_ty) else { return name.to_string() };
    match path.path.segments.last() {
        Some(last) if generics::are_arguments(&block.generics, &last.arguments) => name.to_string(),
        _ => written_name(&block.self_ty, name),
    }
}

/// As narrow as all handlers agree on.
fn extension_vis(handlers: &[Handler]) -> Visibility {
    let text = |handler: &Handler| handler.vis.to_token_stream().to_string();
    let narrowest =
        handlers.first().filter(|first| handlers.iter().all(|handler| text(handler) == text(first)));
    narrowest.map_or_else(|| syn::parse_quote!(pub), |first| first.vis.clone())
}

/// A type without the parentheses and invisible groups around it.
fn peel(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => peel(&group.elem),
        Type::Paren(paren) => peel(&paren.elem),
        other => other,
    }
}
