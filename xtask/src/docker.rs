//! Container images made of this machine's own toolchain: no registry, no base image.
//!
//! Doesn't know what is in the program, nor what is done to its containers; [`scenario`](crate::scenario) does.

mod builder;
mod compose;
mod engine;
mod image;
mod tasks;
mod toolchain;
mod vendor;

pub use self::builder::builder;
pub use self::compose::{Compose, project};
pub use self::engine::{Engine, EngineError};
pub use self::image::{Image, image, last_stage};
pub use self::tasks::{make_builder, make_image};
pub use self::vendor::{Vendor, stub};
