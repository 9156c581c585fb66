//! The parameters of a generic actor, and who mentions them.
//!
//! Doesn't know what becomes of them.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{
    ConstParam, Error, GenericArgument, GenericParam, Generics, PathArguments, Type, TypeParam, TypePath,
    WherePredicate,
};

use super::{Errors, peel};

/// Whether all parameters of the actor can be told from others of their kind.
///
/// # Errors
///
/// Lifetimes, constants that have no name on other nodes, and types of which nothing is known.
pub(super) fn check(generics: &Generics, local: bool) -> syn::Result<()> {
    let mut errors = Errors::default();
    let borrowed = "an actor borrows nothing, since it outlives who starts it: use owned types, or `Arc`";
    errors.keep(check_parameters(generics, local, borrowed));
    for parameter in generics.type_params().filter(|parameter| !is_bound(parameter, generics)) {
        let name = &parameter.ident;
        let message = if local {
            format!(
                "an actor may move to another thread, and outlives who starts it: write `{name}: Send + 'static`"
            )
        } else {
            format!(
                "other nodes know an actor by its parameters' names, too: write `{name}: Wire`; or, if it is only \
                 used within one process, `{name}: Send + 'static` and `#[handlers(local)]`"
            )
        };
        errors.keep::<()>(Err(Error::new_spanned(parameter, message)));
    }
    errors.0.map_or(Ok(()), Err)
}

/// Whether anything is said about `parameter`. If nothing is, it can't be `Send`, and the compiler would say
/// so at everything that is generated.
fn is_bound(parameter: &TypeParam, generics: &Generics) -> bool {
    let predicates = generics.where_clause.iter().flat_map(|clause| &clause.predicates);
    let says = |predicate: &WherePredicate| match predicate {
        WherePredicate::Type(said) => {
            let Type::Path(TypePath { qself: None, path }) = peel(&said.bounded_ty) else { return true };
            // That of another parameter says nothing about this one; that of the actor may.
            path.is_ident(&parameter.ident)
                || !generics.type_params().any(|other| path.is_ident(&other.ident))
        }
        _ => false,
    };
    !parameter.bounds.is_empty() || predicates.into_iter().any(says)
}

/// The same for other types; `borrowed` says what is wrong with a lifetime.
pub(crate) fn check_parameters(generics: &Generics, local: bool, borrowed: &str) -> syn::Result<()> {
    let mut errors = Errors::default();
    for parameter in &generics.params {
        match parameter {
            GenericParam::Lifetime(lifetime) => {
                errors.keep::<()>(Err(Error::new_spanned(lifetime, borrowed)));
            }
            GenericParam::Const(constant) if !local && !is_number(constant) => {
                let message = "other nodes know this parameter by its value, which has to be an integer or a `bool`: \
                               use one; or, within one process, say that it is `local`";
                errors.keep::<()>(Err(Error::new_spanned(&constant.ty, message)));
            }
            GenericParam::Const(_) | GenericParam::Type(_) => {}
        }
    }
    errors.0.map_or(Ok(()), Err)
}

/// Whether `ty` mentions one of the parameters. True if in doubt, which is in macros.
pub(super) fn mentions(ty: &Type, generics: &Generics) -> bool {
    let mut search = Search { generics, found: false };
    search.visit_type(ty);
    search.found
}

/// Whether the arguments are the parameters, all of them and in their order.
pub(super) fn are_arguments(generics: &Generics, arguments: &PathArguments) -> bool {
    let PathArguments::AngleBracketed(arguments) = arguments else { return generics.params.is_empty() };
    let mut names = generics.params.iter().map(name);
    let is_name = |argument: &GenericArgument, name: &Ident| match argument {
        GenericArgument::Type(ty) => {
            matches!(peel(ty), Type::Path(path) if path.qself.is_none() && path.path.is_ident(name))
        }
        _ => false,
    };
    arguments.args.len() == generics.params.len()
        && arguments
            .args
            .iter()
            .all(|argument| names.next().flatten().is_some_and(|name| is_name(argument, name)))
}

struct Search<'a> {
    generics: &'a Generics,
    found: bool,
}

impl Search<'_> {
    fn is_parameter(&self, ident: &Ident) -> bool {
        self.generics.params.iter().filter_map(name).any(|name| name == ident)
    }

    fn look_through(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => self.found |= self.is_parameter(&ident),
                TokenTree::Group(group) => self.look_through(group.stream()),
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }
}

impl<'ast> Visit<'ast> for Search<'_> {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        let first = path.segments.first().filter(|_| path.leading_colon.is_none());
        self.found |= first.is_some_and(|first| self.is_parameter(&first.ident));
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        self.look_through(mac.tokens.to_token_stream());
    }
}

fn name(parameter: &GenericParam) -> Option<&Ident> {
    match parameter {
        GenericParam::Type(parameter) => Some(&parameter.ident),
        GenericParam::Const(parameter) => Some(&parameter.ident),
        GenericParam::Lifetime(_) => None,
    }
}

fn is_number(constant: &ConstParam) -> bool {
    let numbers = ["u8", "u16", "u32", "u64", "usize", "i8", "i16", "i32", "i64", "isize", "bool"];
    matches!(peel(&constant.ty), Type::Path(path) if numbers.iter().any(|number| path.path.is_ident(number)))
}
