//! A Rust file taken apart as far as the rules need: code, comments, functions, public items, test regions.
//!
//! Works on tokens rather than on a syntax tree: it reads every file in a blink, without a parser to
//! build first, and also a file that doesn't compile yet.
//!
//! Doesn't know any rule.

mod item;
mod mask;
mod token;

use std::ops::RangeInclusive;

pub(crate) use self::item::public_items;
pub(crate) use self::token::Token;
use self::token::tokens;
use crate::File;

/// A function with a body.
pub(crate) struct Function<'s> {
    pub(crate) name: &'s str,
    pub(crate) lines: RangeInclusive<usize>,
}

/// An attribute: its tokens without `#`, `!` and the outer brackets.
pub(crate) struct Attribute<'s, 't> {
    pub(crate) line: usize,
    inner: bool,
    tokens: &'t [Token<'s>],
    /// The index of the token behind it.
    end: usize,
}

/// A file's code and comments, each with the line breaks of the original.
pub(crate) struct Source {
    path: String,
    code: String,
    comments: String,
}

impl Source {
    pub(crate) fn new(file: &File) -> Self {
        let (code, comments) = mask::mask(&file.text);
        Self { path: file.path.clone(), code, comments }
    }

    /// The code as tokens; strings are empty.
    pub(crate) fn tokens(&self) -> Vec<Token<'_>> {
        tokens(&self.code)
    }

    /// The comments on each line, with the number of the line.
    pub(crate) fn comments(&self) -> impl Iterator<Item = (usize, &str)> {
        self.comments.lines().enumerate().map(|(at, text)| (at + 1, text))
    }

    /// The comment on `line`, or nothing.
    pub(crate) fn comment(&self, line: usize) -> &str {
        self.comments.lines().nth(line - 1).unwrap_or_default()
    }

    /// The lines only tests run: all of a test's file, and items under `#[cfg(test)]` or `#[test]`.
    pub(crate) fn test_lines(&self, tokens: &[Token<'_>]) -> TestLines {
        if is_test_path(&self.path) {
            return TestLines(vec![1..=usize::MAX]);
        }
        let mut regions = Vec::new();
        for attribute in attributes(tokens).iter().filter(|attribute| attribute.is_for_tests()) {
            if attribute.inner {
                regions.push(attribute.line..=usize::MAX);
            } else if let Some(end) = item_end(tokens, attribute.end) {
                regions.push(attribute.line..=tokens[end].line);
            }
        }
        TestLines(regions)
    }
}

/// Which lines of a file only tests run.
pub(crate) struct TestLines(Vec<RangeInclusive<usize>>);

impl TestLines {
    pub(crate) fn contain(&self, line: usize) -> bool {
        self.0.iter().any(|region| region.contains(&line))
    }
}

impl Attribute<'_, '_> {
    /// True if `word` is one of its tokens.
    pub(crate) fn has(&self, word: &str) -> bool {
        self.tokens.iter().any(|token| token.text == word)
    }

    fn is_for_tests(&self) -> bool {
        let condition = self.tokens.first().is_some_and(|token| token.text == "cfg");
        if condition {
            return self.has("test") && !self.has("not");
        }
        // `test` alone or at the end of a path, with or without arguments.
        let path = self.tokens.iter().take_while(|token| token.text != "(");
        path.last().is_some_and(|token| token.text == "test")
    }
}

/// All functions with a body, also those inside others.
pub(crate) fn functions<'s>(tokens: &[Token<'s>]) -> Vec<Function<'s>> {
    let mut found = Vec::new();
    for (at, pair) in tokens.windows(2).enumerate() {
        let [keyword, name] = pair else { continue };
        if keyword.text != "fn" || !name.is_word() {
            continue;
        }
        if let Some(end) = item_end(tokens, at + 1)
            && tokens[end].text == "}"
        {
            found.push(Function { name: name.text, lines: keyword.line..=tokens[end].line });
        }
    }
    found
}

/// All attributes, in order.
pub(crate) fn attributes<'s, 't>(tokens: &'t [Token<'s>]) -> Vec<Attribute<'s, 't>> {
    let mut found = Vec::new();
    for (at, hash) in tokens.iter().enumerate().filter(|(_, token)| token.text == "#") {
        let inner = tokens.get(at + 1).is_some_and(|token| token.text == "!");
        let open = at + 1 + usize::from(inner);
        if tokens.get(open).is_some_and(|token| token.text == "[")
            && let Some(close) = closing(tokens, open)
        {
            let tokens = &tokens[open + 1..close];
            found.push(Attribute { line: hash.line, inner, tokens, end: close + 1 });
        }
    }
    found
}

/// Where the item that starts at `at` ends: at its body's closing brace or at its semicolon.
fn item_end(tokens: &[Token<'_>], mut at: usize) -> Option<usize> {
    while let Some(token) = tokens.get(at) {
        match token.text {
            // A const argument's braces are not the body.
            "{" if tokens[at - 1].text != "<" => return closing(tokens, at),
            "(" | "[" | "{" => at = closing(tokens, at)?,
            ";" => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

/// Where the bracket that opens at `open` closes.
fn closing(tokens: &[Token<'_>], open: usize) -> Option<usize> {
    let mut depth = 0usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.text {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

fn is_test_path(path: &str) -> bool {
    let mut parts = path.split('/');
    parts.any(|part| matches!(part, "tests" | "benches" | "tests.rs"))
}
