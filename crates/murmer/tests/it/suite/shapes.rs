//! Actors with parameters, and messages that several actors share, between nodes.

use murmer::prelude::*;
use murmer::{Handlers, Recipient};

use super::bed::{Bed, World, found, found_of_type};
use crate::actors::{Item, Probe, Replace, Shelf, ShelfCount, ShelfExt, ShelfPut};
use crate::local::messages::{Account, AccountExt, Deposit, Order};

pub(super) async fn a_shared_message_reaches_its_actors_on_other_nodes(bed: &mut Bed<impl World>) {
    let (alpha, beta) = bed.pair().await;
    let here = beta.start("here", Account, (1, false));
    alpha.start("there", Account, (2, false));
    let there: Endpoint<Account> = found_of_type(&beta, "there").await;
    there.tell(Order::Freeze).await.unwrap();
    let accounts: [Recipient<Deposit>; 2] = [here.recipient(), there.recipient()];
    assert_eq!(accounts[0].send(Deposit { cents: 5 }).await.unwrap(), 6);
    assert_eq!(accounts[1].send(Deposit { cents: 5 }).await.unwrap(), 2, "it is frozen");
    there.order(Order::Thaw).await.unwrap();
    assert_eq!(there.deposit(Deposit { cents: 5 }).await.unwrap(), 7);
}

pub(super) async fn a_generic_actor_is_called_from_another_node(bed: &mut Bed<impl World>) {
    let (alpha, beta) = bed.pair().await;
    alpha.start("shelf", Shelf::<Item<u64>, 2>(vec![]), ());
    let shelf: Endpoint<Shelf<Item<u64>, 2>> = found_of_type(&beta, "shelf").await;
    assert!(!shelf.is_local());
    let item = |price| Item { price };
    assert_eq!(shelf.put(item(7)).await.unwrap(), Ok(1));
    assert_eq!(shelf.send(ShelfPut::new(item(8))).await.unwrap(), Ok(2));
    assert_eq!(shelf.put(item(9)).await.unwrap(), Err(item(9)));
    assert_eq!(shelf.all().await.unwrap(), [item(7), item(8)]);
    assert_eq!(shelf.first_later().await.unwrap(), Some(item(7)));
    assert_eq!(shelf.replace(Replace { things: vec![item(1)] }).await.unwrap(), 1);
    assert_eq!(shelf.count().await.unwrap(), 1);
}

pub(super) async fn generic_actors_of_other_parameters_are_other_actors_on_every_node(
    bed: &mut Bed<impl World>,
) {
    let (alpha, beta) = bed.pair().await;
    alpha.start("shelf", Shelf::<u8, 2>(vec![1]), ());
    alpha.start("other", Shelf::<u16, 2>(vec![]), ());
    let shelf: Endpoint<Shelf<u8, 2>> = found_of_type(&beta, "shelf").await;
    found_of_type::<Shelf<u16, 2>>(&beta, "other").await;
    assert!(beta.lookup::<Shelf<u16, 2>>("shelf").is_none());
    assert!(beta.lookup::<Shelf<u8, 3>>("shelf").is_none());
    assert!(beta.lookup::<Shelf<u8, 2>>("other").is_none());
    assert_eq!(<Shelf<u8, 2> as Handlers>::TYPE, "it::Shelf<u8,2>");
    assert_eq!(<Shelf<Vec<Item<u8>>, 0> as Handlers>::TYPE, "it::Shelf<Vec<shop::Item<u8>>,0>");
    assert_ne!(ShelfPut::<u8, 2>::KEY, ShelfPut::<u16, 2>::KEY);
    assert_ne!(ShelfPut::<u8, 2>::KEY, ShelfPut::<u8, 3>::KEY);
    // What mentions no parameter is one message for all of them.
    assert_eq!(shelf.send(ShelfCount {}).await.unwrap(), 1);
    // The types of actors without parameters are announced beside them as ever.
    alpha.start("probe", Probe, vec![]);
    found(&beta, "probe").await;
}
