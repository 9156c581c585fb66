//! Nodes that come, go, die and come back.

use std::thread;
use std::time::{Duration, Instant};

use crate::ports::free_port;
use crate::process::Chat;

fn seed(port: u16) -> String {
    format!("127.0.0.1:{port}")
}

fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

/// Every one of `chats` lists exactly these rooms, all answering, by the one deadline.
fn all_list(chats: &mut [&mut Chat], rooms: &[&str], by: Instant) {
    for chat in chats {
        chat.ask_by("rooms", by, |answer| Chat::rooms(answer) == rooms);
    }
}

fn within(span: Duration) -> Instant {
    Instant::now() + span
}

fn is_without_alpha(answer: &[String]) -> bool {
    !answer.iter().any(|line| line.starts_with("#alpha"))
}

/// Alpha's room is dropped on both others within 10 s of the kill, and they go on at once.
fn kill_and_see_it_pruned(alpha: &mut Chat, beta: &mut Chat, gamma: &mut Chat) {
    let killed_at = Instant::now();
    alpha.kill();
    assert_eq!(gamma.ask("post beta gina still here").len(), 1);
    assert!(Instant::now() < killed_at + secs(2), "the living answer while the dead is still listed");
    for chat in [beta, gamma] {
        chat.ask_by("rooms", killed_at + secs(10), is_without_alpha);
    }
    println!("the dead node's room was dropped everywhere after {:?}", killed_at.elapsed());
}

#[test]
fn three_nodes_mesh_from_one_seed_and_outlive_it() {
    let (a, b, c) = (free_port(), free_port(), free_port());
    let mut alpha = Chat::node("alpha", a, &[]);
    let mut beta = Chat::node("beta", b, &[&seed(a)]);
    let last_start = Instant::now();
    let mut gamma = Chat::node("gamma", c, &[&seed(a)]);
    let all = ["#alpha", "#beta", "#gamma"];
    all_list(&mut [&mut alpha, &mut beta, &mut gamma], &all, last_start + secs(2));
    println!("all three listed all rooms {:?} after the last start", last_start.elapsed());
    assert_eq!(beta.ask("post alpha bea hello there"), ["[1 messages in #alpha]"]);
    assert_eq!(gamma.ask("post beta gina hello"), ["[1 messages in #beta]"]);
    assert_eq!(alpha.ask("history alpha"), ["--- #alpha ---", "bea: hello there"]);

    kill_and_see_it_pruned(&mut alpha, &mut beta, &mut gamma);
    all_list(&mut [&mut beta, &mut gamma], &["#beta", "#gamma"], within(secs(2)));

    for pause in [5, 60] {
        thread::sleep(secs(pause));
        let restarted_at = Instant::now();
        let mut alpha = Chat::starting_node("alpha", a, &[]);
        alpha.expect("Started room: #alpha", secs(5));
        all_list(&mut [&mut alpha, &mut beta, &mut gamma], &all, restarted_at + secs(5));
        println!("the restarted node was back everywhere after {:?}", restarted_at.elapsed());
        assert_eq!(alpha.ask("post gamma al back again").len(), 1);
        kill_and_see_it_pruned(&mut alpha, &mut beta, &mut gamma);
    }
}

#[test]
fn a_node_that_is_replaced_while_it_is_silent_ends_with_that_as_its_error() {
    let (a, b, c) = (free_port(), free_port(), free_port());
    let mut alpha = Chat::node("alpha", a, &[]);
    let mut beta = Chat::node("beta", b, &[&seed(a)]);
    all_list(&mut [&mut alpha, &mut beta], &["#alpha", "#beta"], within(secs(2)));
    beta.signal("STOP");
    let mut later = Chat::node("beta", c, &[&seed(a)]);
    assert_eq!(later.ask("post alpha b it is me now"), ["[1 messages in #alpha]"]);
    beta.signal("CONT");
    assert_eq!(beta.wait(secs(20)).code(), Some(1));
    beta.expect_log("error: a later process has taken this node's place in the cluster", secs(1));
    assert_eq!(alpha.ask("post beta al still here?"), ["[1 messages in #beta]"]);
}

#[test]
fn a_node_that_is_told_to_stop_leaves_and_is_gone_at_once() {
    let (a, b) = (free_port(), free_port());
    let mut alpha = Chat::node("alpha", a, &[]);
    let mut beta = Chat::node("beta", b, &[&seed(a)]);
    all_list(&mut [&mut alpha], &["#alpha", "#beta"], within(secs(2)));
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
    all_list(&mut [&mut beta, &mut alpha], &["#alpha", "#beta"], within(secs(6)));
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
    assert!(!second.whole_log().contains("trying on"), "it gave up:\n{}", second.log);
    assert_eq!(beta.ask("post alpha b still me"), ["[1 messages in #alpha]"]);
    all_list(&mut [&mut alpha], &["#alpha", "#beta"], within(secs(2)));
}
