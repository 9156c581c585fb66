//! Nodes that were told of nobody, and find each other by multicast DNS.

use std::time::{Duration, Instant};

use crate::namespaces::Machines;
use crate::ports::free_port;
use crate::process::Chat;

const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

/// Every one of `chats` lists exactly these rooms, all answering. Says how long it took.
fn all_list(chats: &mut [&mut Chat], rooms: &[&str], within: Duration) -> Duration {
    let begun = Instant::now();
    for chat in chats {
        chat.ask_by("rooms", begun + within, |answer| Chat::rooms(answer) == rooms);
    }
    begun.elapsed()
}

/// A node on loopback, of a cluster that only this process of tests knows to get into.
fn node(name: &str, port: u16) -> Chat {
    let (listen, cookie) = (format!("127.0.0.1:{port}"), format!("cookie of process {}", std::process::id()));
    let mut chat = Chat::start(&["--node", name, "--listen", &listen, "--mdns", "--cookie", &cookie]);
    chat.expect(&format!("Started room: #{name}"), secs(20));
    chat
}

#[test]
fn nodes_on_one_machine_find_each_other_and_those_that_come_back() {
    let (a, b) = (free_port(), free_port());
    let mut alpha = node("alpha", a);
    let mut beta = node("beta", b);
    all_list(&mut [&mut alpha, &mut beta], &["#alpha", "#beta"], secs(10));
    beta.kill();
    let mut beta = node("beta", b);
    all_list(&mut [&mut alpha, &mut beta], &["#alpha", "#beta"], secs(20));
    alpha.say("quit");
    assert!(alpha.wait(secs(10)).success());
    all_list(&mut [&mut beta], &["#beta"], secs(10));
    // Nobody that is left has ever been told of gamma, nor gamma of them; so any port will do.
    let mut gamma = node("gamma", 0);
    all_list(&mut [&mut beta, &mut gamma], &["#beta", "#gamma"], secs(10));
}

#[test]
fn three_machines_find_each_other_whatever_happens_to_them() {
    let Some(machines) = Machines::new(3) else { return };
    let start = |at: usize, name: &str| {
        let args = ["--node", name, "--port", "7100", "--mdns"];
        let mut chat = Chat::spawn(&mut Chat::command_in(machines.on(at), &args));
        chat.expect(&format!("Started room: #{name}"), secs(20));
        chat
    };
    let all = ["#alpha", "#beta", "#gamma"];
    let (mut alpha, mut beta, mut gamma) = (start(0, "alpha"), start(1, "beta"), start(2, "gamma"));
    let took = all_list(&mut [&mut alpha, &mut beta, &mut gamma], &all, secs(10));
    println!("all three had each other {took:?} after the last start");

    machines.plug(2, false);
    all_list(&mut [&mut alpha, &mut beta], &all[..2], secs(20));
    all_list(&mut [&mut gamma], &all[2..], secs(20));
    machines.plug(2, true);
    let took = all_list(&mut [&mut alpha, &mut beta, &mut gamma], &all, secs(30));
    println!("the one that was cut off was back after {took:?}");

    gamma.kill();
    all_list(&mut [&mut alpha, &mut beta], &all[..2], secs(20));
    let mut gamma = start(2, "gamma");
    let took = all_list(&mut [&mut alpha, &mut beta, &mut gamma], &all, secs(20));
    println!("the one that was killed was back after {took:?}");

    // Those that have just met are not what holds it together.
    alpha.kill();
    beta.kill();
    all_list(&mut [&mut gamma], &all[2..], secs(20));
    let mut delta = start(0, "delta");
    let took = all_list(&mut [&mut gamma, &mut delta], &["#delta", "#gamma"], secs(20));
    println!("a new one was there after {took:?}");
    gamma.say("quit");
    assert!(gamma.wait(secs(10)).success());
    all_list(&mut [&mut delta], &["#delta"], secs(10));
}
