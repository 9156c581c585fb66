//! A folder with what each node logged, for whoever wants to know why.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::script::Node;

#[derive(Debug, Clone)]
pub(super) struct Logs {
    folder: PathBuf,
}

impl Logs {
    /// Begins anew in `folder`.
    pub(super) fn begin(folder: &Path) -> Result<Self> {
        if folder.exists() {
            fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
        }
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(Self { folder: folder.to_owned() })
    }

    /// The file for all processes that are this node, one after the other.
    pub(super) fn of(&self, node: Node) -> PathBuf {
        self.folder.join(format!("{node}.log"))
    }

    /// The first log in which a panic is told, if there is any.
    pub(super) fn panicked(&self) -> Option<PathBuf> {
        let logs = Node::ALL.map(|node| self.of(node));
        logs.into_iter().find(|log| fs::read(log).is_ok_and(|log| has_panic(&log)))
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }
}

fn has_panic(log: &[u8]) -> bool {
    String::from_utf8_lossy(log).contains("panicked at")
}
