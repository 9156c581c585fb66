//! Rust files, each with one rule broken.

use xtask::{File, tidy};

/// What is found in the file at `path` with `text`, as "line: what".
fn check(path: &str, text: &str) -> Vec<String> {
    let tree = [
        File::new("CHANGELOG.md", ""),
        File::new("README.md", ""),
        File::new("docs/ARCHITECTURE.md", ""),
        File::new(path, text),
    ];
    let found = tidy::check(&tree);
    assert!(found.iter().all(|finding| finding.path == path && !finding.instead.is_empty()));
    found.iter().map(|finding| format!("{}: {}", finding.line, finding.what)).collect()
}

/// The same for a library's file with a header, behind which `code` begins on line 2.
fn check_code(code: &str) -> Vec<String> {
    check("crates/a/src/lib.rs", &format!("//! Header.\n{code}\n"))
}

fn check_test_code(code: &str) -> Vec<String> {
    check("crates/a/tests/it/main.rs", &format!("//! Header.\n{code}\n"))
}

fn function(name: &str, lines: usize) -> String {
    format!(
        "fn {name}<T>(_: [T; 2]) -> Box<[T]>\nwhere\n    T: Copy,\n{{\n{}}}",
        "    let _ = '{';\n".repeat(lines - 5)
    )
}

#[test]
fn a_file_without_a_header_is_found() {
    assert_eq!(check("crates/a/src/lib.rs", "use core::fmt;\n"), ["1: no header"]);
    assert_eq!(check("crates/a/src/lib.rs", "\n//! Late.\n"), ["1: no header"]);
    for exempt in ["crates/a/build.rs", "crates/a/tests/ui/error.rs"] {
        assert!(check(exempt, "fn main() {}\n").is_empty());
    }
}

#[test]
fn a_mod_rs_is_found() {
    assert_eq!(check("crates/a/src/b/mod.rs", "//! B.\n"), ["1: a mod.rs"]);
}

#[test]
fn a_file_may_have_500_lines() {
    assert!(check_code(&"\n".repeat(498)).is_empty());
    assert_eq!(check_code(&"\n".repeat(499)), ["501: 501 lines, more than 500"]);
}

#[test]
fn a_function_may_have_70_lines() {
    assert!(check_code(&function("f", 70)).is_empty());
    assert_eq!(check_code(&function("f", 71)), ["2: fn f has 71 lines, more than 70"]);
    let method = format!("impl A {{\n    #[inline]\n    pub const {}\n}}", function("g", 71));
    assert_eq!(check_code(&method), ["4: fn g has 71 lines, more than 70"]);
}

#[test]
fn a_test_may_have_120_lines() {
    for code in [function("f", 120), format!("#[test]\n{}", function("f", 120))] {
        assert!(check_test_code(&code).is_empty());
    }
    assert_eq!(check_test_code(&function("f", 121)), ["2: fn f has 121 lines, more than 120"]);
    let inside = format!("#[cfg(test)]\nmod tests {{\n{}\n}}\n{}", function("f", 120), function("g", 71));
    assert_eq!(check_code(&inside), ["125: fn g has 71 lines, more than 70"]);
}

#[test]
fn braces_in_strings_characters_comments_and_types_do_not_end_a_function() {
    for line in [
        "let _ = \"}\";",
        "let _ = r#\"\"}\"#;",
        "let _ = '}';",
        "let _ = '\\'';",
        "// }",
        "/* /* } */ } */",
        "let x: A<{ 1 }>;",
    ] {
        let code = format!("fn f<'a>(_: &'a str) -> B<{{ 2 }}> {{\n{line}\n{}}}", "\n".repeat(70));
        assert_eq!(check_code(&code), ["2: fn f has 73 lines, more than 70"], "{line}");
    }
}

#[test]
fn types_and_declarations_of_functions_have_no_length() {
    let code = format!("trait A {{\nfn f(&self);\n}}\ntype F = fn(u8);\nstruct B {{{}}}", "\n".repeat(80));
    assert!(check_code(&code).is_empty());
}

#[test]
fn unfinished_work_is_found() {
    for name in ["todo", "unimplemented", "dbg"] {
        let code = format!("fn f() {{\n    {name}!(\"later\")\n}}");
        assert_eq!(check_code(&code), [format!("3: {name}!")]);
        assert_eq!(check_test_code(&code), [format!("3: {name}!")]);
    }
    for word in ["TODO", "FIXME", "XXX"] {
        for comment in [format!("// {word}: later"), format!("/// {word}."), format!("/* a\n{word}*/")] {
            assert_eq!(check_code(&format!("{comment}\nfn f() {{}}")).len(), 1, "{comment}");
        }
    }
}

#[test]
fn words_about_work_are_fine_in_strings_and_inside_other_words() {
    assert!(check_code("const A: &str = \"TODO: todo!()\"; // a TODOList, todos").is_empty());
}

#[test]
fn a_test_that_is_ignored_is_found() {
    for attribute in ["#[ignore]", "#[ignore = \"slow\"]", "#[cfg_attr(windows, ignore)]"] {
        assert_eq!(
            check_test_code(&format!("#[test]\n{attribute}\nfn f() {{}}")),
            ["3: a test that is ignored"]
        );
    }
    assert_eq!(check_code("/// ```ignore\n/// ```\nfn f() {}"), ["2: an example that is ignored"]);
    assert!(check_code("/// ```no_run\n/// ```\nfn f() {}").is_empty());
}

#[test]
fn a_channel_without_a_limit_is_found() {
    for code in [
        "let (tx, rx) = mpsc::unbounded_channel();",
        "let (tx, rx) = mpsc::unbounded::<u8>();",
        "struct A(UnboundedSender<u8>);",
    ] {
        assert_eq!(check_code(code), ["2: an unbounded channel"], "{code}");
        assert_eq!(check_test_code(code), ["2: an unbounded channel"], "{code}");
    }
    for code in ["let (tx, rx) = mpsc::channel();", "let (tx, rx) = std::sync::mpsc::channel::<Vec<u8>>();"] {
        assert_eq!(check_code(code), ["2: an unbounded channel"], "{code}");
        assert!(check_test_code(code).is_empty(), "{code}");
    }
    for code in ["mpsc::channel(8);", "mpsc::channel::<fn()>(8);", "mpsc::sync_channel(0);"] {
        assert!(check_code(code).is_empty(), "{code}");
    }
}

#[test]
fn a_sleep_without_a_reason_is_found() {
    for call in ["std::thread::sleep(second)", "tokio::time::sleep(second).await", "sleep(second).await"] {
        assert_eq!(check_code(&format!("{call};")), ["2: a sleep"]);
        assert_eq!(check_code(&format!("{call}; // it must settle")), ["2: a sleep"]);
        assert_eq!(check_code(&format!("{call}; // tidy: sleep")), ["2: a sleep"], "without a reason");
        assert!(check_code(&format!("{call}; // tidy: sleep between two attempts")).is_empty());
        let test = format!("#[cfg(test)]\nmod tests {{\n    {call};\n}}");
        assert!(check_code(&test).is_empty());
        assert_eq!(check_code(&test.replace("test)", "not(test))")), ["4: a sleep"]);
    }
    for code in ["clock.sleep(second);", "fn sleep() {}", "use tokio::time::sleep;"] {
        assert!(check_code(code).is_empty(), "{code}");
    }
}

#[test]
fn findings_name_their_place_and_a_way_out() {
    let found = tidy::check(&[File::new("a/mod.rs", "//! A.\n")]);
    let text: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert!(
        text.contains(&"a/mod.rs:1: a mod.rs; name the file after its module, beside the folder".to_owned())
    );
}
