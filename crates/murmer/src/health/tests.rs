//! What is answered, without a socket.

mod actors;
mod figures;
mod nodes;
mod silent;

use std::collections::BTreeMap;
use std::time::Duration;

use murmer_core::System;

use super::service::{Answer, Service};

fn service(system: &System) -> Service {
    Service::new(system.clone(), Duration::from_secs(10))
}

/// The status and the text that `path` gives.
async fn get(service: &Service, path: &str) -> (u16, String) {
    let Answer { status, text, .. } = service.answer("GET", path).await;
    (status, text)
}

/// The numbers on the page, by name and labels.
async fn page(service: &Service) -> BTreeMap<String, f64> {
    let (status, text) = get(service, "/metrics").await;
    assert_eq!(status, 200);
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let numbers = lines.map(|line| {
        let (series, number) = line.rsplit_once(' ').expect("a series and its number");
        (series.to_owned(), number.parse().expect("a number"))
    });
    numbers.collect()
}

#[tokio::test]
async fn a_local_system_is_live_and_ready_until_it_is_shut_down() {
    let system = System::local();
    let service = service(&system);
    assert_eq!(get(&service, "/live").await, (200, "live\n".to_owned()));
    assert_eq!(get(&service, "/ready").await, (200, "ready\n".to_owned()));
    system.shutdown().await;
    assert_eq!(get(&service, "/ready").await, (503, "not ready: this node is leaving\n".to_owned()));
}

#[tokio::test]
async fn what_is_not_there_or_not_done_says_what_is() {
    let service = service(&System::local());
    let lost = (404, "there is /live, /ready and /metrics\n".to_owned());
    for path in ["/", "/metrics/", "/live?", "/../etc/passwd", ""] {
        assert_eq!(get(&service, path).await, lost, "{path}");
    }
    for method in ["POST", "DELETE", "get", "OPTIONS"] {
        let answer = service.answer(method, "/live").await;
        assert_eq!(
            (answer.status, &*answer.text),
            (405, "only GET and HEAD are answered here\n"),
            "{method}"
        );
    }
    assert_eq!(service.answer("HEAD", "/live").await.status, 200);
}
