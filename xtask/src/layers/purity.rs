//! The rules for crates that decide: no std, and nothing below them that runs, waits, logs or rolls dice.

use super::{Member, Package};
use crate::source::{Source, Token};
use crate::{File, Finding};

pub(super) fn check(member: &Member, found: &mut Vec<Finding>) {
    let manifest = &member.manifest.path;
    for package in &member.built_with {
        if IMPURE.contains(&package.name.as_str()) {
            let what = format!("{} reaches {}", member.name, package.name);
            let instead = "a pure crate decides; let a shell do this, and hear of it as an input";
            found.push(Finding::new(manifest, member.manifest_line(&package.name), what, instead));
        }
        if package.features.iter().any(|feature| feature == "std") {
            let what = format!("{} reaches std through {}", member.name, package.name);
            let instead = "turn that feature off: `default-features = false` here and between";
            found.push(Finding::new(manifest, member.manifest_line(&package.name), what, instead));
        }
    }
    let built_with = |name: &str| member.built_with.iter().any(|package| package.name == name);
    for Package { name, .. } in &member.tested_with {
        if RUNTIMES.contains(&name.as_str()) && !built_with(name) {
            let what = format!("the tests of {} reach {name}", member.name);
            let instead = "a machine is tested by handing it inputs; let a shell's tests run it";
            found.push(Finding::new(manifest, member.manifest_line(name), what, instead));
        }
    }
    check_sources(member, found);
}

fn check_sources(member: &Member, found: &mut Vec<Finding>) {
    let mut has_lib = false;
    for file in &member.sources {
        let source = Source::new(file);
        let tokens = source.tokens();
        if file.path.ends_with("/src/lib.rs") {
            has_lib = true;
            check_no_std(file, &tokens, found);
        }
        let test_lines = source.test_lines(&tokens);
        for words in tokens.windows(3).filter(|words| !test_lines.contain(words[0].line)) {
            if words.iter().map(|token| token.text).eq(["extern", "crate", "std"]) {
                let instead = "use core and alloc; only #[cfg(test)] may have more";
                found.push(Finding::new(&file.path, words[0].line, "extern crate std", instead));
            }
        }
    }
    if !has_lib {
        let what = format!("{} has no src/lib.rs", member.name);
        found.push(Finding::new(&member.manifest.path, 1, what, "a pure crate is a library"));
    }
}

fn check_no_std(file: &File, tokens: &[Token<'_>], found: &mut Vec<Finding>) {
    // Conditions don't count: what is pure only sometimes is not pure.
    let attribute = ["#", "!", "[", "no_std", "]"];
    if !tokens.windows(5).any(|window| window.iter().map(|token| token.text).eq(attribute)) {
        found.push(Finding::new(
            &file.path,
            1,
            "no #![no_std]",
            "a pure crate builds on core and alloc alone",
        ));
    }
}

/// What runs tasks, owns sockets, logs, or asks the system for chance.
const IMPURE: [&str; 9] =
    ["tokio", "quinn", "quinn-proto", "quinn-udp", "mio", "socket2", "tracing", "log", "getrandom"];
/// What a machine doesn't need for being tested either.
const RUNTIMES: [&str; 6] = ["tokio", "quinn", "quinn-proto", "quinn-udp", "mio", "socket2"];
