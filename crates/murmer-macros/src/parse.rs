//! Reads an impl block into an [`Actor`], or says what is wrong with it, all at once.
//!
//! Doesn't know what is generated, except for the names, which must not collide.

mod answer;
mod handler;
mod names;
mod options;
mod owned;
mod parameter;
mod replace_self;
mod signature;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Error, GenericArgument, Ident, ImplItem, ItemImpl, PathArguments, Type, Visibility};

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
    let marked = handler::take_marked(&mut block, &mut errors);
    let options = errors.keep(options::parse(options));
    let name = errors.keep(actor_name(&block));
    let (Some(options), Some(name)) = (options, name) else {
        let error = errors.0.expect("each of them is missing only with an error");
        return Parsed::Nothing(block.into_token_stream(), error);
    };
    let mut handlers = Vec::new();
    for at in marked {
        let ItemImpl { items, self_ty, generics, .. } = &mut block;
        let ImplItem::Fn(method) = &mut items[at] else { continue };
        let Some(handler) = errors.keep(handler::parse(method, &name, self_ty, &options)) else { continue };
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
struct Errors(Option<Error>);

impl Errors {
    fn keep<T>(&mut self, result: syn::Result<T>) -> Option<T> {
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
    if !block.generics.params.is_empty() {
        return Err(generic_actor(&block.generics.params));
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
            return Err(generic_actor(elided));
        }
    }
    Ok(last.ident.unraw())
}

fn generic_actor(at: &impl ToTokens) -> Error {
    Error::new_spanned(
        at,
        "actors with type parameters aren't supported, since every message needs one name on all nodes: \
         use a concrete type, or an enum of those you need",
    )
}

fn assemble(block: ItemImpl, name: &Ident, options: Options, handlers: Vec<Handler>) -> Actor {
    Actor {
        ty: (*block.self_ty).clone(),
        written: written_name(&block.self_ty, name),
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
