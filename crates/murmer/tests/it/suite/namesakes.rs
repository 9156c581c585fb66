//! Types of one name in different modules of a crate: each is found and called as itself.

use std::fmt;
use std::sync::{Arc, Mutex};

use murmer::prelude::*;
use murmer::{Handlers, Wire};
use serde::{Deserialize, Serialize};
use tracing::field::Field;
use tracing::span::{Attributes, Id, Record};
use tracing::{Metadata, Subscriber};

use super::bed::{Bed, InMemory, World, found_of_type};

mod north {
    use super::*;

    pub(crate) struct Till;
    impl Actor for Till {
        type State = u64;
    }

    #[handlers]
    impl Till {
        #[handler]
        fn pay(&mut self, total: &mut u64, cents: u64) -> u64 {
            *total += cents;
            *total
        }

        #[handler]
        fn close(&mut self) -> bool {
            true
        }
    }

    #[derive(Serialize, Deserialize, Wire)]
    pub(crate) struct Coin(pub u64);

    pub(crate) struct Purse<T>(pub Vec<T>);
    impl<T: Wire> Actor for Purse<T> {
        type State = ();
    }

    #[handlers]
    impl<T: Wire> Purse<T> {
        #[handler]
        fn put(&mut self, thing: T) -> usize {
            self.0.push(thing);
            self.0.len()
        }
    }
}

mod south {
    use super::*;

    /// Its first message is just like that of the other.
    pub(crate) struct Till;
    impl Actor for Till {
        type State = ();
    }

    #[handlers]
    impl Till {
        #[handler]
        fn pay(&mut self, cents: u64) -> u64 {
            cents * 1_000
        }

        #[handler]
        fn open(&mut self) -> u8 {
            7
        }
    }

    #[derive(Serialize, Deserialize, Wire)]
    pub(crate) struct Coin(pub u64);

    /// Two types of one path, which nothing tells apart.
    pub(crate) mod twins {
        use super::*;

        pub(crate) fn start_both(system: &System) -> [Looked; 2] {
            let first = {
                struct Twin;
                impl Actor for Twin {
                    type State = ();
                }
                #[handlers]
                impl Twin {
                    #[handler]
                    fn name(&self) -> u64 {
                        1
                    }
                }
                system.start("twin/1", Twin, ());
                (|system: &System, label: &str| system.lookup::<Twin>(label).is_some()) as Looked
            };
            struct Twin;
            impl Actor for Twin {
                type State = ();
            }
            #[handlers]
            impl Twin {
                #[handler]
                fn name(&self) -> u64 {
                    2
                }
            }
            system.start("twin/2", Twin, ());
            [first, |system, label| system.lookup::<Twin>(label).is_some()]
        }
    }
}

/// Whether a node finds one of the twins under a label.
type Looked = fn(&System, &str) -> bool;

pub(super) async fn types_of_one_name_are_called_as_themselves(bed: &mut Bed<impl World>) {
    use north::TillExt as _;
    use south::TillExt as _;
    assert_eq!(<north::Till as Handlers>::TYPE, <south::Till as Handlers>::TYPE);
    let (alpha, beta) = bed.pair().await;
    alpha.start("north", north::Till, 5);
    alpha.start("south", south::Till, ());
    let north: Endpoint<north::Till> = found_of_type(&beta, "north").await;
    let south: Endpoint<south::Till> = found_of_type(&beta, "south").await;
    assert!(!north.is_local() && !south.is_local());
    assert_eq!(north.pay(2).await.unwrap(), 7);
    assert_eq!(south.pay(2).await.unwrap(), 2_000);
    assert!(north.close().await.unwrap());
    assert_eq!(south.open().await.unwrap(), 7);
    assert!(beta.lookup::<south::Till>("north").is_none(), "that would be the other type's handler");
    assert!(beta.lookup::<north::Till>("south").is_none(), "that would be the other type's handler");
}

pub(super) async fn parameters_of_one_name_make_different_actors(bed: &mut Bed<impl World>) {
    use north::{Purse, PurseExt as _};
    assert_eq!(<Purse<north::Coin> as Handlers>::TYPE, <Purse<south::Coin> as Handlers>::TYPE);
    let (alpha, beta) = bed.pair().await;
    alpha.start("north", Purse::<north::Coin>(vec![]), ());
    alpha.start("south", Purse::<south::Coin>(vec![]), ());
    let north: Endpoint<Purse<north::Coin>> = found_of_type(&beta, "north").await;
    found_of_type::<Purse<south::Coin>>(&beta, "south").await;
    assert_eq!(north.put(north::Coin(5)).await.unwrap(), 1);
    assert!(beta.lookup::<Purse<south::Coin>>("north").is_none(), "it holds other coins");
}

pub(super) async fn of_types_that_nothing_tells_apart_other_nodes_do_not_hear(bed: &mut Bed<impl World>) {
    let (alpha, beta) = bed.pair().await;
    let looked = south::twins::start_both(&alpha);
    alpha.start("last", north::Till, 0);
    // Told behind the others.
    found_of_type::<north::Till>(&beta, "last").await;
    for label in ["twin/1", "twin/2"] {
        assert!(looked.iter().any(|look| look(&alpha, label)), "its own node finds {label}");
        assert!(!looked.iter().any(|look| look(&beta, label)), "no other node finds {label}");
    }
}

/// What is logged while one node starts, on the thread that starts it.
#[tokio::test(start_paused = true)]
async fn a_node_says_at_its_start_which_types_share_a_name() {
    let log = Log::default();
    // With one subscriber alone tracing asks the thread that says something first, and that may be another test's,
    // which has none: then it is never said here either. With two it asks them.
    let _second = tracing::Dispatch::new(Log::default());
    let _guard = tracing::subscriber::set_default(log.clone());
    Bed::<InMemory>::default().node("alpha", &[]).await;
    let log = log.0.lock().unwrap();
    let about = |name: &str| {
        let lines = log.iter().filter(|line| line.contains(&format!(" have the name {name} on")));
        lines.cloned().collect::<Vec<_>>().join("\n")
    };
    let tills = about("it::Till");
    assert!(tills.starts_with("WARN"), "{tills}");
    for part in ["::north::Till", "::south::Till", "namesakes.rs:", "#[handlers(name = \"…\")]"] {
        assert!(tills.contains(part), "{part} is not in {tills}");
    }
    assert!(about("it::Twin").starts_with("ERROR"), "{:?}", about("it::Twin"));
    let coins = about("it::Coin");
    assert!(coins.contains("::north") && coins.contains("::south") && coins.contains("#[wire("), "{coins}");
    assert_eq!(about("it::Probe"), "");
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event()
    }

    fn event(&self, event: &tracing::Event<'_>) {
        let mut line = event.metadata().level().to_string();
        event.record(&mut |_: &Field, value: &dyn fmt::Debug| line += &format!(" {value:?}"));
        self.0.lock().unwrap().push(line);
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}
