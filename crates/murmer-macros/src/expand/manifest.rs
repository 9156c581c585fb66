//! The actor's line in the table of all actors that are linked into the process.
//!
//! Doesn't know who reads it.

use proc_macro2::TokenStream;
use quote::quote;

use super::allow;
use crate::model::Actor;

pub(super) fn expand(actor: &Actor) -> TokenStream {
    let allow = allow();
    let (root, ty) = (&actor.options.root, &actor.ty);
    quote! {
        #allow
        const _: () = {
            #[#root::__private::linkme::distributed_slice(#root::__private::ACTOR_TYPES)]
            #[linkme(crate = #root::__private::linkme)]
            static __ACTOR_TYPE: #root::__private::ActorTypeInfo = #root::__private::ActorTypeInfo {
                name: <#ty as #root::Handlers>::TYPE,
                messages: <#ty as #root::Handlers>::MESSAGES,
            };
        };
    }
}
