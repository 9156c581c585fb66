//! A folder with all crates of the lock file, so that a container can build without a network.
//!
//! Those that the program is not made of are there in name only, since cargo looks at them all.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::engine::run;

/// The folder `vendor`, which the Dockerfile uses where it is.
#[derive(Debug)]
pub struct Vendor {
    folder: PathBuf,
}

impl Vendor {
    /// Whether `root` has it already.
    pub fn is_in(root: &Path) -> bool {
        root.join(FOLDER).exists()
    }

    /// Makes it anew below `root`.
    ///
    /// # Errors
    ///
    /// When cargo fails, or the folder can't be written.
    pub fn make(root: &Path) -> Result<Self> {
        let vendor = Self { folder: root.join(FOLDER) };
        vendor.remove()?;
        let mut cargo = Command::new("cargo");
        cargo.args(["vendor", "--locked", "--quiet", "--versioned-dirs", FOLDER]).current_dir(root);
        run(&mut cargo)?;
        let needed = needed(root)?;
        for entry in fs::read_dir(&vendor.folder)? {
            let folder = entry?.path();
            let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if !needed.contains(&name) {
                stub(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
            }
        }
        fs::write(vendor.folder.join("config.toml"), CONFIG)?;
        Ok(vendor)
    }

    /// Removes it.
    ///
    /// # Errors
    ///
    /// When it can't be.
    pub fn remove(&self) -> Result<()> {
        if self.folder.exists() {
            fs::remove_dir_all(&self.folder)
                .with_context(|| format!("cannot remove {}", self.folder.display()))?;
        }
        Ok(())
    }
}

/// The crates that the program is built from here, as `name-version`.
fn needed(root: &Path) -> Result<BTreeSet<String>> {
    let mut tree = Command::new("cargo");
    tree.args(["tree", "--locked", "--package", "murmer-examples", "--edges", "normal,build"]);
    tree.args(["--prefix", "none", "--format", "{p}"]).current_dir(root);
    let lines = run(&mut tree)?;
    let crates = lines.lines().filter_map(|line| {
        let mut words = line.split(' ');
        Some(format!("{}-{}", words.next()?, words.next()?.strip_prefix('v')?))
    });
    Ok(crates.collect())
}

/// Leaves of the crate in `folder` what cargo has to read to know that it exists.
///
/// # Errors
///
/// When it can't be read or written.
pub fn stub(folder: &Path) -> Result<()> {
    let manifest = fs::read_to_string(folder.join("Cargo.toml"))?;
    let checksum = fs::read_to_string(folder.join(CHECKSUM))?;
    let mut checksum: serde_json::Value = serde_json::from_str(&checksum)?;
    fs::remove_dir_all(folder)?;
    fs::create_dir_all(folder.join("src"))?;
    let mut is_kept = true;
    let kept = manifest.lines().filter(|line| {
        if line.starts_with('[') {
            is_kept = !FILES_OF_ITS_OWN.contains(&line.trim());
        }
        is_kept
    });
    let kept: Vec<_> = kept.collect();
    fs::write(folder.join("Cargo.toml"), kept.join("\n") + EMPTY_LIB)?;
    fs::write(folder.join("src/lib.rs"), "")?;
    checksum["files"] = serde_json::json!({});
    Ok(fs::write(folder.join(CHECKSUM), checksum.to_string())?)
}

const FOLDER: &str = "vendor";
/// The path is relative to the folder that the file's folder is in.
const CONFIG: &str = "\
[source.crates-io]
replace-with = \"vendored\"

[source.vendored]
directory = \"vendor\"
";
const EMPTY_LIB: &str = "\n[lib]\npath = \"src/lib.rs\"\n";
const CHECKSUM: &str = ".cargo-checksum.json";
/// Sections of a manifest that name files.
const FILES_OF_ITS_OWN: [&str; 5] = ["[lib]", "[[bin]]", "[[example]]", "[[test]]", "[[bench]]"];
