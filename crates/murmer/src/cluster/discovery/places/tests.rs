//! Names of discoveries, as numbers.

use super::*;

fn found(source: usize, name: &str, addr: &str) -> Hint {
    Hint { source, name: name.to_owned(), news: News::Found(vec![addr.parse().unwrap()]) }
}

fn number(input: Option<Input>) -> PlaceId {
    match input {
        Some(Input::Found { place, .. }) => place,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_place_keeps_its_number_until_it_is_forgotten_and_shares_it_with_no_other() {
    let mut places = Places::default();
    let first = number(places.hear(found(0, "a", "10.0.0.1:1")));
    assert_eq!(number(places.hear(found(0, "a", "10.0.0.2:1"))), first);
    assert_eq!(places.get(first).unwrap().to_string(), "10.0.0.2:1");
    assert_ne!(number(places.hear(found(1, "a", "10.0.0.1:1"))), first, "another discovery's");
    places.forget(first);
    assert!(places.get(first).is_none());
    let gone = Hint { source: 0, name: "a".to_owned(), news: News::Gone };
    assert!(places.hear(gone).is_none(), "nobody knows of it");
    assert_ne!(number(places.hear(found(0, "a", "10.0.0.1:1"))), first);
}

#[test]
fn host_names_are_no_addresses_yet_and_what_a_place_is_called_is_not_shown() {
    let mut places = Places::default();
    let seeds = vec!["alpha:7100".parse().unwrap(), "10.0.0.1:7100".parse().unwrap()];
    let hint = Hint { source: 0, name: "\u{1b}[31mred".to_owned(), news: News::Found(seeds) };
    let Some(Input::Found { place, addrs }) = places.hear(hint) else { panic!("it is found") };
    assert_eq!(addrs, ["10.0.0.1:7100".parse().unwrap()]);
    assert_eq!(places.get(place).unwrap().to_string(), "alpha:7100 (or 1 more)");
}
