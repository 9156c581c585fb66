//! Pure crates that aren't.

use xtask::layers::{Member, Package, parse_tree};

use crate::layers::check;

fn package(name: &str, features: &[&str]) -> Package {
    Package { name: name.into(), features: features.iter().map(|&feature| feature.into()).collect() }
}

#[test]
fn a_pure_crate_reaches_nothing_that_does() {
    for name in ["tokio", "quinn", "tracing", "mio"] {
        let found = check("murmer-registry", |member| member.built_with.push(package(name, &[])));
        assert_eq!(found.len(), 1, "{name}");
        let start = format!("crates/murmer-registry/Cargo.toml:1: murmer-registry reaches {name};");
        assert!(found[0].starts_with(&start), "{found:?}");
    }
}

#[test]
fn a_pure_crate_reaches_std_through_no_feature() {
    let found = check("murmer-wire", |member| {
        member.built_with = vec![package("serde", &["alloc", "std"]), package("bytes", &["alloc"])];
        member.manifest.text.push_str("\n[dependencies]\nserde.workspace = true\n");
    });
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("crates/murmer-wire/Cargo.toml:8: murmer-wire reaches std through serde;"));
}

#[test]
fn the_tests_of_a_pure_crate_need_no_runtime() {
    let found = check("murmer-node", |member| {
        member.tested_with = vec![package("tokio", &["rt"]), package("proptest", &["std"])];
    });
    assert_eq!(found.len(), 1);
    assert!(found[0].contains(":1: the tests of murmer-node reach tokio;"), "{found:?}");
}

#[test]
fn a_shell_may_reach_what_it_wants() {
    assert!(check("murmer-core", |member| member.built_with.push(package("tokio", &["std"]))).is_empty());
}

#[test]
fn a_pure_crate_is_no_std_under_all_conditions() {
    for text in ["//! Pure.\n", "#![cfg_attr(not(test), no_std)]\n", "// #![no_std]\n"] {
        let found = check("murmer-node", |member| member.sources[0].text = text.into());
        assert_eq!(found.len(), 1, "{text}");
        assert!(found[0].starts_with("crates/murmer-node/src/lib.rs:1: no #![no_std];"), "{found:?}");
    }
    let found = check("murmer-node", |member| member.sources.clear());
    assert!(found[0].contains("murmer-node has no src/lib.rs"), "{found:?}");
}

#[test]
fn a_pure_crate_brings_std_back_for_its_tests_only() {
    let add = |text: &'static str| move |member: &mut Member| member.sources[0].text.push_str(text);
    let found = check("murmer-node", add("extern crate std;\n"));
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("crates/murmer-node/src/lib.rs:3: extern crate std;"), "{found:?}");
    assert!(check("murmer-node", add("#[cfg(test)]\nextern crate std;\n")).is_empty());
    assert!(check("murmer-node", add("extern crate alloc;\n")).is_empty());
}

#[test]
fn a_tree_is_read_with_its_features_and_without_its_root() {
    let tree = "\
murmer-wire v0.1.0 (/repo/crates/murmer-wire)|
bytes v1.12.2|default,std
serde v1.0.229|alloc (*)
bytes v1.12.2|default,std (*)
serde_derive v1.0.229 (proc-macro)|
";
    assert_eq!(
        parse_tree(tree),
        [package("bytes", &["default", "std"]), package("serde", &["alloc"]), package("serde_derive", &[])]
    );
}
