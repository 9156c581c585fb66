//! What stands in the parentheses of `#[handlers(…)]`.
//!
//! Doesn't know what it is used for.

use proc_macro2::TokenStream;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Error, Ident, LitStr, Path, Token, parse_quote};

use crate::model::Options;

pub(super) fn parse(tokens: TokenStream) -> syn::Result<Options> {
    let written = Parser::parse2(written, tokens)?;
    Ok(Options {
        root: written.root.unwrap_or_else(|| parse_quote!(::murmer)),
        name: written.name,
        local: written.local.is_some(),
        clone: written.clone.is_some(),
    })
}

#[derive(Default)]
struct Written {
    root: Option<Path>,
    name: Option<LitStr>,
    local: Option<()>,
    clone: Option<()>,
}

fn written(input: ParseStream<'_>) -> syn::Result<Written> {
    let mut options = Written::default();
    while !input.is_empty() {
        let option = input.call(Ident::parse_any)?;
        match option.to_string().as_str() {
            "local" => set(&mut options.local, &option, ())?,
            "clone" => set(&mut options.clone, &option, ())?,
            "name" => set(&mut options.name, &option, name(&option, input)?)?,
            "crate" => set(&mut options.root, &option, root(&option, input)?)?,
            unknown => {
                let message = format!(
                    "unknown option `{unknown}`: there are `local`, `clone`, `name = \"…\"` and `crate = path`"
                );
                return Err(Error::new(option.span(), message));
            }
        }
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(options)
}

pub(crate) fn set<T>(slot: &mut Option<T>, option: &Ident, value: T) -> syn::Result<()> {
    if slot.replace(value).is_some() {
        return Err(Error::new(option.span(), format!("`{option}` is given twice: leave one of them out")));
    }
    Ok(())
}

pub(crate) fn name(option: &Ident, input: ParseStream<'_>) -> syn::Result<LitStr> {
    let hint = "a name is a string: `name = \"chat::Room\"`";
    value(option, input, hint)?;
    let name: LitStr = input.parse().map_err(|error| Error::new(error.span(), hint))?;
    let text = name.value();
    if text.is_empty() || text.len() > NAME_BYTES_MAX {
        let message = format!("a name must have 1 to {NAME_BYTES_MAX} bytes, not {}", text.len());
        return Err(Error::new(name.span(), message));
    }
    if let Some(found) = text.chars().find(|c| c.is_control()) {
        let message = format!("a name must not contain {found:?}: control characters are not allowed");
        return Err(Error::new(name.span(), message));
    }
    Ok(name)
}

pub(crate) fn root(option: &Ident, input: ParseStream<'_>) -> syn::Result<Path> {
    let hint = "where murmer is, as a path without quotes: `crate = murmer_core`";
    value(option, input, hint)?;
    Path::parse_mod_style(input).map_err(|error| Error::new(error.span(), hint))
}

pub(crate) fn value(option: &Ident, input: ParseStream<'_>, hint: &str) -> syn::Result<()> {
    if input.peek(Token![=]) {
        input.parse::<Token![=]>()?;
        return Ok(());
    }
    Err(Error::new(option.span(), format!("`{option}` needs a value: {hint}")))
}

/// The longest name of an actor's type, in bytes; the wire allows no more.
const NAME_BYTES_MAX: usize = 255;
