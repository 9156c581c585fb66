//! Whether nodes go on holding each other to be well.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use murmer::cluster::MemberState;
use murmer::prelude::*;
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// Looks at what nodes think of each other for as long as it lives.
pub(super) struct Calm {
    alarms: Arc<Mutex<BTreeSet<String>>>,
    watching: JoinHandle<()>,
}

impl Calm {
    pub(super) fn watch(systems: [&System; 2]) -> Self {
        let alarms = Arc::<Mutex<BTreeSet<String>>>::default();
        let seen = alarms.clone();
        let systems = systems.map(Clone::clone);
        let watching = tokio::spawn(async move {
            loop {
                for system in &systems {
                    let members = system.members();
                    let wrong = members.iter().filter(|(_, state)| *state != MemberState::Up);
                    let wrong =
                        wrong.map(|(member, state)| format!("{:?}: {} {state:?}", system.node(), member.id));
                    seen.lock().unwrap().extend(wrong);
                }
                // A suspicion lasts until it was told with a probe, and answered.
                sleep(LOOK_EVERY).await; // tidy: sleep a state that passes is not told of
            }
        });
        Self { alarms, watching }
    }

    pub(super) fn assert(&self) {
        let alarms = self.alarms.lock().unwrap();
        assert!(alarms.is_empty() && !self.watching.is_finished(), "{alarms:?}");
    }
}

impl Drop for Calm {
    fn drop(&mut self) {
        self.watching.abort();
    }
}

const LOOK_EVERY: Duration = Duration::from_millis(10);
