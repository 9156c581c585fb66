//! The program's exit codes and what it says with them.

use std::process::{Command, Output};

fn xtask(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask")).args(args).output().expect("cargo built it before this test")
}

#[test]
fn help_names_every_subcommand() {
    for args in [["help"], ["--help"], ["-h"]] {
        let output = xtask(&args);
        assert_eq!(output.status.code(), Some(0));
        let text = String::from_utf8(output.stdout).unwrap();
        for subcommand in ["ci", "docker", "layers", "mutants", "scenario", "tidy", "help"] {
            assert!(text.contains(&format!("\n  {subcommand} ")), "{subcommand}");
        }
    }
}

#[test]
fn what_is_not_understood_is_said_and_exits_with_2() {
    for (args, complaint) in [
        (&["lint"][..], "unknown subcommand \"lint\""),
        (&[], "a subcommand is missing"),
        (&["tidy", "layers"], "unexpected argument \"layers\""),
        (&["mutants", "one", "two"], "unexpected argument \"two\""),
        (&["ci", "--fast"], "invalid option '--fast'"),
        (&["tidy", "--keep-going"], "--keep-going is for ci"),
        (&["ci", "--builder"], "--builder is for docker"),
        (&["docker", "more"], "unexpected argument \"more\""),
        (
            &["scenario", "boats"],
            "a scenario is played with containers or with processes, not with \"boats\"",
        ),
    ] {
        let output = xtask(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.starts_with(&format!("error: {complaint}\n")), "{text}");
        assert!(text.contains("Usage:"), "{text}");
    }
}
