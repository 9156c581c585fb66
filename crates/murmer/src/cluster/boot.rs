//! From a config to a running node: bind, take an identity, start the driver, wait for the join.

mod identity;

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::thread;

use argon2::Argon2;
use murmer_core::__private::namesakes;
use murmer_core::{Changes, System, SystemOptions, incarnation_now, os_random};
use murmer_node::{ClusterKey, Introduction, JoinEnd, Withdrawal};
use murmer_transport::{Executor, QuicConfig, QuicTransport, STAND_IN_EVERY, Transport, Watch};
use murmer_wire::Incarnation;
use tokio::sync::{Semaphore, mpsc, oneshot, watch};
use tokio::time::MissedTickBehavior;

use self::identity::{advertised, identity};
use super::ClusterError;
use super::config::{ClusterConfig, Misspelt};
use super::departure::{Departure, Ending};
use super::driver::{self, Parts};
use super::manifest::Announce;
use super::remote::{Remote, Settings, Shared};

/// A node over QUIC: the control plane on a thread of its own, the data plane next to the actors.
pub(super) async fn over_quic(config: ClusterConfig, announce: Announce) -> Result<System, ClusterError> {
    tell_namesakes();
    tell_misspelt(&config);
    let keys = stretched(&config).await?;
    let (mut incarnation, mut refused) = (incarnation_now(), ClusterError::Stale);
    for _ in 0..STALE_MAX {
        let executor = Executor::new();
        let quic = quic_config(&config, &keys);
        let transport = QuicTransport::bind_on(config.listen, quic, &executor).map_err(ClusterError::Bind)?;
        let transport = Arc::new(transport);
        // Next to the actors. If that runtime ends, or is kept busy, the network's thread stands in.
        tokio::spawn(executor.host());
        let local = transport.local_addr();
        let addr = advertised(&config, local).await;
        let booting = prepare(&config, &keys, announce, [local, addr], incarnation, executor.clone());
        let name = &booting.us.id.name;
        tracing::info!(listen = %local, advertise = %addr, "starting node {name}");
        // Dropped with the thread's last breath, when the port is free again.
        let (over, is_over) = oneshot::channel();
        let parts = booting.parts;
        let run = move || {
            // An error means that the node has started, and nobody waits for it to be over.
            drop(over.send(network_thread(parts, transport, &executor)));
        };
        thread::Builder::new()
            .name("murmer-net".to_owned())
            .spawn(run)
            .map_err(|error| ClusterError::Thread(error.to_string()))?;
        let end = booting.joined.await;
        if let Ok(Ok(end)) = end {
            return Ok(joined(booting.system, end));
        }
        // The next one to bind the port, here or in the caller, must find it free.
        if let Ok(Err(error)) = is_over.await {
            return Err(ClusterError::Thread(error.to_string()));
        }
        (incarnation, refused) = next_life(end, &booting.us)?;
    }
    Err(refused)
}

/// A node over any transport, on this runtime.
pub(super) async fn over<T: Transport>(
    config: ClusterConfig,
    announce: Announce,
    transport: Arc<T>,
) -> Result<System, ClusterError> {
    tell_namesakes();
    tell_misspelt(&config);
    let keys = stretched(&config).await?;
    over_with(config, keys, announce, transport).await
}

/// The same with the cookies as keys.
pub(super) async fn over_with<T: Transport>(
    config: ClusterConfig,
    keys: Vec<ClusterKey>,
    announce: Announce,
    transport: Arc<T>,
) -> Result<System, ClusterError> {
    let started = start_over(&config, &keys, announce, &transport).await;
    if started.is_err() {
        // A driver that is to be started again leaves it open, and so does one that failed.
        transport.close().await;
    }
    started
}

async fn start_over<T: Transport>(
    config: &ClusterConfig,
    keys: &[ClusterKey],
    announce: Announce,
    transport: &Arc<T>,
) -> Result<System, ClusterError> {
    let (mut incarnation, mut refused) = (incarnation_now(), ClusterError::Stale);
    for _ in 0..STALE_MAX {
        let local = transport.local_addr();
        let addr = config.advertise.unwrap_or(local);
        let executor = Executor::hosted();
        let booting = prepare(config, keys, announce, [local, addr], incarnation, executor);
        tokio::spawn(driver::run(booting.parts, transport.clone()));
        let end = booting.joined.await;
        if let Ok(Ok(end)) = end {
            return Ok(joined(booting.system, end));
        }
        (incarnation, refused) = next_life(end, &booting.us)?;
    }
    Err(refused)
}

/// Whoever only uses one of them, or none, must be able to start.
fn tell_namesakes() {
    for namesakes in namesakes() {
        match namesakes.are_one {
            true => tracing::error!("{namesakes}"),
            false => tracing::warn!("{namesakes}"),
        }
    }
}

/// It may be another program's, or a mistake that nobody would notice.
fn tell_misspelt(config: &ClusterConfig) {
    for Misspelt { name, meant } in &config.misspelt {
        tracing::warn!("{name} is not a setting, and was not read; {meant} is one");
    }
}

/// The control plane, and whoever stands in for the data plane's host.
fn network_thread(parts: Parts, transport: Arc<QuicTransport>, executor: &Executor) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async move {
        let mut watch = Watch::default();
        let mut driver = pin!(driver::run(parts, transport.clone()));
        let mut ticks = tokio::time::interval(STAND_IN_EVERY);
        // After a delay of its own this thread must not take the host for one that has missed several ticks.
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = &mut driver => break,
                _ = ticks.tick() => {
                    executor.stand_in(&mut watch);
                }
            }
        }
        transport.close().await;
        executor.end();
    });
    Ok(())
}

