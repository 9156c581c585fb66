#![allow(unused)]

use murmer_macros::Message;

#[derive(Message)]
#[message(answer = u64, crate = murmer_core)]
struct Unknown;

#[derive(Message)]
#[message(reply, crate = murmer_core)]
struct NoReply;

#[derive(Message)]
#[message(reply = "u64", crate = murmer_core)]
struct Quoted;

#[derive(Message)]
#[message(local, crate = murmer_core)]
#[message(local)]
struct Twice;

#[derive(Message)]
#[message(name = "", crate = murmer_core)]
struct Nameless;

#[derive(Message)]
#[message(local, crate = murmer_core)]
struct Borrowed<'a>(&'a str);

#[derive(Message)]
#[message(local, crate = murmer_core)]
union Either {
    one: u8,
    other: i8,
}

fn main() {}
