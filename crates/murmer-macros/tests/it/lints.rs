//! Code under strict lints stays clean: nothing generated trips them.

#![deny(warnings, missing_docs, unused_qualifications, elided_lifetimes_in_paths)]
#![deny(clippy::all, clippy::pedantic, clippy::nursery, clippy::unwrap_used)]
#![deny(single_use_lifetimes, unused_lifetimes, trivial_casts, unused_results, missing_debug_implementations)]
#![deny(let_underscore_drop, missing_copy_implementations, variant_size_differences, unit_bindings)]
// What these find is in the handlers as written, and right.
#![allow(
    unreachable_pub,
    clippy::unused_self,
    clippy::needless_pass_by_ref_mut,
    clippy::missing_const_for_fn
)]

use murmer_core::{Actor, ActorContext};
use murmer_macros::handlers;

/// An actor in the open.
#[derive(Debug, Clone, Copy)]
pub struct Open;

impl Actor for Open {
    type State = u64;
}

#[handlers(crate = murmer_core)]
impl Open {
    #[handler]
    fn add(&mut self, ctx: &ActorContext<Self>, state: &mut u64, number: u64, twice: bool) -> u64 {
        *state += if twice { 2 * number } else { number };
        ctx.stop();
        *state
    }

    #[handler]
    #[allow(non_snake_case, clippy::too_many_arguments, clippy::many_single_char_names)]
    fn long(&mut self, a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, inCamelCase: u8) -> [u8; 8] {
        [a, b, c, d, e, f, g, inCamelCase]
    }

    #[handler]
    async fn read(&self, state: &mut u64) -> u64 {
        std::future::ready(()).await;
        *state
    }
}

#[test]
fn strict_lints_find_nothing_in_what_is_generated() {
    // That this file compiles is the test.
    let request = |endpoint: &murmer_core::Endpoint<Open>| endpoint.add(1, true).tell();
    let _ = request;
}
