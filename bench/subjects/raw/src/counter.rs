//! A bounded channel of bare numbers, and a task that adds them up.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, bail};
use bench_harness::{MAILBOX_MESSAGES, Subject};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// For tells.
pub struct Counters;

/// The sending half, and the task.
#[derive(Clone)]
pub struct Counter {
    numbers: mpsc::Sender<u64>,
    task: Arc<Mutex<Option<JoinHandle<u64>>>>,
}

impl Subject for Counters {
    type Actor = Counter;

    fn new() -> Result<Self> {
        Ok(Self)
    }

    async fn start(&self, _label: &str) -> Result<Counter> {
        let (numbers, mut receiver) = mpsc::channel(MAILBOX_MESSAGES);
        let task = tokio::spawn(async move {
            let mut sum = 0;
            while let Some(number) = receiver.recv().await {
                sum += number;
            }
            sum
        });
        Ok(Counter { numbers, task: Arc::new(Mutex::new(Some(task))) })
    }

    async fn tell(actor: &Counter, number: u64) -> Result<()> {
        Ok(actor.numbers.send(number).await?)
    }

    async fn ask(_actor: &Counter) -> Result<u64> {
        bail!("is only told")
    }

    async fn total(actor: Counter) -> Result<u64> {
        // The last sender gone, the task ends. So the channel needs no room for a question.
        drop(actor.numbers);
        let task = actor.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        Ok(task.context("asked for its sum twice")?.await?)
    }
}
