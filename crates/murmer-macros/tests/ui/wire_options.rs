#![allow(unused)]

use murmer_macros::Wire;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Wire)]
#[wire(local, crate = murmer_core)]
struct Unknown;

#[derive(Serialize, Deserialize, Wire)]
#[wire(crate = murmer_core)]
struct Borrowed<'a>(&'a str);

#[derive(Serialize, Deserialize, Wire)]
#[wire(crate = murmer_core)]
struct Lettered<const C: char>;

#[derive(Wire)]
#[wire(crate = murmer_core)]
struct WithoutSerde;

fn main() {}
