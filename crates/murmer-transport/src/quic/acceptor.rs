//! The loop that takes in dialers: admits them, and runs their handshakes beside each other.
//!
//! Doesn't know whom to trust; it bounds how much all strangers together can ask for.

use std::future::IntoFuture;
use std::sync::Arc;

use quinn::{Endpoint, Incoming};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::{HANDSHAKE_WAIT, QuicConfig, QuicConnection};
use crate::admission::{Admission, Place};

/// Runs until the endpoint closes, and ends what is half done with it.
pub(super) async fn run(
    endpoint: Endpoint,
    config: Arc<QuicConfig>,
    admission: Admission,
    accepted: mpsc::Sender<QuicConnection>,
) {
    let mut handshakes = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            // Finished ones first, so that their memory is free before more is taken.
            Some(_) = handshakes.join_next() => {}
            incoming = endpoint.accept() => {
                let Some(incoming) = incoming else { break };
                if let Some((incoming, place)) = admit(incoming, &admission) {
                    handshakes.spawn(handshake(incoming, place, config.clone(), accepted.clone()));
                }
            }
        }
    }
}

/// Sends `incoming` away if there is no place for it, or if it has yet to show that its address is its own.
fn admit(incoming: Incoming, admission: &Admission) -> Option<(Incoming, Place)> {
    if admission.taken() >= UNVALIDATED_MAX && !incoming.remote_address_validated() {
        // Costs the dialer a round trip, and whoever forges addresses everything.
        let _ = incoming.retry();
        return None;
    }
    let from = incoming.remote_address();
    match admission.admit(from.ip()) {
        Some(place) => Some((incoming, place)),
        None => {
            tracing::debug!(%from, "dialer refused: too many are not trusted yet");
            incoming.refuse();
            None
        }
    }
}

async fn handshake(
    incoming: Incoming,
    place: Place,
    config: Arc<QuicConfig>,
    accepted: mpsc::Sender<QuicConnection>,
) {
    let from = incoming.remote_address();
    match timeout(HANDSHAKE_WAIT, incoming.into_future()).await {
        Ok(Ok(connection)) => {
            if let Some(connection) = QuicConnection::new(connection, &config, Some(place)) {
                // Fails only when nobody accepts any more.
                let _ = accepted.send(connection).await;
            }
        }
        Ok(Err(error)) => tracing::debug!(%from, %error, "handshake failed"),
        Err(_) => tracing::debug!(%from, "handshake took too long"),
    }
}

/// With so many places taken, dialers must show first that they receive what is sent to their address.
const UNVALIDATED_MAX: usize = 32;
