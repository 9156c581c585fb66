//! Who watches, and who is watched.

use std::sync::{Arc, Mutex};

use murmer::prelude::*;

use crate::actors::Probe;

/// Writes down what it is told, of whom and by whom.
pub(super) struct Listener;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Line {
    Heard(u32),
    Over(u64, StopReason),
}

#[derive(Debug, Clone, Default)]
pub(super) struct Lines(Arc<Mutex<Vec<Line>>>);

impl Lines {
    pub(super) fn take(&self) -> Vec<Line> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    pub(super) fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    fn add(&self, line: Line) {
        self.0.lock().unwrap().push(line);
    }
}

impl Actor for Listener {
    type State = Lines;

    async fn terminated(&mut self, _: &ActorContext<Self>, lines: &mut Lines, notice: Terminated) {
        lines.add(Line::Over(notice.tag, notice.reason));
    }
}

#[handlers]
impl Listener {
    #[handler]
    fn heard(&self, lines: &mut Lines, n: u32) {
        lines.add(Line::Heard(n));
    }

    /// Handles nothing else for so many seconds.
    #[handler]
    async fn nap(&self, seconds: u64) {
        tokio::time::sleep(std::time::Duration::from_secs(seconds)).await;
    }

    #[handler]
    fn watch(&self, ctx: &ActorContext<Self>, of: ActorRef<Probe>, tag: u64) {
        ctx.watch_ref(&of, tag);
    }

    #[handler]
    fn watch_all(&self, ctx: &ActorContext<Self>, of: Vec<ActorRef<Probe>>) {
        for (tag, one) in (0..).zip(of) {
            ctx.watch_ref(&one, tag);
        }
    }

    #[handler]
    fn watch_teller(&self, ctx: &ActorContext<Self>, of: ActorRef<Teller>, tag: u64) {
        ctx.watch_ref(&of, tag);
    }
}

/// Talks, and is done.
pub(super) struct Teller;

impl Actor for Teller {
    type State = ();
}

#[handlers]
impl Teller {
    /// Tells of `0..times`, and stops.
    #[handler]
    async fn tell_all(&self, ctx: &ActorContext<Self>, to: ActorRef<Listener>, times: u32) {
        let to = ctx.system().resolve(&to).expect("it is known");
        for n in 0..times {
            to.heard(n).tell().await.expect("it is there");
        }
        ctx.stop();
    }
}
