//! Whatever the facade shows has an example: rustdoc runs it, so it stays true.
//!
//! Everything `pub` counts, since the compiler's `unreachable_pub` leaves no other in these crates. Doesn't know
//! whether an example is a good one.

use std::collections::BTreeSet;

use crate::source::{Source, TestLines, Token, public_items};
use crate::{File, Finding};

/// The files whose public items the facade shows.
pub(super) struct Shown<'f> {
    paths: BTreeSet<&'f str>,
}

impl<'f> Shown<'f> {
    pub(super) fn new(files: &'f [File]) -> Self {
        let sources: Vec<_> = files.iter().filter(|file| is_source(&file.path)).map(Parsed::new).collect();
        let reexported: Vec<_> = sources
            .iter()
            .filter(|file| file.path.starts_with(FACADE))
            .flat_map(|file| reexports(&file.source.tokens()))
            .collect();
        let hidden: Vec<_> = sources.iter().flat_map(hidden_modules).collect();
        let paths = sources.iter().filter(|file| {
            let is_hidden = hidden.iter().any(|module| {
                file.path.strip_prefix(module).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
            });
            !is_hidden
                && (WHOLE.iter().any(|crates| file.path.starts_with(crates)) || file.defines(&reexported))
        });
        Self { paths: paths.map(|file| file.path).collect() }
    }

    pub(super) fn contains(&self, path: &str) -> bool {
        self.paths.contains(path)
    }
}

pub(super) fn check(
    path: &str,
    source: &Source,
    tokens: &[Token<'_>],
    test_lines: &TestLines,
    found: &mut Vec<Finding>,
) {
    let comments: Vec<_> = source.comments().map(|(_, comment)| comment).collect();
    for item in public_items(tokens) {
        if item.kind == "mod" || item.is_hidden || test_lines.contain(item.line) {
            continue;
        }
        let above = (1..item.line).rev().filter(|line| !item.attribute_lines.contains(line));
        let docs = above.map(|line| comments[line - 1]).take_while(|comment| comment.starts_with("///"));
        let mut docs: Vec<_> = docs.collect();
        docs.reverse();
        if !has_example(&docs) {
            let what = format!("{} {} without an example", item.kind, item.name);
            let instead = "show in a few lines that run what it is for, under `# Examples`";
            found.push(Finding::new(path, item.line, what, instead));
        }
    }
}

/// A source file of a library.
struct Parsed<'f> {
    path: &'f str,
    source: Source,
}

impl<'f> Parsed<'f> {
    fn new(file: &'f File) -> Self {
        Self { path: &file.path, source: Source::new(file) }
    }

    /// True if one of `reexported`, each a crate's folder and a name, is defined here.
    fn defines(&self, reexported: &[(String, String)]) -> bool {
        let wanted: Vec<_> = reexported.iter().filter(|(folder, _)| self.path.starts_with(folder)).collect();
        // Those that a macro makes are not found by name; what stands beside them is.
        !wanted.is_empty()
            && public_items(&self.source.tokens()).iter().any(|item| {
                matches!(item.kind, "struct" | "enum" | "union" | "trait" | "type")
                    && wanted.iter().any(|(_, name)| name == item.name)
            })
    }
}

fn is_source(path: &str) -> bool {
    path.starts_with("crates/") && path.contains("/src/") && path.ends_with(".rs")
}

/// The names in `pub use murmer_wire::{…}`, with the folder of that crate's sources.
fn reexports(tokens: &[Token<'_>]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (at, window) in tokens.windows(3).enumerate() {
        if window[0].text == "pub" && window[1].text == "use" && window[2].text.starts_with("murmer_") {
            let folder = format!("crates/{}/src/", window[2].text.replace('_', "-"));
            let names = tokens[at + 3..].iter().take_while(|token| token.text != ";");
            found.extend(
                names.filter(|token| token.is_word()).map(|name| (folder.clone(), name.text.to_owned())),
            );
        }
    }
    found
}

/// Where the modules of a file lie that are `#[doc(hidden)]`, as paths without an ending.
fn hidden_modules(file: &Parsed<'_>) -> Vec<String> {
    let module = file.path.strip_suffix("/lib.rs").or_else(|| file.path.strip_suffix(".rs"));
    let folder = module.unwrap_or(file.path);
    let items = public_items(&file.source.tokens());
    let hidden = items.iter().filter(|item| item.kind == "mod" && item.is_hidden);
    hidden.map(|item| format!("{folder}/{}", item.name)).collect()
}

/// True if a documentation has a section of examples, and code in that which rustdoc runs.
fn has_example(docs: &[&str]) -> bool {
    let mut lines = docs.iter().map(|line| line.trim_start_matches('/').trim());
    let in_section = lines.by_ref().any(|line| line == "# Examples");
    let mut fences = lines.filter_map(|line| line.strip_prefix("```"));
    while let Some(opening) = fences.next() {
        if opening.is_empty() || opening == "no_run" {
            return in_section;
        }
        // What closes it says nothing.
        fences.next();
    }
    false
}

const FACADE: &str = "crates/murmer/src/";
/// Of these everything public is shown; of other crates what the facade names, and what stands beside it.
const WHOLE: [&str; 3] = [FACADE, "crates/murmer-core/src/", "crates/murmer-macros/src/lib.rs"];
