//! Whether the crates still form the picture that docs/ARCHITECTURE.md draws.
//!
//! [`PICTURE`] *is* that picture. Everything else here compares it with what cargo says about the
//! workspace: who imports whom, and that the crates that decide reach nothing that does.

mod purity;
mod rules;
mod workspace;

use crate::{File, Finding};

pub use workspace::{parse_members, parse_tree, read};

/// What a crate is, as `[package.metadata.murmer] kind` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Decides: no std, no runtime, no clock, no logging.
    Pure,
    /// Does: owns tasks, sockets and clocks.
    Shell,
    /// Serves the repository; nobody imports it.
    Tool,
    /// What users would write.
    Examples,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Pure => "pure",
            Self::Shell => "shell",
            Self::Tool => "tool",
            Self::Examples => "examples",
        }
    }
}

/// One line of the picture.
#[derive(Debug)]
pub struct Layer {
    /// The crate.
    pub name: &'static str,
    /// What it must be.
    pub kind: Kind,
    /// Which crates of this workspace it may import.
    pub imports: &'static [&'static str],
}

/// Who may import whom: the picture of "Crates, and who may import whom" in docs/ARCHITECTURE.md.
pub const PICTURE: &[Layer] = &[
    Layer {
        name: "murmer",
        kind: Kind::Shell,
        imports: &[
            "murmer-node",
            "murmer-membership",
            "murmer-registry",
            "murmer-core",
            "murmer-transport",
            "murmer-macros",
            "murmer-wire",
        ],
    },
    Layer {
        name: "murmer-node",
        kind: Kind::Pure,
        imports: &["murmer-membership", "murmer-registry", "murmer-wire"],
    },
    Layer { name: "murmer-membership", kind: Kind::Pure, imports: &["murmer-wire"] },
    Layer { name: "murmer-registry", kind: Kind::Pure, imports: &["murmer-wire"] },
    Layer { name: "murmer-core", kind: Kind::Shell, imports: &["murmer-wire"] },
    Layer { name: "murmer-transport", kind: Kind::Shell, imports: &[] },
    Layer { name: "murmer-macros", kind: Kind::Shell, imports: &[] },
    Layer { name: "murmer-wire", kind: Kind::Pure, imports: &[] },
    Layer {
        name: "murmer-sim",
        kind: Kind::Tool,
        imports: &["murmer-node", "murmer-membership", "murmer-registry", "murmer-wire"],
    },
    Layer {
        name: "murmer-fuzz",
        kind: Kind::Tool,
        imports: &["murmer-node", "murmer-registry", "murmer-wire"],
    },
    Layer { name: "murmer-examples", kind: Kind::Examples, imports: &["murmer"] },
    Layer { name: "xtask", kind: Kind::Tool, imports: &[] },
];

/// The workspace as the rules see it.
#[derive(Debug, Clone, Default)]
pub struct Workspace {
    /// The text of the root's Cargo.toml.
    pub manifest: String,
    /// All members.
    pub members: Vec<Member>,
}

/// One crate of the workspace.
#[derive(Debug, Clone, Default)]
pub struct Member {
    /// Its package's name.
    pub name: String,
    /// `[package.metadata.murmer] kind`, if there is one.
    pub kind: Option<String>,
    /// Where its Cargo.toml is, relative to the repository's root, and what it says.
    pub manifest: File,
    /// The names of its normal dependencies, as their packages are called.
    pub imports: Vec<String>,
    /// All packages its library is built with; only read for pure crates.
    pub built_with: Vec<Package>,
    /// All packages its tests are built with; only read for pure crates.
    pub tested_with: Vec<Package>,
    /// Its Rust files below `src`.
    pub sources: Vec<File>,
}

/// A package in a dependency tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// The features that are on.
    pub features: Vec<String>,
}

/// Compares the workspace with the picture. What is found is ordered by place.
pub fn check(workspace: &Workspace) -> Vec<Finding> {
    let mut found = Vec::new();
    rules::check_root(workspace, &mut found);
    for member in &workspace.members {
        rules::check_member(member, &mut found);
        if member.layer().is_some_and(|layer| layer.kind == Kind::Pure) {
            purity::check(member, &mut found);
        }
    }
    found.sort();
    found
}

impl Member {
    fn layer(&self) -> Option<&'static Layer> {
        PICTURE.iter().find(|layer| layer.name == self.name)
    }

    /// The line of the manifest that begins with `key`, or else the first.
    fn manifest_line(&self, key: &str) -> usize {
        let is_key = |line: &str| {
            line.trim().strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with(['.', '=']))
        };
        self.manifest.text.lines().position(is_key).map_or(1, |at| at + 1)
    }
}
