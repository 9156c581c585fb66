//! What a scenario means, and what it takes for whole.

use std::time::Duration;

use xtask::scenario::{Action, Books, Node, Table, parse};

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// The lines that a chat prints for these rooms.
fn rooms(rooms: &[(&str, u64, &str)]) -> Vec<String> {
    rooms.iter().map(|(room, count, node)| format!("#{room} — {count} messages (on {node})")).collect()
}

#[test]
fn a_step_is_a_line_and_comments_are_none() {
    let steps = parse("# first\nup within 30s\n\n  pause   beta for 1500ms # as if dead\n").unwrap();
    let actions: Vec<_> = steps.iter().map(|step| step.action).collect();
    assert_eq!(actions, [Action::Up(ms(30_000)), Action::Pause(Node::Beta, ms(1_500))]);
    assert_eq!(steps[1].text, "pause beta for 1500ms");
}

#[test]
fn what_is_no_step_is_said_with_its_line() {
    for (line, complaint) in [
        ("dance alpha", "there is no such step"),
        ("kill", "there is no such step"),
        ("kill delta", "delta is none of alpha, beta and gamma"),
        ("whole within soon", "soon is no span such as 500ms or 15s, of 600 s at most"),
        ("whole within 0s", "0s is no span such as 500ms or 15s, of 600 s at most"),
        ("whole within 99999999999999999999s", "is no span"),
        ("rest for 601s", "601s is no span"),
        ("create 0 within 2s", "0 is no number from 1 to 1000"),
    ] {
        let error = parse(&format!("up within 1s\n{line}")).unwrap_err();
        assert!(error.starts_with("line 2: ") && error.contains(complaint), "{error}");
    }
    assert_eq!(parse("whole within 1s").unwrap_err(), "a scenario begins with `up within SPAN`");
}

#[test]
fn the_repository_s_scenario_does_all_there_is_to_do() {
    let text =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/scenario.txt")).unwrap();
    let steps = parse(&text).unwrap();
    let has = |is_it: &dyn Fn(Action) -> bool| steps.iter().any(|step| is_it(step.action));
    assert!(has(&|action| matches!(action, Action::Kill(_))));
    assert!(has(&|action| matches!(action, Action::Stop(_))));
    assert!(has(&|action| matches!(action, Action::Restart(_))));
    assert!(has(&|action| matches!(action, Action::Post(_))));
    assert!(has(&|action| matches!(action, Action::Pause(_, long) if long >= ms(20_000))));
    assert!(has(&|action| matches!(action, Action::Cut(_, long) if long >= ms(20_000))));
    for node in Node::ALL {
        assert!(has(&|action| matches!(action, Action::Replace(which, _) if which == node)), "{node}");
    }
    // What follows such a step is the check that it needs.
    let bounds =
        steps.windows(2).filter(|pair| matches!(pair[0].action, Action::Pause(..) | Action::Cut(..)));
    for pair in bounds {
        assert!(matches!(pair[1].action, Action::Whole(within) if within <= ms(15_000)), "{}", pair[0].text);
    }
}

#[test]
fn books_tell_a_lost_room_a_lost_message_and_one_that_came_twice() {
    let mut books = Books::default();
    books.begin(Node::Alpha);
    books.begin(Node::Beta);
    let more = books.create(Node::Beta);
    assert_eq!(books.post("alpha").unwrap(), "[1 messages in #alpha]");
    assert_eq!(books.post("alpha").unwrap(), "[2 messages in #alpha]");
    let right = [("alpha", 2, "alpha"), ("beta", 0, "beta"), (more.as_str(), 0, "beta")];
    assert_eq!(books.compare(&rooms(&right)), None);
    assert!(books.compare(&rooms(&right[..2])).is_some(), "a room is lost");
    for count in [1, 3] {
        let wrong = [("alpha", count, "alpha"), right[1], right[2]];
        assert!(books.compare(&rooms(&wrong)).is_some(), "{count} messages");
    }
    let moved = [right[0], ("beta", 0, "alpha"), right[2]];
    assert!(books.compare(&rooms(&moved)).is_some(), "it is elsewhere");
    let ghost = [right[0], right[1], right[2], ("ghost", 0, "gamma")];
    assert!(books.compare(&rooms(&ghost)).is_some(), "a room that nobody created");
    books.end(Node::Beta);
    assert_eq!((books.compare(&rooms(&right[..1])), books.rooms()), (None, 1));
    assert!(books.compare(&rooms(&right)).is_some(), "rooms of one that is gone");
    books.begin(Node::Alpha);
    assert_eq!(books.compare(&rooms(&[("alpha", 0, "alpha")])), None, "a new process begins with nothing");
    assert_eq!(books.post("beta"), None);
}

#[test]
fn all_three_have_to_be_up_and_nobody_else_may_be_there() {
    let up = ["Nodes:", "beta — up (this node)", "alpha — up (10.0.0.1:1)", "gamma — up (10.0.0.3:1)"];
    let check =
        |lines: &[&str]| Books::count_up(&lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>());
    assert_eq!(check(&up), None);
    assert_eq!(check(&[up[0], up[1], up[2], up[3], "#alpha — 0 messages (on alpha)"]), None);
    for state in ["down", "left", "unreachable"] {
        let gamma = format!("gamma — {state} (10.0.0.3:1)");
        assert!(check(&[up[0], up[1], up[2], &gamma]).is_some(), "{state}");
        assert!(check(&[up[0], up[1], up[2], up[3], &gamma]).is_some(), "an earlier life that is {state}");
    }
    assert!(check(&up[..3]).is_some());
}

#[test]
fn one_that_took_too_long_is_named_and_breaks_the_whole() {
    let mut table = Table::default();
    assert!(table.add("kill alpha -> gone", ms(4_900), ms(8_000)) && table.is_kept());
    assert!(!table.add("stop beta -> gone", ms(501), ms(500)) && !table.is_kept());
    let text = table.to_string();
    assert!(text.contains("| kill alpha -> gone |    4.90 s |    8.00 s | kept   |\n"), "{text}");
    assert!(text.contains("| stop beta -> gone  |  501.0 ms |  500.0 ms | BROKEN |\n"), "{text}");
}
