//! A bounded channel of oneshot senders, and a task that answers.

use std::collections::HashMap;
use std::sync::Mutex;

use anyhow::{Result, bail};
use bench_harness::{MAILBOX_MESSAGES, Subject};
use tokio::sync::{mpsc, oneshot};

/// For asks and for idle tasks.
#[derive(Default)]
pub struct Answerers {
    /// An actor with a label can be found; so must a channel be that is weighed against it.
    labels: Mutex<HashMap<Box<str>, mpsc::Sender<oneshot::Sender<u64>>>>,
}

impl Subject for Answerers {
    type Actor = mpsc::Sender<oneshot::Sender<u64>>;

    fn new() -> Result<Self> {
        Ok(Self::default())
    }

    async fn start(&self, label: &str) -> Result<Self::Actor> {
        let (questions, mut receiver) = mpsc::channel::<oneshot::Sender<u64>>(MAILBOX_MESSAGES);
        tokio::spawn(async move {
            while let Some(question) = receiver.recv().await {
                // Whoever stopped waiting needs no answer.
                let _ = question.send(1);
            }
        });
        if let Ok(mut labels) = self.labels.lock() {
            labels.insert(label.into(), questions.clone());
        }
        Ok(questions)
    }

    async fn tell(_actor: &Self::Actor, _number: u64) -> Result<()> {
        bail!("is only asked")
    }

    async fn ask(actor: &Self::Actor) -> Result<u64> {
        let (sender, receiver) = oneshot::channel();
        actor.send(sender).await?;
        Ok(receiver.await?)
    }
}
