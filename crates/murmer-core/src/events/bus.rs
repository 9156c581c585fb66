//! From whoever has news to every reader: a bounded line of events per reader and kind.
//!
//! Members, actors elsewhere and what happens here wait in lines of their own, so that a flood of one can't
//! push another out; they are read in the order in which they came. What a reader has no room for is counted.
//!
//! Doesn't know what an event means, but for its kind.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::Notify;

use super::Event;

/// Where events go; nothing is made of them while nobody listens.
#[derive(Debug, Default)]
pub(crate) struct Bus {
    readers: Mutex<Vec<Weak<Reader>>>,
    /// How many those are, some of them gone perhaps.
    count: AtomicUsize,
}

/// What one reader has yet to read.
#[derive(Debug, Default)]
pub(super) struct Reader {
    lines: Mutex<Lines>,
    news: Notify,
}

#[derive(Debug, Default)]
struct Lines {
    /// By kind; each event with its place among all.
    waiting: [VecDeque<(u64, Event)>; KINDS],
    last: u64,
    missed: u64,
    is_closed: bool,
}

impl Bus {
    pub(super) fn reader(&self) -> Arc<Reader> {
        let reader = Arc::new(Reader::default());
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        readers.retain(|reader| reader.strong_count() > 0);
        readers.push(Arc::downgrade(&reader));
        self.count.store(readers.len(), Ordering::Release);
        reader
    }

    pub(crate) fn emit(&self, event: impl FnOnce() -> Event) {
        if self.count.load(Ordering::Acquire) == 0 {
            return;
        }
        let readers: Vec<_> = {
            let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
            readers.retain(|reader| reader.strong_count() > 0);
            self.count.store(readers.len(), Ordering::Release);
            readers.iter().filter_map(Weak::upgrade).collect()
        };
        if readers.is_empty() {
            return;
        }
        let event = event();
        for reader in readers {
            reader.lines().push(event.clone());
            reader.news.notify_one();
        }
    }
}

/// There will be no more of them.
impl Drop for Bus {
    fn drop(&mut self) {
        let readers = self.readers.get_mut().unwrap_or_else(PoisonError::into_inner);
        for reader in readers.iter().filter_map(Weak::upgrade) {
            reader.lines().is_closed = true;
            reader.news.notify_one();
        }
    }
}

impl Reader {
    pub(super) async fn next(&self) -> Option<Event> {
        loop {
            {
                let mut lines = self.lines();
                if let Some(event) = lines.pop() {
                    return Some(event);
                }
                if lines.is_closed {
                    return None;
                }
            }
            // What comes in between leaves a permit: there is one who waits here.
            self.news.notified().await;
        }
    }

    fn lines(&self) -> std::sync::MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lines {
    fn push(&mut self, event: Event) {
        self.last += 1;
        let kind = event.kind();
        let line = &mut self.waiting[kind as usize];
        if line.len() >= kind.events_max() {
            line.pop_front();
            self.missed += 1;
        }
        line.push_back((self.last, event));
    }

    fn pop(&mut self) -> Option<Event> {
        if self.missed > 0 {
            return Some(Event::Lagged { missed: std::mem::take(&mut self.missed) });
        }
        let first = |line: &VecDeque<_>| line.front().map(|(place, _)| *place);
        let line = self.waiting.iter_mut().filter(|line| !line.is_empty()).min_by_key(|line| first(line))?;
        line.pop_front().map(|(_, event)| event)
    }
}

/// What an event is about, and so with which others it shares a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The members of the cluster.
    Members,
    /// Actors on other nodes.
    Elsewhere,
    /// This process.
    Here,
}

impl Kind {
    const fn events_max(self) -> usize {
        match self {
            Self::Members => MEMBER_EVENTS_MAX,
            Self::Elsewhere | Self::Here => EVENTS_MAX,
        }
    }
}

const KINDS: usize = 3;
/// Events kept for the slowest reader, of each kind but one.
const EVENTS_MAX: usize = 1_024;
/// Of members: all of the largest cluster may come and go twice.
const MEMBER_EVENTS_MAX: usize = 4_096;
