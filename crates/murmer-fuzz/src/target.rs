//! The targets by name.

use crate::{actor_header, bounded_postcard, control, frame, registry};

/// One target.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// What `cargo fuzz run` calls it.
    pub name: &'static str,
    /// Panics if something does not hold for these bytes.
    pub body: fn(&[u8]),
}

impl Target {
    /// Frames, cut anyhow.
    pub const FRAME: Self = Self { name: "frame", body: frame::body };
    /// What nodes say on the control stream and first on all others, and the handshake.
    pub const CONTROL: Self = Self { name: "control", body: control::body };
    /// What registries say.
    pub const REGISTRY: Self = Self { name: "registry", body: registry::body };
    /// Frames of a stream to one actor, and its two ends.
    pub const ACTOR_HEADER: Self = Self { name: "actor_header", body: actor_header::body };
    /// The bounded decoder beside plain postcard.
    pub const BOUNDED_POSTCARD: Self = Self { name: "bounded_postcard", body: bounded_postcard::body };
}

/// All of them.
pub const TARGETS: [Target; 5] =
    [Target::FRAME, Target::CONTROL, Target::REGISTRY, Target::ACTOR_HEADER, Target::BOUNDED_POSTCARD];
