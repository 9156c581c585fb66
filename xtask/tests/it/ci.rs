//! The order of steps, and what is said about them.

use xtask::ci::{Outcome, STEPS, Step, run};

const THREE: [Step; 3] = [
    Step::new("first", &["first"]),
    Step { env: Some(("FLAGS", "-D all")), ..Step::new("second", &["second", "--all"]) },
    Step::new("third", &["third"]),
];

/// Runs three steps of which those in `outcomes` end as given, and returns whether all is well, the
/// names of those performed, and the text.
fn check(keep_going: bool, outcomes: &[(&str, Outcome)]) -> (bool, Vec<&'static str>, String) {
    let mut performed = Vec::new();
    let mut out = Vec::new();
    let passed = run(&THREE, keep_going, &mut out, &mut |step| {
        performed.push(step.name);
        let planted = outcomes.iter().find(|(name, _)| *name == step.name);
        planted.map_or(Outcome::Passed, |(_, outcome)| outcome.clone())
    });
    (passed.unwrap(), performed, String::from_utf8(out).unwrap())
}

#[test]
fn all_steps_run_and_are_announced_and_summed_up() {
    let (passed, performed, text) = check(false, &[]);
    assert!(passed);
    assert_eq!(performed, ["first", "second", "third"]);
    assert!(text.contains("[2/3] second: FLAGS='-D all' cargo second --all\n"), "{text}");
    assert!(text.contains("[2/3] second: ok after 0.0 s\n"), "{text}");
    assert!(text.contains("third         0.0  ok\n"), "{text}");
}

#[test]
fn the_first_failure_stops_the_run_and_names_its_command() {
    let (passed, performed, text) = check(false, &[("second", Outcome::Failed)]);
    assert!(!passed);
    assert_eq!(performed, ["first", "second"]);
    assert!(text.contains("third           -  not run\n"), "{text}");
    assert!(
        text.ends_with("second failed; run it again with: FLAGS='-D all' cargo second --all\n"),
        "{text}"
    );
}

#[test]
fn told_to_keep_going_it_names_every_failure() {
    let (passed, performed, text) = check(true, &[("first", Outcome::Failed), ("third", Outcome::Failed)]);
    assert!(!passed);
    assert_eq!(performed, ["first", "second", "third"]);
    assert!(text.contains("first failed; run it again with: cargo first\n"), "{text}");
    assert!(text.contains("third failed; run it again with: cargo third\n"), "{text}");
}

#[test]
fn a_skipped_step_is_no_failure_but_is_said_loudly() {
    let (passed, _, text) = check(false, &[("third", Outcome::Skipped("no such tool".into()))]);
    assert!(passed);
    assert_eq!(text.matches("SKIPPED, NOT CHECKED: no such tool").count(), 2, "{text}");
}

#[test]
fn every_check_is_a_step() {
    let names: Vec<_> = STEPS.iter().map(|step| step.name).collect();
    for name in ["fmt", "clippy", "tests", "docs", "layers", "tidy", "sim", "scenario", "deny"] {
        assert!(names.contains(&name), "{name}");
    }
    let needed: Vec<_> = STEPS.iter().filter(|step| !step.optional).map(|step| step.name).collect();
    assert_eq!(needed.len(), names.len() - 1, "only deny may be missing");
}
