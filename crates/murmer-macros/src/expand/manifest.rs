//! The lines in the tables of all types that are linked into the process and have a name on other nodes.
//!
//! Doesn't know who reads them.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Path;

use super::{allow, types};
use crate::model::Actor;

/// The actor's.
pub(super) fn expand(actor: &Actor) -> TokenStream {
    let (root, ty) = (&actor.options.root, &actor.ty);
    // A table has no room for a type of every parameter.
    if actor.is_generic() {
        return named(root, &types::base_name(actor), true);
    }
    let allow = allow();
    quote! {
        #allow
        const _: () = {
            #[#root::__private::linkme::distributed_slice(#root::__private::ACTOR_TYPES)]
            #[linkme(crate = #root::__private::linkme)]
            static __ACTOR_TYPE: #root::__private::ActorTypeInfo = #root::__private::ActorTypeInfo {
                name: <#ty as #root::Handlers>::TYPE,
                messages: <#ty as #root::Handlers>::MESSAGES,
                type_name: ::core::any::type_name::<#ty>,
                file: ::core::file!(),
                line: ::core::line!(),
            };
        };
    }
}

/// That of a type by whose `name`, an expression, actor types are named.
pub(crate) fn named(root: &Path, name: &TokenStream, is_actor: bool) -> TokenStream {
    let allow = allow();
    quote! {
        #allow
        const _: () = {
            #[#root::__private::linkme::distributed_slice(#root::__private::NAMED_TYPES)]
            #[linkme(crate = #root::__private::linkme)]
            static __NAMED_TYPE: #root::__private::NamedTypeInfo = #root::__private::NamedTypeInfo {
                name: #name,
                is_actor: #is_actor,
                module: ::core::module_path!(),
                file: ::core::file!(),
                line: ::core::line!(),
            };
        };
    }
}
