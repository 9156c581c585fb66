//! `Self` in a type, replaced by the type it stands for: generated items are outside the impl block.
//!
//! Doesn't know where the type is from.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, ExprPath, Generics, Path, QSelf, Token, Type, TypePath};

pub(super) fn replace_self(mut ty: Type, actor: &Type) -> Type {
    Replace(actor).visit_type_mut(&mut ty);
    ty
}

/// The same for the bounds of an impl block's parameters.
pub(super) fn replace_self_in_bounds(mut generics: Generics, actor: &Type) -> Generics {
    Replace(actor).visit_generics_mut(&mut generics);
    generics
}

struct Replace<'a>(&'a Type);

impl VisitMut for Replace<'_> {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        if let Type::Path(TypePath { qself: None, path }) = ty
            && path.is_ident("Self")
        {
            *ty = self.0.clone();
            return;
        }
        visit_mut::visit_type_mut(self, ty);
    }

    fn visit_type_path_mut(&mut self, ty: &mut TypePath) {
        self.visit_path_of(&mut ty.qself, &mut ty.path);
        visit_mut::visit_type_path_mut(self, ty);
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Expr::Path(ExprPath { qself, path, .. }) = expr {
            self.visit_path_of(qself, path);
        }
        visit_mut::visit_expr_mut(self, expr);
    }

    fn visit_macro_mut(&mut self, mac: &mut syn::Macro) {
        mac.tokens = self.tokens(mac.tokens.clone());
    }
}

impl Replace<'_> {
    /// `Self::ITEM` becomes `<ChatRoom>::ITEM`.
    fn visit_path_of(&self, qself: &mut Option<QSelf>, path: &mut Path) {
        let starts_with_self = path.segments.len() > 1 && path.segments[0].ident == "Self";
        if qself.is_some() || path.leading_colon.is_some() || !starts_with_self {
            return;
        }
        *qself = Some(QSelf {
            lt_token: <Token![<]>::default(),
            ty: Box::new(self.0.clone()),
            position: 0,
            as_token: None,
            gt_token: <Token![>]>::default(),
        });
        path.leading_colon = Some(<Token![::]>::default());
        path.segments = std::mem::take(&mut path.segments).into_iter().skip(1).collect();
    }

    /// Nothing is known about the inside of a macro but its words.
    fn tokens(&self, tokens: TokenStream) -> TokenStream {
        tokens
            .into_iter()
            .map(|token| match token {
                TokenTree::Ident(ident) if ident == "Self" => self.0.to_token_stream(),
                TokenTree::Group(group) => {
                    let mut replaced = Group::new(group.delimiter(), self.tokens(group.stream()));
                    replaced.set_span(group.span());
                    quote!(#replaced)
                }
                other => other.into_token_stream(),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    #[track_caller]
    fn check(ty: Type, actor: Type, expected: Type) {
        assert_eq!(
            replace_self(ty, &actor).to_token_stream().to_string(),
            expected.to_token_stream().to_string()
        );
    }

    #[test]
    fn self_is_replaced_wherever_a_type_can_name_it() {
        check(parse_quote!(Vec<Self>), parse_quote!(a::Room), parse_quote!(Vec<a::Room>));
        check(parse_quote!([u8; Self::N]), parse_quote!(Room<u8>), parse_quote!([u8; <Room<u8>>::N]));
        check(parse_quote!(<Self as Actor>::State), parse_quote!(Room), parse_quote!(<Room as Actor>::State));
        check(parse_quote!(row!((Self, 3))), parse_quote!(Room), parse_quote!(row!((Room, 3))));
        check(parse_quote!(Selfish), parse_quote!(Room), parse_quote!(Selfish));
    }
}
