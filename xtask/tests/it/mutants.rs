//! How mutants are read, and what is said about those that survive.

use std::path::Path;

use xtask::mutants::{Mutant, Outcome, ReadError, Step, read, run};
use xtask::{File, read_tree};

const HEADER: &str = "# guarantee 6: no fence; caught by: cargo test -p murmer-core --lib mailbox";

fn patch(name: &str, header: &str) -> File {
    File::new(format!("xtask/mutants/{name}.patch"), format!("{header}\n--- a/x\n+++ b/x\n"))
}

fn two() -> Vec<Mutant> {
    let other = "# guarantee 7: kept; caught by: cargo test -p murmer --test it local::labels";
    read(&[patch("fence", HEADER), patch("label", other), File::new("src/x.patch", "")], None).unwrap()
}

#[test]
fn the_first_line_says_what_is_broken_and_what_catches_it() {
    let mutants = two();
    let names: Vec<_> = mutants.iter().map(|mutant| mutant.name.as_str()).collect();
    assert_eq!(names, ["fence", "label"]);
    assert_eq!(mutants[0].breaks, "guarantee 6: no fence");
    assert_eq!(mutants[0].tests[0].to_string(), "cargo test -p murmer-core --lib mailbox");
    assert_eq!(mutants[0].patch, "--- a/x\n+++ b/x\n");
    assert_eq!(mutants[1].tests[0].to_string(), "cargo test -p murmer --test it local::labels");
}

#[test]
fn a_name_picks_one() {
    let files = [patch("fence", HEADER), patch("label", "nonsense")];
    assert_eq!(read(&files, Some("fence")).unwrap().len(), 1);
    assert_eq!(read(&files, Some("order")), Err(ReadError::Unknown("order".into())));
}

#[test]
fn a_header_that_says_less_is_refused_with_its_path() {
    for (header, what) in [
        ("--- a/x", "it does not begin with `# `"),
        ("# no fence", "`; caught by: ` is missing"),
        ("# no fence; caught by: looking", "no `cargo test` command"),
        (
            "# no fence; caught by: cargo test --workspace",
            "not of the form `-p PACKAGE --lib|--test TARGET FILTER`",
        ),
    ] {
        let error = read(&[patch("fence", header)], None).unwrap_err();
        assert_eq!(error.to_string(), format!("the first line of xtask/mutants/fence.patch: {what}"));
    }
}

/// Runs two mutants of which `label` ends as given, and tests that end as given without any.
fn check(clean: &Outcome, label: &Outcome) -> (bool, String) {
    let mut out = Vec::new();
    let all_caught = run(&two(), &mut out, &mut |step| match step {
        Step::Clean(_) => clean.clone(),
        Step::Planted(mutant, _) if mutant.name == "label" => label.clone(),
        Step::Planted(..) => Outcome::Failed,
    });
    (all_caught.unwrap(), String::from_utf8(out).unwrap())
}

#[test]
fn all_is_well_if_every_mutant_makes_its_test_fail() {
    let (all_caught, text) = check(&Outcome::Passed, &Outcome::Failed);
    assert!(all_caught);
    assert!(text.contains("[2/2] label: guarantee 7: kept\n"), "{text}");
    assert!(text.contains("mutant  seconds  result\nfence      0.0  caught\n"), "{text}");
}

#[test]
fn a_mutant_that_survives_or_no_longer_applies_is_a_failure() {
    for (outcome, said) in [
        (Outcome::Passed, "label      0.0  SURVIVED\n"),
        (Outcome::NotRun("it does not apply".into()), "label      0.0  NOT RUN: it does not apply\n"),
    ] {
        let (all_caught, text) = check(&Outcome::Passed, &outcome);
        assert!(!all_caught);
        assert!(text.contains(said), "{text}");
        assert!(text.contains("should be caught by: cargo test -p murmer --test it local::labels"), "{text}");
    }
}

#[test]
fn of_several_tests_each_must_catch_it() {
    let header = format!("{HEADER} and cargo test -p murmer-sim --test it seeds");
    let mutants = read(&[patch("fence", &header)], None).unwrap();
    for blind in ["murmer-core", "murmer-sim", "none"] {
        let mut out = Vec::new();
        let all_caught = run(&mutants, &mut out, &mut |step| match step {
            Step::Planted(_, test) if test.package != blind => Outcome::Failed,
            _ => Outcome::Passed,
        });
        assert_eq!(all_caught.unwrap(), blind == "none");
        let text = String::from_utf8(out).unwrap();
        let survived = format!("fence (guarantee 6: no fence) should be caught by: cargo test -p {blind} ");
        assert_eq!(text.contains(&survived), blind != "none", "{text}");
    }
}

#[test]
fn tests_that_fail_anyway_catch_nothing() {
    let (all_caught, text) = check(&Outcome::Failed, &Outcome::Failed);
    assert!(!all_caught);
    assert!(text.contains("FAIL WITHOUT A MUTANT"), "{text}");
    assert!(!text.contains("[1/2]"), "{text}");
}

#[test]
fn every_mutant_of_this_repository_can_be_read() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mutants = read(&read_tree(root).unwrap(), None).unwrap();
    assert!(mutants.len() >= 14, "{}", mutants.len());
    for guarantee in [1, 2, 3, 5, 6, 7, 10, 12, 13] {
        let prefix = format!("guarantee {guarantee}: ");
        assert!(mutants.iter().any(|mutant| mutant.breaks.starts_with(&prefix)), "{prefix}");
    }
}