/// Everything but the transport.
struct Booting {
    us: Introduction,
    system: System,
    parts: Parts,
    joined: oneshot::Receiver<Result<JoinEnd, Withdrawal>>,
}

fn prepare(
    config: &ClusterConfig,
    keys: &[ClusterKey],
    announce: Announce,
    [local_addr, advertised]: [std::net::SocketAddr; 2],
    incarnation: Incarnation,
    executor: Executor,
) -> Booting {
    let us = Introduction { id: identity(config, advertised, incarnation), addr: advertised };
    let (ended, is_ended) = watch::channel(false);
    let (words, heard) = mpsc::channel(WORDS_MAX);
    let settings = Settings {
        ask_timeout: config.ask_timeout,
        mailbox_wait: config.mailbox_wait,
        frame_bytes_max: config.message_bytes_max,
        unsent_bytes_max: UNSENT_BYTES_MAX,
    };
    let shared = Arc::new(Shared::new(us.id.clone(), settings, executor, is_ended));
    let changes = Arc::new(Changes::default());
    let options = SystemOptions { mailbox_wait: config.mailbox_wait, ..SystemOptions::default() };
    let remote = Arc::new(Remote {
        shared: shared.clone(),
        local_addr,
        advertised,
        words,
        flushing: Semaphore::new(driver::FLUSHES_MAX),
    });
    let system = System::joined(us.id.clone(), options, remote, changes.clone());
    let (joined, is_joined) = oneshot::channel();
    let parts = Parts {
        config: config.clone(),
        keys: keys.to_vec(),
        us: us.clone(),
        shared: shared.clone(),
        system: system.clone(),
        changes,
        words: heard,
        announce,
        joined,
        ending: Ending { shared, system: system.clone(), ended, why: Departure::Failed },
    };
    Booting { us, system, parts, joined: is_joined }
}

fn joined(system: System, end: JoinEnd) -> System {
    if end == JoinEnd::Late {
        tracing::warn!("nobody that could be joined has answered in full yet; starting anyway and trying on");
    }
    system
}

/// The incarnation to try next, after a start that came to nothing, and what to say if that was the last try.
fn next_life(
    end: Result<Result<JoinEnd, Withdrawal>, oneshot::error::RecvError>,
    us: &Introduction,
) -> Result<(Incarnation, ClusterError), ClusterError> {
    let above = |at_least: Incarnation| at_least.above(os_random()).max(incarnation_now());
    match end {
        Ok(Err(Withdrawal::Stale { at_least })) => Ok((above(at_least), ClusterError::Stale)),
        Ok(Err(Withdrawal::Quarantined { at_least })) => Ok((above(at_least), ClusterError::Quarantined)),
        Ok(Err(Withdrawal::NameInUse)) => Err(ClusterError::NameInUse(us.id.name.clone())),
        Ok(Ok(_) | Err(Withdrawal::Minority)) | Err(_) => {
            Err(ClusterError::Thread("it ended while joining".to_owned()))
        }
    }
}

fn quic_config(config: &ClusterConfig, keys: &[ClusterKey]) -> QuicConfig {
    // The same after a restart, so that peers notice one in a round trip; known to nobody without the
    // cookie, so that nobody else can end their connections.
    let name = config.name.as_ref().map_or("", |name| name.as_str());
    let purpose = format!("stateless reset {} {name}", config.listen);
    let stable_key = config.quic.stable_key.or_else(|| keys.first().map(|key| key.derive(&purpose)));
    QuicConfig { stable_key, ..config.quic.clone() }
}

/// The cookies as keys. Meant to be slow, so off the runtime's workers.
async fn stretched(config: &ClusterConfig) -> Result<Vec<ClusterKey>, ClusterError> {
    if config.cookies.iter().any(|cookie| cookie.len() < COOKIE_BYTES_MIN) {
        tracing::warn!(
            "the cookie is short; whoever can get themselves dialed can guess it: use 16 random bytes or more"
        );
    }
    let cookies = config.cookies.clone();
    // Long enough for Argon2 whatever the name, and never another cluster's.
    let salt = format!("murmer/1 cookie {}", config.cluster);
    let stretch = move || {
        let stretched = cookies.iter().map(|cookie| {
            let mut key = [0; 32];
            Argon2::default().hash_password_into(cookie.as_bytes(), salt.as_bytes(), &mut key)?;
            Ok(ClusterKey::from(key))
        });
        stretched.collect::<Result<Vec<_>, argon2::Error>>()
    };
    let done = tokio::task::spawn_blocking(stretch).await;
    let failed =
        |error: &dyn std::fmt::Display| ClusterError::Thread(format!("stretching the cookie: {error}"));
    done.map_err(|error| failed(&error))?.map_err(|error| failed(&error))
}

/// How often a node takes a higher incarnation before it gives up.
const STALE_MAX: usize = 4;
/// What operators have said that the driver has yet to hear.
const WORDS_MAX: usize = 16;
/// What all streams of a node may hold of messages that are not sent yet, and again of answers, but for
/// 16 KiB or one message each.
const UNSENT_BYTES_MAX: usize = 256 << 20;
/// What can't be guessed at Argon2id's price.
const COOKIE_BYTES_MIN: usize = 16;

#[cfg(test)]
mod tests;
