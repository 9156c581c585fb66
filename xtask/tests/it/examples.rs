//! What the facade shows, with and without an example.

use xtask::{File, tidy};

/// What is found in the repository of `files`, as "path:line: what", beside what it has always.
fn check(files: &[(&str, &str)]) -> Vec<String> {
    let mut tree =
        ["CHANGELOG.md", "README.md", "docs/ARCHITECTURE.md"].map(|path| File::new(path, "")).to_vec();
    tree.extend(files.iter().map(|(path, code)| File::new(*path, format!("//! Header.\n{code}\n"))));
    let found = tidy::check(&tree);
    found.iter().map(|finding| format!("{}:{}: {}", finding.path, finding.line, finding.what)).collect()
}

/// The same for a file of the core, without its path.
fn check_core(code: &str) -> Vec<String> {
    let found = check(&[(CORE, code)]);
    found.iter().map(|found| found.trim_start_matches(CORE).trim_start_matches(':').to_owned()).collect()
}

#[test]
fn a_public_item_of_any_kind_without_an_example_is_found() {
    for (code, item) in [
        ("pub struct A;", "struct A"),
        ("pub enum A {}", "enum A"),
        ("pub trait A {}", "trait A"),
        ("pub type A = u8;", "type A"),
        ("pub const A: u8 = 1;", "const A"),
        ("pub static A: u8 = 1;", "static A"),
        ("pub fn a() {}", "fn a"),
        ("pub async fn a() {}", "fn a"),
        ("pub const fn a() {}", "fn a"),
        ("pub unsafe extern \"C\" fn a() {}", "fn a"),
        ("#[macro_export] macro_rules! a { () => {} }", "macro a"),
        ("impl A { pub fn a(&self) {} }", "fn a"),
    ] {
        assert_eq!(check_core(code), [format!("2: {item} without an example")], "{code}");
        let documented = format!("/// Words.\n{code}");
        assert_eq!(check_core(&documented), [format!("3: {item} without an example")], "{code}");
    }
}

#[test]
fn an_example_is_code_that_runs_in_a_section_of_its_name() {
    let item = "#[derive(Debug)]\n#[must_use = \"for\n    that\"]\npub struct A;";
    for docs in [EXAMPLE, "/// # Examples\n///\n/// ```no_run\n/// f();\n/// ```\n"] {
        assert_eq!(check_core(&format!("/// Words.\n///\n{docs}{item}")), [""; 0], "{docs}");
        // Attributes may come first.
        assert_eq!(check_core(&format!("#[allow(dead_code)]\n{docs}{item}")), [""; 0], "{docs}");
    }
    for docs in [
        "/// ```\n/// f();\n/// ```\n",
        "/// # Examples\n///\n/// None.\n",
        "/// # Examples\n///\n/// ```text\n/// picture\n/// ```\n",
        &format!("{EXAMPLE}\n"),
        &format!("{EXAMPLE}struct B;\n"),
    ] {
        let found = check_core(&format!("{docs}{item}"));
        assert!(
            matches!(&found[..], [one] if one.ends_with("struct A without an example")),
            "{docs}{found:?}"
        );
    }
}

#[test]
fn what_nobody_is_shown_needs_no_example() {
    for code in [
        "struct A;",
        "pub(crate) struct A;",
        "pub(in crate::b) fn a() {}",
        "pub use b::A;",
        "pub mod a {}",
        "impl A { fn a(&self) {} }",
        "#[doc(hidden)]\npub fn a() {}",
        "#[cfg(doctest)]\npub struct A;",
        "macro_rules! a { () => {} }",
        "#[cfg(test)]\nmod tests {\n    pub struct A;\n}",
    ] {
        assert_eq!(check_core(code), [""; 0], "{code}");
    }
    let field = format!("{EXAMPLE}pub struct A {{\n    pub a: u8,\n}}");
    assert_eq!(check_core(&field), [""; 0]);
}

#[test]
fn a_hidden_module_is_not_shown_nor_what_is_in_it() {
    let inside = [
        ("crates/murmer-core/src/private.rs", "pub fn a() {}"),
        ("crates/murmer-core/src/private/b.rs", "pub fn b() {}"),
    ];
    let root = |code| [("crates/murmer-core/src/lib.rs", code), inside[0], inside[1]];
    assert_eq!(check(&root("#[doc(hidden)]\npub mod private;")), [""; 0]);
    assert_eq!(check(&root("pub mod private;")).len(), 2);
    assert_eq!(check(&root("#[doc(hidden)]\npub mod privately;")).len(), 2);
}

#[test]
fn of_other_crates_only_what_the_facade_names_is_shown() {
    let others = [
        ("crates/murmer-wire/src/id.rs", "pub struct NodeId;\nimpl NodeId {\n    pub fn a(&self) {}\n}"),
        ("crates/murmer-wire/src/codec.rs", "pub fn encode() {}"),
        ("crates/murmer-macros/src/lib.rs", "pub fn handlers() {}"),
        ("crates/murmer-macros/src/expand.rs", "pub fn expand() {}"),
        ("crates/murmer-node/src/lib.rs", "pub struct NodeId;"),
    ];
    let macros = "crates/murmer-macros/src/lib.rs:2: fn handlers without an example";
    assert_eq!(check(&others), [macros]);
    let facade = ("crates/murmer/src/lib.rs", "pub use murmer_wire::{Label,\n    NodeId};");
    let all: Vec<_> = others.into_iter().chain([facade]).collect();
    assert_eq!(
        check(&all),
        [
            macros,
            "crates/murmer-wire/src/id.rs:2: struct NodeId without an example",
            "crates/murmer-wire/src/id.rs:4: fn a without an example",
        ]
    );
}

const CORE: &str = "crates/murmer-core/src/a.rs";
const EXAMPLE: &str = "/// # Examples\n///\n/// ```\n/// f();\n/// ```\n";
