//! The files that belong to the repository: those git tracks or would add.
//!
//! Without git (a source archive in a bare container) it is every file outside of `target`, `vendor` and `.git`.

use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

/// A file of the repository.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct File {
    /// Relative to the repository's root, with `/` between its parts.
    pub path: String,
    /// What is in it; empty if that isn't text.
    pub text: String,
}

impl File {
    /// A file at `path` that holds `text`.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into() }
    }
}

/// Reads all files of the repository at `root`, ordered by path.
///
/// # Errors
///
/// When a directory or a file cannot be read.
pub fn read_tree(root: &Path) -> io::Result<Vec<File>> {
    let mut paths = match tracked(root) {
        Some(paths) => paths,
        None => {
            let mut paths = Vec::new();
            walk(root, "", &mut paths)?;
            paths
        }
    };
    paths.sort();
    // Git names what is being merged more than once, and also what was deleted but not staged.
    paths.dedup();
    paths.retain(|path| root.join(path).is_file());
    paths
        .into_iter()
        .map(|path| {
            let text = String::from_utf8(fs::read(root.join(&path))?).unwrap_or_default();
            Ok(File { path, text })
        })
        .collect()
}

fn tracked(root: &Path) -> Option<Vec<String>> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let names = String::from_utf8(output.stdout).ok()?;
    // Empty, too, where this is a directory that another repository ignores.
    (output.status.success() && !names.is_empty())
        .then(|| names.split('\0').filter(|name| !name.is_empty()).map(String::from).collect())
}

fn walk(root: &Path, folder: &str, paths: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
        if !entry.file_type()?.is_dir() {
            paths.push(path);
        } else if ![".git", "target", "vendor"].contains(&name.as_str()) {
            walk(root, &path, paths)?;
        }
    }
    Ok(())
}
