//! `#[derive(Wire)]`: the name of a type on other nodes.
//!
//! Doesn't look into the type: serde reads and writes it.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{DeriveInput, Error, LitStr, Path, Token, parse_quote};

use crate::expand::types::{Parameters, parameters_of, wire_names};
use crate::expand::{allow, manifest};
use crate::message::name;
use crate::parse::{Errors, generics, options};

/// The implementation of `Wire` for `item`.
///
/// # Errors
///
/// Options that are none, and types that borrow.
pub(crate) fn derive(item: TokenStream) -> syn::Result<TokenStream> {
    let input: DeriveInput = syn::parse2(item)?;
    let mut written = Written::default();
    let mut errors = Errors::default();
    for attr in input.attrs.iter().filter(|attr| attr.path().is_ident("wire")) {
        errors.keep(attr.parse_args_with(|options: ParseStream<'_>| written.parse(options)));
    }
    let borrowed = "what is sent to other nodes can't borrow: use owned types";
    errors.keep(generics::check_parameters(&input.generics, false, borrowed));
    errors.0.map_or_else(|| Ok(implementation(&input, written)), Err)
}

fn implementation(input: &DeriveInput, written: Written) -> TokenStream {
    let allow = allow();
    let root = written.root.unwrap_or_else(|| parse_quote!(::murmer));
    let mut bounded = input.generics.clone();
    for parameter in bounded.type_params_mut() {
        parameter.bounds.push(parse_quote!(#root::Wire));
    }
    let Parameters { declared, named, bounds } = parameters_of(&bounded, true);
    let (ident, name) = (&input.ident, name(&root, written.name.as_ref(), &input.ident));
    let names = wire_names(&root, &input.generics);
    let listed = manifest::named(&root, &name, false);
    quote! {
        #allow
        impl #declared #root::Wire for #ident #named #bounds {
            const NAME: #root::WireName = #root::WireName::new(#name).with(&[#(#names),*]);
        }

        #listed
    }
}

#[derive(Default)]
struct Written {
    root: Option<Path>,
    name: Option<LitStr>,
}

impl Written {
    fn parse(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        while !input.is_empty() {
            let option = input.call(Ident::parse_any)?;
            match option.to_string().as_str() {
                "name" => options::set(&mut self.name, &option, options::name(&option, input)?)?,
                "crate" => options::set(&mut self.root, &option, options::root(&option, input)?)?,
                unknown => {
                    let message =
                        format!("unknown option `{unknown}`: there are `name = \"…\"` and `crate = path`");
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
