//! Documents and what they name.

use xtask::{File, tidy};

/// What is found in a small tidy repository once `files` are added to it or replace one of its.
fn check(files: &[(&str, &str)]) -> Vec<String> {
    let mut tree = vec![
        File::new("CHANGELOG.md", "# Changes\n"),
        File::new("README.md", "[shape](docs/ARCHITECTURE.md)\n"),
        File::new("docs/ARCHITECTURE.md", "[why](decisions/0001-pure.md)\n"),
        File::new("docs/decisions/0001-pure.md", "# Pure\n"),
    ];
    for (path, text) in files {
        tree.retain(|file| file.path != *path);
        tree.push(File::new(*path, *text));
    }
    tidy::check(&tree).iter().map(ToString::to_string).collect()
}

#[test]
fn a_tidy_repository_has_no_findings() {
    assert_eq!(check(&[]), [""; 0]);
}

#[test]
fn a_repository_has_a_changelog_a_readme_and_a_map() {
    let found: Vec<_> = tidy::check(&[]).iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "CHANGELOG.md:1: no such file; write it",
            "README.md:1: no such file; write it",
            "docs/ARCHITECTURE.md:1: no such file; write it",
        ]
    );
}

#[test]
fn a_decision_that_the_map_does_not_link_to_is_found() {
    assert_eq!(
        check(&[
            ("docs/decisions/0002-lost.md", "# Lost\n"),
            ("README.md", "[x](docs/decisions/0002-lost.md)\n")
        ]),
        ["docs/decisions/0002-lost.md:1: a decision nobody finds; link to it from docs/ARCHITECTURE.md"]
    );
}

#[test]
fn a_link_to_nothing_is_found_in_any_form() {
    for link in [
        "[x](gone.md)",
        "[`x`](gone.md#part)",
        "![x](./gone.md \"title\")",
        "[x]: gone.md",
        "[x](docs/../gone.md)",
    ] {
        assert_eq!(
            check(&[("README.md", &format!("# Title\n{link}\n"))]),
            ["README.md:2: a link to gone.md, which doesn't exist; correct the link, or remove it"],
            "{link}"
        );
    }
}

#[test]
fn links_that_lead_somewhere_are_fine() {
    for link in [
        "[x](docs)",
        "[x](docs/)",
        "[x](#part)",
        "[x](https://example.org/y)",
        "[x](/CHANGELOG.md)",
        "a[0](b) in `[x](gone)`",
    ] {
        let text = format!("{link}\n```rust\n[x](gone)\n```\n").replace("a[0](b) in ", "");
        assert_eq!(check(&[("README.md", &text)]), [""; 0], "{link}");
    }
}

#[test]
fn white_space_at_the_end_of_a_line_is_found_in_any_text() {
    for path in ["notes.md", ".ci/run", "crates/a/Cargo.toml"] {
        let found = check(&[(path, "one\ntwo \n")]);
        assert_eq!(found, [format!("{path}:2: white space at the end of the line; remove it")]);
    }
    assert_eq!(check(&[("tests/ui/error.stderr", "two \n")]), [""; 0], "compilers write what they like");
}
