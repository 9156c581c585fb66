//! `cargo +nightly fuzz run frame`. Knows nothing but which target that is.

#![no_main]

use murmer_fuzz::Target;

libfuzzer_sys::fuzz_target!(|data: &[u8]| (Target::FRAME.body)(data));
