//! How searches end, and how fast they are heard.

use std::future::pending;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use murmer_wire::{Incarnation, NodeId, NodeName};

use super::*;
use crate::cluster::discovery::{Discover, Searching};

/// What it does once the node leaves, and what it noted of that.
struct Searcher {
    waits: bool,
    goodbye: Duration,
    noted: Arc<Mutex<Vec<&'static str>>>,
}

impl Discover for Searcher {
    fn search<'a>(&'a self, _: &'a Whereabouts, hints: &'a Hints) -> Searching<'a> {
        Box::pin(async move {
            if !self.waits {
                pending::<()>().await;
            }
            hints.leaving().await;
            self.noted.lock().unwrap().push("told");
            tokio::time::sleep(self.goodbye).await;
            self.noted.lock().unwrap().push("took it back");
        })
    }
}

fn whereabouts() -> Whereabouts {
    let id = NodeId { name: NodeName::new("alpha").unwrap(), incarnation: Incarnation::from(1) };
    Whereabouts::new(id, SocketAddr::from(([127, 0, 0, 1], 7_100)), None)
}

/// How long such a search held up the end, and what it noted.
async fn left(waits: bool, goodbye: Duration) -> (Duration, Vec<&'static str>) {
    let noted = Arc::default();
    let searcher = Discovery::new(Searcher { waits, goodbye, noted: Arc::clone(&noted) });
    let (mut search, _hints) = Search::begin(&[searcher], &whereabouts());
    tokio::task::yield_now().await;
    let left_at = Instant::now();
    search.end().await;
    let noted = noted.lock().unwrap().clone();
    (left_at.elapsed(), noted)
}

#[tokio::test(start_paused = true)]
async fn a_search_that_waits_for_the_leave_has_half_a_second_and_no_other_has_any() {
    let ms = Duration::from_millis;
    assert_eq!(left(true, ms(200)).await, (ms(200), vec!["told", "took it back"]));
    assert_eq!(left(true, ms(60_000)).await, (ms(500), vec!["told"]));
    assert_eq!(left(false, ms(0)).await, (ms(0), vec![]));
}

#[tokio::test(start_paused = true)]
async fn the_half_second_begins_with_the_leave() {
    let searcher = Searcher { waits: true, goodbye: Duration::from_secs(60), noted: Arc::default() };
    let (mut search, _hints) = Search::begin(&[Discovery::new(searcher)], &whereabouts());
    tokio::task::yield_now().await;
    search.leave();
    tokio::time::sleep(Duration::from_millis(400)).await;
    let ended_at = Instant::now();
    search.end().await;
    assert_eq!(ended_at.elapsed(), Duration::from_millis(100));
}

/// Says where it is as fast as it may.
struct Chatterbox;

impl Discover for Chatterbox {
    fn search<'a>(&'a self, _: &'a Whereabouts, hints: &'a Hints) -> Searching<'a> {
        Box::pin(async move {
            loop {
                hints.found("here", ["10.0.0.1:1".parse().unwrap()]).await;
            }
        })
    }
}

#[tokio::test(start_paused = true)]
async fn however_much_is_said_a_hundred_hints_a_second_are_heard() {
    let (_search, hints) = Search::begin(&[Discovery::new(Chatterbox)], &whereabouts());
    let mut heard = 0;
    drop(tokio::time::timeout(Duration::from_secs(10), paced(hints, async |_| heard += 1)).await);
    assert!((990..=1_002).contains(&heard), "{heard}");
}
