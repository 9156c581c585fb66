//! What images are made of, short of an engine.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use xtask::docker::{Engine, EngineError, last_stage, project, stub};

/// An empty folder of this test's own.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("murmer-xtask-{}-{name}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// What an engine is said to be whose command does this.
fn engine(name: &str, script: &str) -> Result<Engine, EngineError> {
    let folder = folder(name);
    let program = folder.join("docker");
    fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let engine = Engine::connect(program.to_str().unwrap());
    fs::remove_dir_all(folder).unwrap();
    engine
}

#[test]
fn an_engine_that_answers_says_its_version() {
    assert_eq!(engine("answers", "echo 20.10.24").unwrap().version(), "20.10.24");
}

#[test]
fn without_the_command_it_says_what_to_do() {
    let error = Engine::connect("murmer-has-no-such-command").unwrap_err();
    assert!(error.to_string().starts_with("murmer-has-no-such-command cannot be run ("), "{error}");
    assert!(error.to_string().ends_with("; install a container engine"), "{error}");
}

#[test]
fn an_engine_that_does_not_answer_is_quoted() {
    // Some versions end with 0 all the same.
    for code in [0, 1] {
        let script = format!("echo 'Cannot connect to the daemon' >&2; exit {code}");
        let error = engine("silent", &script).unwrap_err();
        assert!(error.to_string().ends_with("It said: Cannot connect to the daemon"), "{error}");
    }
}

#[test]
fn the_last_stage_takes_from_its_context_what_another_stage_made() {
    let dockerfile =
        "ARG B=x\nFROM $B AS build\nRUN make\n\nFROM scratch\nCOPY --from=build /chat /chat\nUSER 1\n";
    assert_eq!(last_stage(dockerfile), "FROM scratch\nCOPY chat /chat\nUSER 1\n");
}

#[test]
fn the_repository_s_own_last_stage_needs_no_other() {
    let dockerfile = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../Dockerfile")).unwrap();
    let stage = last_stage(&dockerfile);
    assert!(stage.starts_with("FROM scratch\nCOPY cluster_chat /cluster_chat\n"), "{stage}");
    assert!(!stage.contains("--from") && !stage.contains("\nRUN "), "{stage}");
}

#[test]
fn compose_names_a_folder_s_images_after_it() {
    for (folder, name) in [("murmer", "murmer"), ("My Chat.2", "mychat2"), ("_a-b_c", "a-b_c")] {
        assert_eq!(project(folder), name);
    }
}

#[test]
fn of_a_crate_that_is_not_built_nothing_is_left_but_its_name() {
    let folder = folder("stub");
    let manifest = "[package]\nname = \"big\"\nautolib = false\n\n[lib]\nname = \"big\"\npath = \"src/big.rs\"\n\n\
                    [[test]]\nname = \"it\"\npath = \"tests/it.rs\"\n\n[dependencies.small]\nversion = \"1\"\n";
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::write(folder.join(".cargo-checksum.json"), "{\"files\":{\"big.a\":\"12\"},\"package\":\"34\"}")
        .unwrap();
    fs::write(folder.join("big.a"), [0; 100]).unwrap();
    stub(&folder).unwrap();
    let left = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    assert_eq!(left(".cargo-checksum.json"), "{\"files\":{},\"package\":\"34\"}");
    assert_eq!(
        left("Cargo.toml"),
        "[package]\nname = \"big\"\nautolib = false\n\n[dependencies.small]\nversion = \"1\"\n[lib]\npath = \"src/lib.rs\"\n"
    );
    assert_eq!(left("src/lib.rs"), "");
    assert!(!folder.join("big.a").exists());
    fs::remove_dir_all(folder).unwrap();
}
