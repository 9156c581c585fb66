//! `#[derive(Message)]`: a type that is a message, whoever handles it.
//!
//! Doesn't know its handlers; see [`crate::parse`] for `#[handler(message)]`.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{DeriveInput, Error, LitStr, Path, Token, Type, parse_quote};

use crate::expand::messages::transfer;
use crate::expand::types::{Parameters, parameters_of, wire_names};
use crate::expand::{allow, checks};
use crate::parse::{Errors, generics, options, signature};

/// The implementation of `Message` for `item`.
///
/// # Errors
///
/// Options that are none, and types that can't be kept.
pub(crate) fn derive(item: TokenStream) -> syn::Result<TokenStream> {
    let input: DeriveInput = syn::parse2(item)?;
    let message = Message::parse(&input)?;
    let mut tokens = message.checks(&input);
    tokens.extend(message.implementation(&input));
    Ok(tokens)
}

struct Message {
    root: Path,
    reply: Type,
    name: Option<LitStr>,
    is_local: bool,
}

#[derive(Default)]
struct Written {
    root: Option<Path>,
    reply: Option<Type>,
    name: Option<LitStr>,
    local: Option<()>,
}

impl Message {
    fn parse(input: &DeriveInput) -> syn::Result<Self> {
        let mut written = Written::default();
        let mut errors = Errors::default();
        for attr in input.attrs.iter().filter(|attr| attr.path().is_ident("message")) {
            errors.keep(attr.parse_args_with(|options: ParseStream<'_>| written.parse(options)));
        }
        if let syn::Data::Union(union) = &input.data {
            let message = "a message is a struct or an enum: use one of these";
            errors.keep::<()>(Err(Error::new_spanned(union.union_token, message)));
        }
        let is_local = written.local.is_some();
        let borrowed = "a message can't borrow from its sender: use owned types";
        errors.keep(generics::check_parameters(&input.generics, is_local, borrowed));
        match errors.0 {
            Some(error) => Err(error),
            None => Ok(Self {
                root: written.root.unwrap_or_else(|| parse_quote!(::murmer)),
                reply: written.reply.unwrap_or_else(|| parse_quote!(())),
                name: written.name,
                is_local,
            }),
        }
    }

    fn checks(&self, input: &DeriveInput) -> TokenStream {
        if self.is_local {
            return TokenStream::new();
        }
        let Parameters { named, .. } = parameters_of(&input.generics, true);
        let ident = &input.ident;
        let message: Type = parse_quote!(#ident #named);
        let note =
            "derive both for it; or, if the message never leaves its process, write `#[message(local)]`";
        let types = [&message, &self.reply].into_iter();
        checks::sendable_types(&self.root, &input.generics, types, note)
    }

    fn implementation(&self, input: &DeriveInput) -> TokenStream {
        let allow = allow();
        let (root, reply, ident) = (&self.root, &self.reply, &input.ident);
        let Parameters { declared, named, bounds } = parameters_of(&input.generics, true);
        let name = ident.unraw().to_string();
        let (key, answer) = (self.key(input), format!("->{}", signature::normalise(reply)));
        let transfer = transfer(root, reply, !self.is_local);
        quote! {
            #allow
            impl #declared #root::Message for #ident #named #bounds {
                type Reply = #reply;

                const KEY: #root::__private::MessageKey = #root::__private::MessageKey::of(#key, #answer);
                const NAME: &'static ::core::primitive::str = #name;

                #transfer
            }
        }
    }

    /// What the message is called on all nodes, as an expression.
    fn key(&self, input: &DeriveInput) -> TokenStream {
        let root = &self.root;
        let name = name(root, self.name.as_ref(), &input.ident);
        if self.is_local || input.generics.params.is_empty() {
            return name;
        }
        let names = wire_names(root, &input.generics);
        quote!(#root::WireName::new(#name).with(&[#(#names),*]).as_str())
    }
}

/// `crate::Type`, or what was given instead, as an expression.
pub(crate) fn name(root: &Path, given: Option<&LitStr>, ident: &Ident) -> TokenStream {
    let written = ident.unraw().to_string();
    given.map_or_else(|| quote!(#root::__private::type_name!(#written)), ToTokens::to_token_stream)
}

impl Written {
    fn parse(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        while !input.is_empty() {
            let option = input.call(Ident::parse_any)?;
            match option.to_string().as_str() {
                "reply" => options::set(&mut self.reply, &option, reply(&option, input)?)?,
                "local" => options::set(&mut self.local, &option, ())?,
                "name" => options::set(&mut self.name, &option, options::name(&option, input)?)?,
                "crate" => options::set(&mut self.root, &option, options::root(&option, input)?)?,
                unknown => {
                    let message = format!(
                        "unknown option `{unknown}`: there are `reply = Type`, `local`, `name = \"…\"` and \
                         `crate = path`"
                    );
                    return Err(Error::new(option.span(), message));
                }
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(())
    }
}

fn reply(option: &Ident, input: ParseStream<'_>) -> syn::Result<Type> {
    let hint = "the type it is answered with, without quotes: `reply = u64`";
    options::value(option, input, hint)?;
    input.parse().map_err(|error| Error::new(error.span(), hint))
}
