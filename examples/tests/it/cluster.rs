//! Nodes that come, go, die and come back.

use std::thread;
use std::time::Duration;

use crate::process::{Chat, free_port};

fn seed(port: u16) -> String {
    format!("127.0.0.1:{port}")
}

fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

/// Waits until every one of `chats` lists exactly these rooms, all answering.
fn all_list(chats: &mut [&mut Chat], rooms: &[&str], within: Duration) {
    for chat in chats {
        chat.ask_until("rooms", within, |answer| Chat::rooms(answer) == rooms);
    }
}

#[test]
fn three_nodes_mesh_from_one_seed_and_outlive_it() {
    let (a, b, c) = (free_port(), free_port(), free_port());
    let mut alpha = Chat::node("alpha", a, &[]);
    let mut beta = Chat::node("beta", b, &[&seed(a)]);
    let mut gamma = Chat::node("gamma", c, &[&seed(a)]);
    let all = ["#alpha", "#beta", "#gamma"];
    all_list(&mut [&mut alpha, &mut beta, &mut gamma], &all, secs(2));
    assert_eq!(beta.ask("post alpha bea hello there"), ["[1 messages in #alpha]"]);
    assert_eq!(gamma.ask("post beta gina hello"), ["[1 messages in #beta]"]);
    assert_eq!(alpha.ask("history alpha"), ["--- #alpha ---", "bea: hello there"]);

    alpha.kill();
    assert_eq!(gamma.ask("post beta gina still here"), ["[2 messages in #beta]"]);
    let left = ["#beta", "#gamma"];
    let is_pruned = |answer: &[String]| !answer.iter().any(|line| line.starts_with("#alpha"));
    let taken = gamma.ask_until("rooms", secs(10), is_pruned);
    println!("gamma dropped the dead node's room after {taken:?}");
    all_list(&mut [&mut beta, &mut gamma], &left, secs(10));

    for pause in [5, 60] {
        thread::sleep(secs(pause));
        let mut alpha = Chat::node("alpha", a, &[]);
        all_list(&mut [&mut alpha, &mut beta, &mut gamma], &all, secs(5));
        assert_eq!(alpha.ask("post gamma al back again").len(), 1);
        alpha.kill();
        beta.ask_until("rooms", secs(10), is_pruned);
    }
}

#[test]
fn a_node_that_is_told_to_stop_leaves_and_is_gone_at_once() {
    let (a, b) = (free_port(), free_port());
    let mut alpha = Chat::node("alpha", a, &[]);
    let mut beta = Chat::node("beta", b, &[&seed(a)]);
    all_list(&mut [&mut alpha], &["#alpha", "#beta"], secs(2));
    // The end of its input is not the end of a node.
    beta.end_input();
    assert_eq!(alpha.ask("post beta al anyone there?"), ["[1 messages in #beta]"]);
    beta.terminate();
    assert!(beta.wait(secs(5)).success());
    let taken = alpha.ask_until("rooms", secs(2), |answer| Chat::rooms(answer) == ["#alpha"]);
    println!("the leaving node's room was gone after {taken:?}");
    assert!(alpha.ask("nodes").iter().any(|line| line.starts_with("beta — left")));
}

#[test]
fn a_seed_may_be_a_host_name_and_may_come_up_later() {
    let (a, b) = (free_port(), free_port());
    let seed = format!("localhost:{a}");
    let mut beta = Chat::node("beta", b, &[&seed]);
    assert_eq!(Chat::rooms(&beta.ask("rooms")), ["#beta"]);
    let mut alpha = Chat::node("alpha", a, &[]);
    all_list(&mut [&mut beta, &mut alpha], &["#alpha", "#beta"], secs(6));
}

#[test]
fn a_wrong_cookie_is_refused_on_both_sides_and_learns_nothing() {
    let (a, b) = (free_port(), free_port());
    let mut alpha = Chat::node("alpha", a, &[]);
    let (port, to) = (b.to_string(), seed(a));
    let mut eve =
        Chat::start(&["--node", "eve", "--port", &port, "--seed", &to, "--cookie", "not-the-cookie-at-all"]);
    eve.expect("Started room: #eve", secs(20));
    eve.expect_log("the cookie or the cluster name differs", secs(5));
    alpha.expect_log("the peer's proof of the cookie is wrong", secs(5));
    assert_eq!(eve.ask("nodes"), ["Nodes:", "eve — up (this node)"]);
    assert_eq!(Chat::rooms(&eve.ask("rooms")), ["#eve"]);
    assert_eq!(Chat::rooms(&alpha.ask("rooms")), ["#alpha"]);
    // Tried again and again, said once.
    eve.expect_log("the cookie or the cluster name differs", secs(5));
    assert_eq!(eve.read_log().matches("the cookie or the cluster name differs").count(), 1);
}

#[test]
fn a_second_process_under_one_name_is_refused_and_says_so() {
    let (a, b, c) = (free_port(), free_port(), free_port());
    let mut alpha = Chat::node("alpha", a, &[]);
    let mut beta = Chat::node("beta", b, &[&seed(a)]);
    let (port, to) = (c.to_string(), seed(a));
    let mut second = Chat::start(&["--node", "beta", "--port", &port, "--seed", &to]);
    assert_eq!(second.wait(secs(10)).code(), Some(1));
    second.expect_log("the name beta is in use by another live node", secs(1));
    assert_eq!(beta.ask("post alpha b still me"), ["[1 messages in #alpha]"]);
    all_list(&mut [&mut alpha], &["#alpha", "#beta"], secs(2));
}
