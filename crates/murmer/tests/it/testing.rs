//! Clusters for tests: the same for the same seed, and able to find a mistake.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;

use murmer::prelude::*;
use murmer::testing::{Disturbance, TestCluster, check};
use murmer::{ActorOptions, ReceptionKey, Visibility};
use tokio::time::{Instant, sleep};

use crate::actors::{Probe, ProbeExt};

/// A minute of faults and traffic; what the network carried, and how it went for the callers.
async fn busy_minute(cluster: TestCluster) -> (u64, Vec<String>) {
    for name in ["alpha", "beta", "gamma"] {
        cluster.add(name, move |system| {
            for number in 0..5 {
                system.start(&format!("{name}/{number}"), Probe, vec![]);
            }
        });
        cluster.start(name).await;
    }
    let calls = async {
        let (mut heard, began) = (Vec::new(), Instant::now());
        while began.elapsed() < Duration::from_secs(60) {
            sleep(Duration::from_millis(50 + cluster.roll(200))).await;
            let running = cluster.running();
            let Some(caller) = running.get(cluster.roll(running.len() as u64) as usize) else { continue };
            let Some(caller) = cluster.system(caller) else { continue };
            let name = cluster.names()[cluster.roll(3) as usize].clone();
            let label = format!("{name}/{}", cluster.roll(5));
            let Some(probe) = caller.lookup::<Probe>(&label) else { continue };
            heard.push(format!("{:?}", probe.echo(1).timeout(Duration::from_millis(500)).await));
        }
        heard
    };
    let faults = cluster.disturb(Disturbance::default(), Duration::from_secs(60));
    let (heard, ()) = tokio::join!(calls, faults);
    cluster.settled().await;
    (cluster.trace_hash(), heard)
}

fn runs(seed: u64) -> (u64, Vec<String>) {
    let ran = Mutex::new(None);
    check([seed], async |cluster| *ran.lock().unwrap() = Some(busy_minute(cluster).await));
    ran.into_inner().unwrap().unwrap()
}

#[test]
fn a_seed_is_the_same_run_each_time() {
    let (once, again, another) = (runs(3), runs(3), runs(4));
    assert_eq!(once.1, again.1);
    assert_eq!(once.0, again.0);
    assert_ne!(once.0, another.0);
    assert!(once.1.iter().any(|heard| heard == "Ok(1)"), "{once:?}");
    assert!(once.1.iter().any(|heard| heard.starts_with("Err")), "{once:?}");
}

/// Money, moved one coin at a time.
struct Account;
impl Actor for Account {
    type State = (u64, BTreeSet<u64>);
}

#[handlers]
impl Account {
    #[handler]
    fn pay_in(&mut self, (coins, _): &mut (u64, BTreeSet<u64>)) {
        *coins += 1;
    }

    #[handler]
    fn pay_in_once(&mut self, (coins, seen): &mut (u64, BTreeSet<u64>), number: u64) {
        *coins += u64::from(seen.insert(number));
    }

    #[handler]
    fn balance(&mut self, (coins, _): &mut (u64, BTreeSet<u64>)) -> u64 {
        *coins
    }
}

/// Pays in a number of coins on a line with cuts, again and again until each is answered; what is there then.
async fn paid_in(cluster: &TestCluster, with_numbers: bool) -> u64 {
    cluster.configure(|config| config.ask_timeout(Duration::from_secs(2)));
    cluster.add("bank", |system| drop(system.start("account", Account, Default::default())));
    cluster.add("shop", |_| {});
    cluster.start("bank").await;
    let shop = cluster.start("shop").await;
    let paying = async {
        for number in 0..COINS {
            loop {
                sleep(Duration::from_millis(100)).await;
                let Some(account) = shop.lookup::<Account>("account") else { continue };
                let paid = match with_numbers {
                    true => account.pay_in_once(number).await,
                    false => account.pay_in().await,
                };
                if paid.is_ok() {
                    break;
                }
            }
        }
    };
    let faults = Disturbance { crashes: false, ..Disturbance::default() };
    tokio::join!(paying, cluster.disturb(faults, Duration::from_secs(30)));
    cluster.settled().await;
    shop.lookup::<Account>("account").unwrap().balance().await.unwrap()
}

#[test]
fn actors_without_a_label_in_groups_or_private_ones_don_t_keep_a_cluster_from_settling() {
    check([1], async |cluster| {
        let key = ReceptionKey::<Probe>::new("probes").unwrap();
        let joins = key.clone();
        cluster.add("alpha", move |system| {
            let secret = ActorOptions::default().visibility(Visibility::Private);
            system.try_start("secret", Probe, vec![], secret).unwrap();
            system.join_group(&joins, &system.start_anonymous(Probe, vec![])).unwrap();
            system.start_anonymous(Probe, vec![]);
        });
        cluster.add("beta", |_| {});
        cluster.start("alpha").await;
        let beta = cluster.start("beta").await;
        cluster.settled().await;
        assert_eq!((beta.group(&key).len(), beta.labels("*").len()), (1, 0));
    });
}

#[test]
fn nodes_that_are_started_side_by_side_find_each_other() {
    check(0..5, async |cluster| {
        for name in ["alpha", "beta", "gamma"] {
            cluster.add(name, |_| {});
        }
        tokio::join!(cluster.start("alpha"), cluster.start("beta"), cluster.start("gamma"));
        cluster.settled().await;
    });
}

#[test]
fn a_start_that_is_given_up_can_be_made_again() {
    check([1], async |cluster| {
        for name in ["alpha", "beta"] {
            cluster.add(name, |_| {});
        }
        cluster.start("alpha").await;
        cluster.partition(&["alpha"], &["beta"]);
        let given_up = tokio::time::timeout(Duration::from_secs(1), cluster.start("beta"));
        assert!(given_up.await.is_err(), "it can't join");
        assert!(cluster.system("beta").is_none());
        cluster.heal();
        cluster.start("beta").await;
        cluster.settled().await;
    });
}

#[test]
#[should_panic = "call it in a plain #[test]"]
fn a_check_on_a_runtime_says_where_it_belongs() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async { check([1], async |_| {}) });
}

#[test]
fn a_payment_that_is_repeated_without_a_number_is_found_to_be_made_twice() {
    let seen = Mutex::new(Vec::new());
    check(0..20, async |cluster| {
        let balance = paid_in(&cluster, false).await;
        assert!(balance >= COINS, "what was answered was done: seed {}", cluster.seed());
        seen.lock().unwrap().push(balance);
    });
    let seen = seen.into_inner().unwrap();
    assert!(seen.iter().any(|balance| *balance > COINS), "no seed shows it: {seen:?}");
}

#[test]
fn a_payment_that_is_repeated_under_its_number_is_made_once() {
    check(0..20, async |cluster| assert_eq!(paid_in(&cluster, true).await, COINS));
}

const COINS: u64 = 60;
