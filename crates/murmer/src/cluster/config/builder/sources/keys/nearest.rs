//! What was meant by a name that there isn't.

use core::cmp::min;
use core::mem;

use super::{Key, QUIC, Table};

/// What to write instead of `given`: the key that it nearly is, or all there are in that table.
pub(in super::super) fn nearest(table: Table, given: &str) -> String {
    if let Some(key) = Key::all().find(|key| key.name == given && key.table() != table) {
        return match key.table() {
            Table::Top => format!("{given} belongs at the top, above [{QUIC}]"),
            Table::Quic => format!("{given} belongs into the table [{QUIC}]"),
        };
    }
    let here = || Key::all().filter(|key| key.table() == table);
    // What can't be near isn't compared.
    let near = here()
        .filter(|key| key.name.len().abs_diff(given.len()) <= DISTANCE_MAX)
        .map(|key| (distance(key.name, given), key))
        .filter(|(distance, _)| *distance <= DISTANCE_MAX)
        .min_by_key(|(distance, _)| *distance);
    match near {
        Some((_, key)) => format!("did you mean {}?", key.name),
        None => {
            let names: Vec<_> = here().map(|key| key.name).collect();
            let table = if table == Table::Top { "and the table [quic]" } else { "and no tables" };
            format!("there are {}, {table}", names.join(", "))
        }
    }
}

/// How many letters have to be added, removed or replaced, as Levenshtein counts them.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.chars().enumerate() {
        let mut above_left = mem::replace(&mut row[0], at + 1);
        for column in 1..row.len() {
            let replaced = above_left + usize::from(letter != other[column - 1]);
            above_left = row[column];
            row[column] = min(replaced, min(row[column], row[column - 1]) + 1);
        }
    }
    row[other.len()]
}

/// More are another word.
const DISTANCE_MAX: usize = 2;
