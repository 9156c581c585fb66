//! The shop as it was, with stars in a byte. Knows nothing of the other build.

#[macro_use]
#[path = "shop.rs"]
mod shop;

shop!(u8);
