//! What was meant by a name that there isn't.

use core::cmp::min;
use core::mem;

/// The one of `names` that `given` nearly is.
pub(super) fn nearest<'n, N: AsRef<str> + 'n>(
    names: impl IntoIterator<Item = &'n N>,
    given: &str,
) -> Option<&'n N> {
    let near = names.into_iter().filter_map(|name| {
        // What can't be near isn't compared.
        let is_near = name.as_ref().len().abs_diff(given.len()) <= DISTANCE_MAX;
        let distance = is_near.then(|| distance(name.as_ref(), given))?;
        (distance <= DISTANCE_MAX).then_some((distance, name))
    });
    near.min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
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
