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

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use murmer_core::{Actor, ActorContext, ReplyTo};
use murmer_macros::{Message, handlers};

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

/// A message of its own.
#[derive(Debug, Clone, Copy, Message)]
#[message(local, reply = T, crate = murmer_core)]
pub struct Swap<T: Send + 'static>(pub T);

#[derive(Debug, Clone, Copy, Message)]
#[message(local, crate = murmer_core)]
struct Hidden;

/// One that holds any of them.
#[derive(Debug, Clone, Copy)]
pub struct Holder<T, const N: usize>(pub T);

impl<T: Send + Sync + Unpin + 'static, const N: usize> Actor for Holder<T, N> {
    type State = Vec<ReplyTo<T>>;
}

#[handlers(crate = murmer_core, local)]
impl<T: Send + Sync + Unpin + 'static, const N: usize> Holder<T, N> {
    #[handler(message)]
    fn swap(&mut self, swap: Swap<T>) -> T {
        std::mem::replace(&mut self.0, swap.0)
    }

    #[handler(message)]
    async fn hidden(&self, _: Hidden) {
        std::future::ready(()).await;
    }

    #[handler]
    fn later(&self, state: &mut Vec<ReplyTo<T>>, reply: ReplyTo<T>, with: [u8; N]) {
        assert!(with.len() == N);
        state.push(reply);
    }

    #[handler]
    fn pieces(&self, piece: T) -> impl Stream<Item = T> {
        Once(Some(piece))
    }
}

struct Once<T>(Option<T>);

impl<T: Unpin> Stream for Once<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<T>> {
        Poll::Ready(self.0.take())
    }
}

#[test]
fn strict_lints_find_nothing_in_what_is_generated() {
    // That this file compiles is the test.
    let request = |endpoint: &murmer_core::Endpoint<Open>| endpoint.add(1, true).tell();
    let _ = request;
}
