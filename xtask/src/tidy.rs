//! Whether the repository's files keep to the rules of its style that a program can check.
//!
//! Doesn't know about formatting or about what a line means: rustfmt and clippy do.

mod code;
mod documents;
mod examples;
mod shape;

use std::collections::BTreeMap;

use crate::source::Source;
use crate::{File, Finding};

/// Checks all `files` of the repository against all rules. What is found is ordered by place.
pub fn check(files: &[File]) -> Vec<Finding> {
    let mut found = documents::check(&Documents::new(files));
    let shown = examples::Shown::new(files);
    for file in files {
        shape::check_text(file, &mut found);
        if file.path.ends_with(".rs") {
            let source = Source::new(file);
            let tokens = source.tokens();
            let test_lines = source.test_lines(&tokens);
            shape::check(file, &tokens, &test_lines, &mut found);
            code::check(&file.path, &source, &tokens, &test_lines, &mut found);
            if shown.contains(&file.path) {
                examples::check(&file.path, &source, &tokens, &test_lines, &mut found);
            }
        }
    }
    found.sort();
    found
}

/// All files by path, as links look them up.
struct Documents<'f> {
    by_path: BTreeMap<&'f str, &'f str>,
}

impl<'f> Documents<'f> {
    fn new(files: &'f [File]) -> Self {
        Self { by_path: files.iter().map(|file| (file.path.as_str(), file.text.as_str())).collect() }
    }

    fn text(&self, path: &str) -> Option<&'f str> {
        self.by_path.get(path).copied()
    }

    /// True for files, and for folders with a file in them.
    fn exists(&self, path: &str) -> bool {
        let folder = format!("{path}/");
        path.is_empty()
            || self.by_path.contains_key(path)
            || self.by_path.range(folder.as_str()..).next().is_some_and(|(path, _)| path.starts_with(&folder))
    }

    fn paths(&self) -> impl Iterator<Item = &'f str> {
        self.by_path.keys().copied()
    }
}
