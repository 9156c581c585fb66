//! Clusters for tests: the same for the same seed, and able to find a mistake.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;

use murmer::prelude::*;
use murmer::testing::{Disturbance, TestCluster, check};
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
