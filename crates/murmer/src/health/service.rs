//! From a method and a path to an answer. No socket, no bytes: for tests, too.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use murmer_core::System;
use tokio::time::Instant;

use super::page::Page;
use super::readiness::{Look, NotReady, Readiness};
use crate::cluster::{Departure, remote_of};
use crate::metrics::{DRIVER_WAIT, Publisher, Sampler};

pub(super) struct Service {
    system: System,
    lag_max: Duration,
    epoch: Instant,
    readiness: Mutex<Readiness>,
    /// One look at a time.
    sampler: tokio::sync::Mutex<Sampler>,
}

/// What to say.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) content_type: &'static str,
    pub(super) text: String,
}

impl Service {
    pub(super) fn new(system: System, lag_max: Duration) -> Self {
        Self {
            system: system.clone(),
            lag_max,
            epoch: Instant::now(),
            readiness: Mutex::default(),
            sampler: tokio::sync::Mutex::new(Sampler::new(system)),
        }
    }

    pub(super) async fn answer(&self, method: &str, path: &str) -> Answer {
        if !METHODS.contains(&method) {
            return Answer::plain(405, format!("only {} are answered here\n", METHODS.join(" and ")));
        }
        match path {
            "/live" => match self.alive().await {
                Ok(()) => Answer::plain(200, "live\n".to_owned()),
                Err(why) => Answer::plain(503, format!("not live: {why}\n")),
            },
            "/ready" => match self.ready().await {
                Ok(()) => Answer::plain(200, "ready\n".to_owned()),
                Err(why) => Answer::plain(503, format!("not ready: {why}\n")),
            },
            "/metrics" => {
                Answer { status: 200, content_type: Page::CONTENT_TYPE, text: self.metrics().await }
            }
            _ => Answer::plain(404, "there is /live, /ready and /metrics\n".to_owned()),
        }
    }

    /// Whether the node is ready, which it remembers: to be asked now and then, also if nobody wants to know.
    pub(super) async fn ready(&self) -> Result<(), NotReady> {
        let look = match self.look().await {
            // Its actors are stopped before it leaves.
            Look::Local | Look::Node(_) if self.system.is_shut_down() => Look::ShuttingDown,
            look => look,
        };
        let mut readiness = self.readiness.lock().unwrap_or_else(PoisonError::into_inner);
        readiness.look(self.epoch.elapsed(), self.lag_max, &look)
    }

    async fn alive(&self) -> Result<(), NotReady> {
        match self.look().await {
            Look::Local | Look::Node(_) | Look::ShuttingDown | Look::Left(Departure::ShutDown) => Ok(()),
            Look::Silent => Err(NotReady::Silent),
            Look::Left(why) => Err(NotReady::Left(why)),
        }
    }

    /// Asks the driver, and so whether it still answers.
    async fn look(&self) -> Look {
        let Some(remote) = remote_of(&self.system) else { return Look::Local };
        let stats = tokio::time::timeout(DRIVER_WAIT, remote.stats()).await;
        match (stats, remote.departure()) {
            (Ok(Some(stats)), _) => Look::Node(stats),
            (_, Some(why)) => Look::Left(why),
            // It is over, and is about to say why.
            (Ok(None), None) => Look::ShuttingDown,
            (Err(_), None) => Look::Silent,
        }
    }

    async fn metrics(&self) -> String {
        let sample = self.sampler.lock().await.sample().await;
        let page = Page::default();
        // Whatever recorder the program has: what was published to that is another matter.
        metrics::with_local_recorder(&page, || Publisher::default().publish(&sample));
        page.render()
    }
}

impl Answer {
    const fn plain(status: u16, text: String) -> Self {
        Self { status, content_type: "text/plain; charset=utf-8", text }
    }
}

pub(super) const METHODS: [&str; 2] = ["GET", "HEAD"];
