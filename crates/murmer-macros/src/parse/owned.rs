//! Whether a type owns all it holds, so that a message of it can outlive the call.
//!
//! `'static` references own nothing but last as long; they can stay in the process, not leave it.
//!
//! Doesn't know about types that borrow without showing it, such as `Cow<str>`.

use syn::visit::{self, Visit};
use syn::{Error, Lifetime, Type, TypeImplTrait, TypeReference};

use super::{peel, signature};

/// What a type is wanted for.
#[derive(Clone, Copy)]
pub(super) enum Use {
    Argument,
    Reply,
}

/// Whether a message, or a reply, can hold a `ty`.
///
/// # Errors
///
/// References and `impl Trait` anywhere in `ty`.
pub(super) fn check(ty: &Type, used: Use, local: bool) -> syn::Result<()> {
    let mut search = Search { used, local, found: None };
    search.visit_type(ty);
    search.found.map_or(Ok(()), Err)
}

struct Search {
    used: Use,
    local: bool,
    found: Option<Error>,
}

impl Search {
    fn report(&mut self, error: Error) {
        match &mut self.found {
            Some(earlier) => earlier.combine(error),
            none => *none = Some(error),
        }
    }
}

impl<'ast> Visit<'ast> for Search {
    fn visit_type_reference(&mut self, reference: &'ast TypeReference) {
        let is_static = reference.lifetime.as_ref().is_some_and(|lifetime| lifetime.ident == "static");
        if self.local && is_static {
            visit::visit_type_reference(self, reference);
            return;
        }
        let owned = owned_instead(reference);
        let message = match (self.used, &owned) {
            (Use::Argument, Some(owned)) => format!("a message can't borrow from its sender: take `{owned}`"),
            (Use::Argument, None) => {
                "a message can't borrow from its sender: take it by value; `&mut State` would be \
                                      the actor's state"
                    .to_owned()
            }
            (Use::Reply, Some(owned)) => format!("a reply can't borrow from the actor: return `{owned}`"),
            (Use::Reply, None) => "a reply can't borrow from the actor: return it by value".to_owned(),
        };
        self.report(Error::new_spanned(reference, message));
    }

    fn visit_type_impl_trait(&mut self, ty: &'ast TypeImplTrait) {
        let message = match self.used {
            Use::Argument => "a message's fields have one type each: name it instead of `impl Trait`",
            Use::Reply => {
                "a reply has one type on all nodes: name it instead of `impl Trait`, and write `async fn` \
                 instead of returning a future; only `impl Stream<Item = …>` is an answer, one in pieces"
            }
        };
        self.report(Error::new_spanned(ty, message));
    }

    fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
        if lifetime.ident != "static" {
            let message = match self.used {
                Use::Argument => "a message can't borrow from its sender: take an owned type",
                Use::Reply => "a reply can't borrow from the actor: return an owned type",
            };
            self.report(Error::new_spanned(lifetime, message));
        }
    }

    /// What a function borrows is borrowed when it is called.
    fn visit_type_bare_fn(&mut self, _: &'ast syn::TypeBareFn) {}

    /// As above, for `dyn Fn(&str)`.
    fn visit_parenthesized_generic_arguments(&mut self, _: &'ast syn::ParenthesizedGenericArguments) {}

    /// As above, for `dyn for<'a> Read<'a>`.
    fn visit_trait_bound(&mut self, bound: &'ast syn::TraitBound) {
        if bound.lifetimes.is_none() {
            visit::visit_trait_bound(self, bound);
        }
    }
}

fn owned_instead(reference: &TypeReference) -> Option<String> {
    match peel(&reference.elem) {
        Type::Path(path) if path.path.is_ident("str") => Some("String".to_owned()),
        Type::Slice(slice) => Some(format!("Vec<{}>", signature::normalise(&slice.elem))),
        _ => None,
    }
}
