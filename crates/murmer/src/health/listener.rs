//! Reads requests off connections, and writes answers: within bounds, whoever is at the other end.
//!
//! One request per connection. Who is late or says too much is hung up on.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use murmer_core::System;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use super::service::{METHODS, Service};

/// Serves until the system is shut down.
pub(super) async fn run(listener: TcpListener, service: Arc<Service>, system: System) {
    let mut connections = JoinSet::new();
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let has_room = connections.len() < CONNECTIONS_MAX;
        tokio::select! {
            // The end comes before all that is still to be answered, and a place before who waits for one.
            biased;
            () = system.ended() => return,
            Some(_) = connections.join_next() => {}
            // So that a lag that is over between two requests isn't taken for one that lasts.
            _ = ticks.tick(), if has_room => {
                let service = service.clone();
                connections.spawn(async move { drop(service.ready().await) });
            }
            accepted = listener.accept(), if has_room => match accepted {
                Ok((stream, _)) => drop(connections.spawn(connection(stream, service.clone()))),
                Err(error) => {
                    // The process is out of files, as a rule: the next try would fail at once.
                    tracing::warn!(%error, "can't accept a connection that asks about health");
                    tokio::time::sleep(ACCEPT_AGAIN_AFTER).await; // tidy: sleep nothing tells when there are files again
                }
            },
        }
    }
}

async fn connection(stream: TcpStream, service: Arc<Service>) {
    let answer = service_fn(|request| {
        let service = service.clone();
        async move { Ok::<_, Infallible>(answer(&service, &request).await) }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(REQUEST_WAIT)
        .max_buf_size(REQUEST_BYTES_MAX)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), answer);
    match tokio::time::timeout(CONNECTION_MAX, served).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "a request about health came to nothing"),
        Err(_) => tracing::debug!("a request about health took too long"),
    }
}

async fn answer(service: &Service, request: &Request<Incoming>) -> Response<Full<Bytes>> {
    let answer = service.answer(request.method().as_str(), request.uri().path()).await;
    let mut response = Response::new(Full::new(Bytes::from(answer.text)));
    *response.status_mut() = StatusCode::from_u16(answer.status).expect("the service says what HTTP has");
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(answer.content_type));
    if answer.status == 405 {
        let allowed = HeaderValue::from_str(&METHODS.join(", ")).expect("methods are plain words");
        headers.insert(ALLOW, allowed);
    }
    response
}

/// Connections at once; more wait to be accepted. A probe or two and a monitor are what there is.
const CONNECTIONS_MAX: usize = 16;
/// The head of a request: the least that hyper takes.
const REQUEST_BYTES_MAX: usize = 8 << 10;
/// How long a request may take to arrive.
const REQUEST_WAIT: Duration = Duration::from_secs(5);
/// How long all of it may take, the answer included.
const CONNECTION_MAX: Duration = Duration::from_secs(10);
/// How often the node is looked at unasked.
const LOOK_EVERY: Duration = Duration::from_secs(1);
const ACCEPT_AGAIN_AFTER: Duration = Duration::from_millis(100);
