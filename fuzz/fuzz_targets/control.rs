//! `cargo +nightly fuzz run control`. Knows nothing but which target that is.

#![no_main]

use murmer_fuzz::Target;

libfuzzer_sys::fuzz_target!(|data: &[u8]| (Target::CONTROL.body)(data));
