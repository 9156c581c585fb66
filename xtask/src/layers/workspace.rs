//! The workspace as cargo tells it: `cargo metadata` for members, `cargo tree` for what they reach.
//!
//! `cargo metadata` also resolves, but for all members and their tests at once; there, a feature that
//! one crate's tests turn on looks as if all had it. `cargo tree --package` resolves for one.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::{Kind, Member, Package, Workspace};
use crate::File;

/// Reads the workspace at `root`, whose files are `files`.
///
/// # Errors
///
/// When cargo cannot be run, refuses the workspace, or says something that isn't understood.
pub fn read(root: &Path, files: &[File]) -> Result<Workspace> {
    let metadata = cargo(root, &["metadata", "--format-version", "1", "--no-deps", "--locked"])?;
    let mut members = parse_members(&metadata, root)?;
    for member in &mut members {
        fill(member, files);
        if member.layer().is_some_and(|layer| layer.kind == Kind::Pure) {
            member.built_with = tree(root, &member.name, "normal,no-proc-macro")?;
            member.tested_with = tree(root, &member.name, "normal,dev")?;
        }
    }
    let manifest = files.iter().find(|file| file.path == "Cargo.toml");
    Ok(Workspace { manifest: manifest.map(|file| file.text.clone()).unwrap_or_default(), members })
}

/// The members in the answer of `cargo metadata --no-deps`, without texts and trees.
///
/// # Errors
///
/// When it isn't JSON, or lacks what every answer has.
pub fn parse_members(metadata: &str, root: &Path) -> Result<Vec<Member>> {
    let metadata: Value = serde_json::from_str(metadata).context("cargo metadata is not JSON")?;
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    packages.iter().map(|package| parse_member(package, root)).collect()
}

/// The packages in the answer of `cargo tree --prefix none --format "{p}|{f}"`, without its root.
pub fn parse_tree(tree: &str) -> Vec<Package> {
    let mut packages = Vec::new();
    for line in tree.lines().skip(1) {
        let (package, features) = line.split_once('|').unwrap_or((line, ""));
        let Some(name) = package.split_whitespace().next() else { continue };
        // "(*)" stands behind what was listed in full before.
        let features = features.trim_end_matches("(*)").trim();
        let features = features.split(',').filter(|feature| !feature.is_empty()).map(String::from).collect();
        let package = Package { name: name.into(), features };
        if !packages.contains(&package) {
            packages.push(package);
        }
    }
    packages
}

fn parse_member(package: &Value, root: &Path) -> Result<Member> {
    let name = package["name"].as_str().context("a package without a name")?;
    let manifest = package["manifest_path"].as_str().context("a package without a manifest")?;
    let path = Path::new(manifest).strip_prefix(root).unwrap_or(Path::new(manifest));
    let dependencies = package["dependencies"].as_array().context("a package without dependencies")?;
    Ok(Member {
        name: name.into(),
        kind: package["metadata"]["murmer"]["kind"].as_str().map(String::from),
        manifest: File::new(path.to_string_lossy().replace('\\', "/"), ""),
        imports: dependencies
            .iter()
            // The kind of a normal dependency is null; the others are "dev" and "build".
            .filter(|dependency| dependency["kind"].is_null())
            .filter_map(|dependency| dependency["name"].as_str().map(String::from))
            .collect(),
        ..Member::default()
    })
}

fn fill(member: &mut Member, files: &[File]) {
    let sources = member.manifest.path.replace("Cargo.toml", "src/");
    for file in files {
        if file.path == member.manifest.path {
            member.manifest = file.clone();
        } else if file.path.starts_with(&sources) && file.path.ends_with(".rs") {
            member.sources.push(file.clone());
        }
    }
}

fn tree(root: &Path, package: &str, edges: &str) -> Result<Vec<Package>> {
    let shape = ["--prefix", "none", "--format", "{p}|{f}", "--locked"];
    let what = ["tree", "--package", package, "--edges", edges];
    Ok(parse_tree(&cargo(root, &[&what[..], &shape].concat())?))
}

fn cargo(root: &Path, args: &[&str]) -> Result<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(args)
        .current_dir(root)
        .stderr(Stdio::inherit())
        .output()
        .context("cargo cannot be run")?;
    if !output.status.success() {
        bail!("`cargo {}` failed: {}", args.join(" "), output.status);
    }
    String::from_utf8(output.stdout).context("cargo's answer is not text")
}
