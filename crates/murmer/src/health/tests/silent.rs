//! A node whose network does not answer.

use std::sync::Arc;
use std::time::Duration;

use murmer_core::{Changes, System, SystemOptions, incarnation_now};
use murmer_transport::Executor;
use murmer_wire::{NodeId, NodeName};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::Instant;

use super::{get, page, service};
use crate::cluster::remote::{Remote, Settings, Shared};

#[tokio::test(start_paused = true)]
async fn a_node_whose_network_does_not_answer_is_not_live() {
    let us = NodeId { name: NodeName::new("alpha").unwrap(), incarnation: incarnation_now() };
    let settings = Settings {
        ask_timeout: Duration::from_secs(30),
        mailbox_wait: Duration::from_secs(5),
        frame_bytes_max: 1 << 20,
        unsent_bytes_max: 1 << 20,
    };
    let (_ended, is_ended) = watch::channel(false);
    // Nobody takes what is said to it.
    let (words, _unread) = mpsc::channel(1);
    let shared = Arc::new(Shared::new(us.clone(), settings, Executor::hosted(), is_ended));
    let addr = ([127, 0, 0, 1], 7_100).into();
    let remote = Remote { shared, local_addr: addr, advertised: addr, words, flushing: Semaphore::new(1) };
    let system = System::joined(us, SystemOptions::default(), Arc::new(remote), Arc::new(Changes::default()));
    let service = service(&system);
    for path in ["/live", "/ready"] {
        let asked_at = Instant::now();
        let (status, text) = get(&service, path).await;
        assert!(status == 503 && text.ends_with(": the node's network does not answer\n"), "{status} {text}");
        assert_eq!(asked_at.elapsed().as_secs(), 2);
    }
    let page = page(&service).await;
    assert!(page.contains_key("murmer_members{state=\"up\"}") && !page.contains_key("murmer_driver_seconds"));
}
