//! What code must not contain: unfinished work, tests that don't run, queues without a limit, naps.

use crate::Finding;
use crate::source::{Source, TestLines, Token, attributes};

pub(super) fn check(
    path: &str,
    source: &Source,
    tokens: &[Token<'_>],
    test_lines: &TestLines,
    found: &mut Vec<Finding>,
) {
    let mut add =
        |line, what: &str, instead: &str| found.push(Finding::new(path, line, what.to_owned(), instead));
    for (at, token) in tokens.iter().enumerate() {
        let around = Around { tokens, at };
        let in_test = test_lines.contain(token.line);
        if UNFINISHED_MACROS.contains(&token.text) && around.next(1) == "!" {
            add(token.line, &format!("{}!", token.text), "finish it, or take it out");
        } else if around.is_unbounded_channel(in_test) {
            add(
                token.line,
                "an unbounded channel",
                "give it a capacity with a name, and say what happens when full",
            );
        } else if !in_test && around.is_sleep() && !has_reason(source.comment(token.line)) {
            let instead = "wait for the event itself, or end the line with `// tidy: sleep <reason>`";
            add(token.line, "a sleep", instead);
        }
    }
    for attribute in attributes(tokens).iter().filter(|attribute| attribute.has("ignore")) {
        add(attribute.line, "a test that is ignored", "make it run, or take it out");
    }
    for (line, comment) in source.comments() {
        if let Some(word) = words(comment).find(|word| UNFINISHED_WORDS.contains(word)) {
            add(line, &format!("a {word}"), "do it now, or write it down where work is planned");
        }
        if is_ignored_example(comment) {
            add(
                line,
                "an example that is ignored",
                "use `no_run` or `compile_fail`, or `text` if it isn't Rust",
            );
        }
    }
}

/// A token and its neighbours.
struct Around<'s, 't> {
    tokens: &'t [Token<'s>],
    at: usize,
}

impl<'s> Around<'s, '_> {
    fn text(&self) -> &'s str {
        self.tokens[self.at].text
    }

    fn next(&self, ahead: usize) -> &'s str {
        self.tokens.get(self.at + ahead).map_or("", |token| token.text)
    }

    fn previous(&self) -> &'s str {
        self.at.checked_sub(1).map_or("", |at| self.tokens[at].text)
    }

    fn is_unbounded_channel(&self, in_test: bool) -> bool {
        match self.text() {
            "unbounded_channel" | "UnboundedSender" | "UnboundedReceiver" => true,
            "unbounded" => self.previous() == ":",
            // The standard library's; tokio's takes a capacity. A test may wait for its threads by it.
            "mpsc" if !in_test => self.is_call_without_arguments("channel"),
            _ => false,
        }
    }

    /// True at `mpsc` in `mpsc::name()` and `mpsc::name::<T>()`.
    fn is_call_without_arguments(&self, name: &str) -> bool {
        if [self.next(1), self.next(2), self.next(3)] != [":", ":", name] {
            return false;
        }
        if self.next(4) == "(" {
            return self.next(5) == ")";
        }
        // The first `>(` ends the turbofish; the one in `->(` doesn't.
        let mut after =
            self.tokens[self.at + 4..].windows(4).map(|around| [0, 1, 2, 3].map(|at| around[at].text));
        let call = after.find(|[before, close, open, _]| *before != "-" && *close == ">" && *open == "(");
        self.next(4) == ":" && call.is_some_and(|[.., argument]| argument == ")")
    }

    /// True for calls of a function named `sleep`, not for methods and definitions.
    fn is_sleep(&self) -> bool {
        self.text() == "sleep" && self.next(1) == "(" && !matches!(self.previous(), "." | "fn")
    }
}

fn has_reason(comment: &str) -> bool {
    comment.split_once("tidy: sleep").is_some_and(|(_, reason)| !reason.trim().is_empty())
}

/// True for the opening fence of an example that `cargo test` skips.
fn is_ignored_example(comment: &str) -> bool {
    let text = comment.trim_start_matches(['/', '!']).trim_start();
    text.strip_prefix("```").is_some_and(|info| words(info).any(|word| word == "ignore"))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|char: char| !char.is_alphanumeric() && char != '_')
}

const UNFINISHED_MACROS: [&str; 3] = ["todo", "unimplemented", "dbg"];
const UNFINISHED_WORDS: [&str; 3] = ["TODO", "FIXME", "XXX"];
