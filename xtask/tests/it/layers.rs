//! The picture of the crates, and workspaces that differ from it.

use std::path::Path;

use xtask::File;
use xtask::layers::{self, Kind, Member, PICTURE, Workspace};

/// A workspace that is as the picture wants it.
pub(crate) fn workspace() -> Workspace {
    let members = PICTURE.iter().map(|layer| {
        let kind = match layer.kind {
            Kind::Pure => "pure",
            Kind::Shell => "shell",
            Kind::Tool => "tool",
            Kind::Examples => "examples",
        };
        let folder = format!("crates/{}", layer.name);
        let header = if layer.kind == Kind::Pure { "//! Pure.\n#![no_std]\n" } else { "//! Not.\n" };
        Member {
            name: layer.name.into(),
            kind: Some(kind.into()),
            manifest: File::new(
                format!("{folder}/Cargo.toml"),
                format!("[package.metadata.murmer]\nkind = \"{kind}\"\n\n[lints]\nworkspace = true\n"),
            ),
            imports: layer.imports.iter().map(|&name| name.into()).collect(),
            sources: vec![File::new(format!("{folder}/src/lib.rs"), header)],
            ..Member::default()
        }
    });
    Workspace {
        manifest: "[workspace.lints.rust]\nunsafe_code = \"forbid\" # all of it\n".into(),
        members: members.collect(),
    }
}

/// What is found once `change` has been made to the crate called `name`.
pub(crate) fn check(name: &str, change: impl FnOnce(&mut Member)) -> Vec<String> {
    let mut workspace = workspace();
    change(workspace.members.iter_mut().find(|member| member.name == name).unwrap());
    layers::check(&workspace).iter().map(ToString::to_string).collect()
}

#[test]
fn a_workspace_as_drawn_has_no_findings() {
    assert_eq!(layers::check(&workspace()), []);
}

#[test]
fn siblings_may_not_import_each_other() {
    let found = check("murmer-core", |member| {
        member.imports.push("murmer-transport".into());
        member.manifest.text.push_str("\n[dependencies]\nmurmer-transport.workspace = true\n");
    });
    assert_eq!(
        found,
        [
            "crates/murmer-core/Cargo.toml:8: murmer-core imports murmer-transport; it may import only murmer-wire"
        ]
    );
    let found = check("murmer-transport", |member| member.imports.push("murmer-wire".into()));
    let told = "murmer-transport imports murmer-wire; it may import no crate of this workspace";
    assert_eq!(found, [format!("crates/murmer-transport/Cargo.toml:1: {told}")]);
}

#[test]
fn nothing_may_import_the_facade_but_the_examples() {
    for layer in PICTURE.iter().filter(|layer| !matches!(layer.name, "murmer" | "murmer-examples")) {
        let found = check(layer.name, |member| member.imports.push("murmer".into()));
        assert_eq!(found.len(), 1, "{}: {found:?}", layer.name);
    }
}

#[test]
fn crates_from_elsewhere_may_be_imported() {
    assert!(check("murmer-core", |member| member.imports.push("tokio".into())).is_empty());
}

#[test]
fn a_crate_that_is_not_drawn_is_found() {
    let found = check("murmer-wire", |member| member.name = "murmer-common".into());
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("Cargo.toml:1: murmer-wire is in the picture, but not in the workspace;"));
    assert!(found[1].starts_with("crates/murmer-wire/Cargo.toml:1: murmer-common is not in the picture;"));
}

#[test]
fn a_crate_says_what_it_is() {
    let path = "crates/murmer-node/Cargo.toml";
    let instead = "say `kind = \"pure\"` under [package.metadata.murmer]";
    assert_eq!(
        check("murmer-node", |member| member.kind = Some("shell".into())),
        [format!("{path}:2: murmer-node calls itself shell; {instead}")]
    );
    assert_eq!(
        check("murmer-node", |member| member.kind = None),
        [format!("{path}:2: murmer-node calls itself nothing; {instead}")]
    );
}

#[test]
fn a_crate_takes_over_the_lints() {
    for broken in [
        "[lints]\nworkspace = false\n",
        "[dependencies]\nworkspace = true\n",
        "# [lints]\n# workspace = true\n",
    ] {
        let found = check("xtask", |member| member.manifest.text = broken.into());
        assert_eq!(found.len(), 1, "{broken}");
        assert!(found[0].contains("the workspace's lints are not taken over"), "{found:?}");
    }
    assert!(check("xtask", |member| member.manifest.text = "lints.workspace = true\n".into()).is_empty());
}

#[test]
fn unsafe_code_stays_forbidden() {
    for broken in
        ["", "[workspace.lints.rust]\nunsafe_code = \"deny\"\n", "[profile.dev]\nunsafe_code = \"forbid\"\n"]
    {
        let found = layers::check(&Workspace { manifest: broken.into(), ..workspace() });
        assert_eq!(found.len(), 1, "{broken}");
        assert_eq!(found[0].what, "unsafe code is not forbidden");
    }
}

#[test]
fn only_the_facade_re_exports() {
    let reexports = [
        "pub use murmer_wire::Label;",
        "pub use ::murmer_wire;",
        "pub extern crate murmer_wire;",
        "pub use {murmer_core::A};",
    ];
    for reexport in reexports {
        let add = |member: &mut Member| member.sources[0].text.push_str(reexport);
        let found = check("murmer-core", add);
        assert_eq!(found.len(), 1, "{reexport}");
        assert!(
            found[0].starts_with("crates/murmer-core/src/lib.rs:2: murmer-core re-exports another layer;")
        );
        assert!(check("murmer", add).is_empty());
    }
    for fine in [
        "use murmer_wire::Label;",
        "pub(crate) use murmer_wire::Label;",
        "pub use system::System;",
        "// pub use murmer_wire;",
    ] {
        assert!(check("murmer-core", |member| member.sources[0].text.push_str(fine)).is_empty(), "{fine}");
    }
}

#[test]
fn only_normal_dependencies_count_as_imports() {
    let metadata = r#"{ "packages": [
        { "name": "murmer-core", "manifest_path": "/repo/crates/murmer-core/Cargo.toml",
          "metadata": { "murmer": { "kind": "shell" } },
          "dependencies": [
            { "name": "murmer-wire", "kind": null, "rename": "wire" },
            { "name": "murmer-macros", "kind": "dev" },
            { "name": "murmer-node", "kind": "build" } ] },
        { "name": "xtask", "manifest_path": "/repo/xtask/Cargo.toml", "metadata": null, "dependencies": [] }
    ] }"#;
    let members = layers::parse_members(metadata, Path::new("/repo")).unwrap();
    assert_eq!(members[0].imports, ["murmer-wire"]);
    assert_eq!(members[0].kind.as_deref(), Some("shell"));
    assert_eq!(members[0].manifest.path, "crates/murmer-core/Cargo.toml");
    assert_eq!(members[1].kind, None);
    assert!(layers::parse_members("{}", Path::new("/repo")).is_err());
}
