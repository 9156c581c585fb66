//! The rules for every crate: it is in the picture, imports what the picture allows, takes the
//! workspace's lints and re-exports nothing of another layer.

use super::{Layer, Member, PICTURE, Workspace};
use crate::Finding;
use crate::source::Source;

pub(super) fn check_root(workspace: &Workspace, found: &mut Vec<Finding>) {
    if !says(&workspace.manifest, "workspace.lints.rust", "unsafe_code", "\"forbid\"") {
        let instead = "say `unsafe_code = \"forbid\"` under [workspace.lints.rust]";
        found.push(Finding::new("Cargo.toml", 1, "unsafe code is not forbidden", instead));
    }
    for layer in PICTURE {
        if !workspace.members.iter().any(|member| member.name == layer.name) {
            let what = format!("{} is in the picture, but not in the workspace", layer.name);
            found.push(Finding::new("Cargo.toml", 1, what, "take it out of the picture, or bring it back"));
        }
    }
}

pub(super) fn check_member(member: &Member, found: &mut Vec<Finding>) {
    let manifest = &member.manifest;
    match member.layer() {
        Some(layer) => check_layer(member, layer, found),
        None => {
            let what = format!("{} is not in the picture", member.name);
            let instead = "decide where it belongs, in docs/ARCHITECTURE.md and in xtask's PICTURE";
            found.push(Finding::new(&manifest.path, 1, what, instead));
        }
    }
    let inherits = says(&manifest.text, "lints", "workspace", "true")
        || says(&manifest.text, "", "lints.workspace", "true");
    if !inherits {
        let instead = "add `[lints]` with `workspace = true`, which also forbids unsafe code";
        found.push(Finding::new(&manifest.path, 1, "the workspace's lints are not taken over", instead));
    }
    if member.name != FACADE {
        check_reexports(member, found);
    }
}

fn check_layer(member: &Member, layer: &Layer, found: &mut Vec<Finding>) {
    let path = &member.manifest.path;
    if member.kind.as_deref() != Some(layer.kind.name()) {
        let kind = member.kind.as_deref().unwrap_or("nothing");
        let what = format!("{} calls itself {kind}", member.name);
        let instead = format!("say `kind = \"{}\"` under [package.metadata.murmer]", layer.kind.name());
        found.push(Finding::new(path, member.manifest_line("kind"), what, instead));
    }
    for import in member.imports.iter().filter(|import| is_ours(import)) {
        if layer.imports.contains(&import.as_str()) {
            continue;
        }
        let what = format!("{} imports {import}", member.name);
        let instead = match layer.imports {
            [] => "it may import no crate of this workspace".to_owned(),
            allowed => format!("it may import only {}", allowed.join(", ")),
        };
        found.push(Finding::new(path, member.manifest_line(import), what, instead));
    }
}

fn check_reexports(member: &Member, found: &mut Vec<Finding>) {
    for file in member.sources.iter().filter(|file| file.path != FOR_GENERATED_CODE) {
        let source = Source::new(file);
        let tokens = source.tokens();
        for (at, token) in tokens.iter().enumerate().filter(|(_, token)| token.text == "pub") {
            let mut path =
                tokens[at + 1..].iter().map(|token| token.text).skip_while(|text| *text == "extern");
            let is_use = matches!(path.next(), Some("use" | "crate"));
            let first = path.find(|text| *text != ":" && *text != "{");
            let is_layer = first.is_some_and(|first| first == FACADE || first.starts_with("murmer_"));
            if is_use && is_layer {
                let what = format!("{} re-exports another layer", member.name);
                let instead = "let the reader import it from where it lives; only murmer re-exports";
                found.push(Finding::new(&file.path, token.line, what, instead));
            }
        }
    }
}

fn is_ours(package: &str) -> bool {
    package == FACADE || package.starts_with("murmer-") || package == "xtask"
}

/// True if `manifest` has `key = value` in the table `[table]`.
fn says(manifest: &str, table: &str, key: &str, value: &str) -> bool {
    let mut current = "";
    manifest.lines().map(|line| line.split('#').next().unwrap_or(line).trim()).any(|line| {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            current = name.trim();
        }
        let pair = line.split_once('=').map(|(key, value)| (key.trim(), value.trim()));
        current == table && pair == Some((key, value))
    })
}

/// The crate that shows all others to users.
const FACADE: &str = "murmer";

/// Hidden, and named only by code that `#[handlers]` writes, which can name one crate only: see
/// docs/decisions/0001-re-exports.md.
const FOR_GENERATED_CODE: &str = "crates/murmer-core/src/private.rs";
