//! The items of a file that are `pub` to everybody, with the attributes in front of them.

use super::{Attribute, Token, attributes};

/// An item that is `pub`, without any restriction. Re-exports, fields and variants are none.
pub(crate) struct PublicItem<'s> {
    /// `fn`, `struct`, `mod` and so on.
    pub(crate) kind: &'s str,
    pub(crate) name: &'s str,
    /// Where it says `pub`, or `macro_rules`.
    pub(crate) line: usize,
    /// The lines of its attributes.
    pub(crate) attribute_lines: Vec<usize>,
    /// Nobody's documentation shows it.
    pub(crate) is_hidden: bool,
}

/// All public items of a file, methods included.
pub(crate) fn public_items<'s>(tokens: &[Token<'s>]) -> Vec<PublicItem<'s>> {
    let attributes = attributes(tokens);
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let before = in_front(&attributes, at);
        let item = match token.text {
            "pub" => named(&tokens[at + 1..]),
            "macro_rules" if before.iter().any(|attribute| attribute.has("macro_export")) => {
                tokens.get(at + 2).map(|name| ("macro", name.text))
            }
            _ => None,
        };
        if let Some((kind, name)) = item {
            let lines = before.iter().flat_map(|attribute| attribute.line..=tokens[attribute.end - 1].line);
            found.push(PublicItem {
                kind,
                name,
                line: token.line,
                attribute_lines: lines.collect(),
                is_hidden: before.iter().any(|attribute| attribute.hides()),
            });
        }
    }
    found
}

/// The attributes that belong to what begins at `at`, the last one first.
fn in_front<'a, 's, 't>(attributes: &'a [Attribute<'s, 't>], mut at: usize) -> Vec<&'a Attribute<'s, 't>> {
    let mut found = Vec::new();
    for attribute in attributes.iter().rev().filter(|attribute| !attribute.inner) {
        if attribute.end == at {
            // Behind `#` and `[`, and in front of `]`.
            at -= attribute.tokens.len() + 3;
            found.push(attribute);
        }
    }
    found
}

/// What is made public by a `pub` in front of `tokens`, and its name.
fn named<'s>(tokens: &[Token<'s>]) -> Option<(&'s str, &'s str)> {
    let mut words = tokens.iter().map(|token| token.text).peekable();
    loop {
        let word = words.next()?;
        match word {
            // An ABI is a string, of which the quotes are left.
            "async" | "unsafe" | "extern" | "\"" => {}
            "const" if matches!(words.peek(), Some(&("fn" | "async" | "unsafe" | "extern"))) => {}
            "fn" | "struct" | "enum" | "union" | "trait" | "type" | "const" | "static" | "mod" => {
                let name = words.find(|name| *name != "mut")?;
                return name
                    .starts_with(|char: char| char.is_alphabetic() || char == '_')
                    .then_some((word, name));
            }
            _ => return None,
        }
    }
}

impl Attribute<'_, '_> {
    /// True for `#[doc(hidden)]`, and for what is only there while examples are tested.
    pub(crate) fn hides(&self) -> bool {
        (self.has("doc") && self.has("hidden")) || self.has("doctest")
    }
}
