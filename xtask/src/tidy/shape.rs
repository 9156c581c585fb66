//! How files are cut: their length, their header, their functions, their white space.

use crate::source::{TestLines, Token, functions};
use crate::{File, Finding};

/// Rules for all files that are text written by hand.
pub(super) fn check_text(file: &File, found: &mut Vec<Finding>) {
    // Compilers' output that tests compare with, and files that programs write.
    if file.path.starts_with("fuzz/seeds/")
        || [".stderr", ".stdout", ".lock", ".patch", ".proptest-regressions"]
            .iter()
            .any(|end| file.path.ends_with(end))
    {
        return;
    }
    for (at, line) in file.text.lines().enumerate() {
        if line.ends_with([' ', '\t', '\r']) {
            found.push(Finding::new(&file.path, at + 1, "white space at the end of the line", "remove it"));
        }
    }
}

/// Rules for Rust files.
pub(super) fn check(file: &File, tokens: &[Token<'_>], test_lines: &TestLines, found: &mut Vec<Finding>) {
    let path = &file.path;
    let name = path.rsplit('/').next().unwrap_or(path);
    if name == "mod.rs" {
        found.push(Finding::new(path, 1, "a mod.rs", "name the file after its module, beside the folder"));
    }
    let needs_header = name != "build.rs" && !path.contains("/tests/ui/");
    if needs_header && !file.text.starts_with("//!") {
        let instead = "begin with a //! header that says what it knows and what it doesn't";
        found.push(Finding::new(path, 1, "no header", instead));
    }
    let lines = file.text.lines().count();
    if lines > FILE_LINES_MAX {
        let what = format!("{lines} lines, more than {FILE_LINES_MAX}");
        found.push(Finding::new(path, FILE_LINES_MAX + 1, what, "move a type into its own file"));
    }
    for function in functions(tokens) {
        let start = *function.lines.start();
        let max = if test_lines.contain(start) { TEST_FUNCTION_LINES_MAX } else { FUNCTION_LINES_MAX };
        let lines = function.lines.count();
        if lines > max {
            let what = format!("fn {} has {lines} lines, more than {max}", function.name);
            found.push(Finding::new(path, start, what, "give its parts names of their own"));
        }
    }
}

const FILE_LINES_MAX: usize = 500;
const FUNCTION_LINES_MAX: usize = 70;
/// A test tells a story, and a story has a beginning and an end.
const TEST_FUNCTION_LINES_MAX: usize = 120;
