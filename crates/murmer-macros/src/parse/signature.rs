//! A handler's signature as text: the same however the source is formatted.
//!
//! It is hashed into the message's key, so what is written here decides whether two builds
//! understand each other. Types stand as written: two builds that spell one type differently don't.
//!
//! Doesn't know the actor's name, which is hashed beside it.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::visit_mut::{self, VisitMut};
use syn::{Ident, Type};

use crate::model::Answer;

/// `post_message(String,String)->usize`. How the answer is given makes no difference, only what it is.
pub(super) fn of<'a>(
    method: &Ident,
    fields: impl Iterator<Item = &'a Type>,
    answer: &Answer,
    reply: &Type,
) -> String {
    let fields: Vec<String> = fields.map(normalise).collect();
    let reply = match answer {
        Answer::Returned | Answer::Later => normalise(reply),
        Answer::Streamed(item) => format!("impl Stream<Item={}>", normalise(item)),
    };
    format!("{}({})->{reply}", method.unraw(), fields.join(","))
}

/// `ty` as text, without the commas and spaces that a formatter adds and takes away.
pub(crate) fn normalise(ty: &Type) -> String {
    let mut ty = ty.clone();
    NoTrailingCommas.visit_type_mut(&mut ty);
    let mut text = String::new();
    write(ty.to_token_stream(), &mut text, &mut false);
    text
}

/// `after_word` is true when what was written last would run into a word.
fn write(tokens: TokenStream, text: &mut String, after_word: &mut bool) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => ("{", "}"),
                    // What a macro put in place of a `$ty`.
                    Delimiter::None => ("", ""),
                };
                text.push_str(open);
                *after_word &= open.is_empty();
                write(group.stream(), text, after_word);
                text.push_str(close);
                *after_word &= close.is_empty();
            }
            TokenTree::Punct(punct) => {
                text.push(punct.as_char());
                *after_word = false;
            }
            TokenTree::Ident(_) | TokenTree::Literal(_) => {
                if *after_word {
                    text.push(' ');
                }
                text.push_str(&token.to_string());
                *after_word = true;
            }
        }
    }
}

struct NoTrailingCommas;

impl VisitMut for NoTrailingCommas {
    fn visit_angle_bracketed_generic_arguments_mut(
        &mut self,
        node: &mut syn::AngleBracketedGenericArguments,
    ) {
        node.args.pop_punct();
        visit_mut::visit_angle_bracketed_generic_arguments_mut(self, node);
    }

    fn visit_parenthesized_generic_arguments_mut(&mut self, node: &mut syn::ParenthesizedGenericArguments) {
        node.inputs.pop_punct();
        visit_mut::visit_parenthesized_generic_arguments_mut(self, node);
    }

    fn visit_type_bare_fn_mut(&mut self, node: &mut syn::TypeBareFn) {
        node.inputs.pop_punct();
        visit_mut::visit_type_bare_fn_mut(self, node);
    }

    fn visit_type_tuple_mut(&mut self, node: &mut syn::TypeTuple) {
        // `(T,)` is a tuple because of its comma.
        if node.elems.len() > 1 {
            node.elems.pop_punct();
        }
        visit_mut::visit_type_tuple_mut(self, node);
    }
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    #[track_caller]
    fn check(method: syn::TraitItemFn, expected: &str) {
        let types = method.sig.inputs.iter().map(|input| match input {
            syn::FnArg::Typed(typed) => &*typed.ty,
            syn::FnArg::Receiver(_) => panic!("leave the receiver out"),
        });
        let reply = match &method.sig.output {
            syn::ReturnType::Default => parse_quote!(()),
            syn::ReturnType::Type(_, ty) => (**ty).clone(),
        };
        assert_eq!(of(&method.sig.ident, types, &Answer::Returned, &reply), expected);
    }

    #[test]
    fn a_signature_is_what_was_written_without_spaces() {
        check(
            parse_quote!(
                fn post(from: String, at: u8) -> usize;
            ),
            "post(String,u8)->usize",
        );
        check(
            parse_quote!(
                fn r#type() -> Vec<&'static str>;
            ),
            "type()->Vec<&'static str>",
        );
        check(
            parse_quote!(
                fn hook(hook: Box<dyn Hook + Send>);
            ),
            "hook(Box<dyn Hook+Send>)->()",
        );
        check(
            parse_quote!(
                fn grid(cells: [[u8; 3]; N]) -> r#Type;
            ),
            "grid([[u8;3];N])->r#Type",
        );
    }

    #[test]
    fn a_comma_that_a_formatter_adds_makes_no_difference() {
        check(
            parse_quote!(
                fn put(map: HashMap<u8, Vec<u8>>);
            ),
            "put(HashMap<u8,Vec<u8>>)->()",
        );
        check(
            parse_quote!(
                fn put(pair: (u8, u16)) -> (u8,);
            ),
            "put((u8,u16))->(u8,)",
        );
        check(
            parse_quote!(
                fn put(f: fn(u8) -> Box<dyn Fn(u8)>);
            ),
            "put(fn(u8)->Box<dyn Fn(u8)>)->()",
        );
    }
}
