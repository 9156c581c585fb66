//! Whether a node lives, whether it is ready, and what it counts: over HTTP, for whatever watches it.
//!
//! | path | says |
//! |---|---|
//! | `/live` | 200 if the node's network answers within 2 s, else 503: start it anew |
//! | `/ready` | 200 if it has joined and knows what the others have, else 503 and why: send it nothing yet |
//! | `/metrics` | what it counts, as Prometheus reads it |
//!
//! ```text
//! listener ─▶ one connection, one request ─▶ Service ─▶ Readiness · Sampler ─▶ Page
//! ```
//!
//! Nothing here is protected: whoever reaches the address reads it. It is the loopback one unless set.
//!
//! Doesn't know a program's own state. `docs/guide/metrics.md` in the repository says what ready means to the letter,
//! and what each figure does.

mod config;
mod error;
mod listener;
mod page;
mod readiness;
mod service;

use std::net::SocketAddr;
use std::sync::Arc;

use murmer_core::System;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use self::config::HealthConfig;
pub use self::error::HealthError;
use self::service::Service;

/// Answers over HTTP for as long as this is held and the system has not been shut down.
///
/// # Examples
///
/// ```
/// use murmer::health::{Health, HealthConfig};
/// use murmer::prelude::*;
/// use tokio::io::{AsyncReadExt, AsyncWriteExt};
/// use tokio::net::TcpStream;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let system = System::local();
/// let config = HealthConfig::default().listen("127.0.0.1:0".parse()?); // any port that is free
/// let health = Health::serve(&system, config).await?;
///
/// let mut stream = TcpStream::connect(health.local_addr()).await?;
/// stream.write_all(b"GET /ready HTTP/1.1\r\nhost: here\r\n\r\n").await?;
/// let mut answer = String::new();
/// stream.read_to_string(&mut answer).await?;
/// assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\nready\n"));
///
/// system.shutdown().await; // frees the port; so does `health.stop().await`
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Health {
    local_addr: SocketAddr,
    task: JoinHandle<()>,
}

impl Health {
    /// Listens, and begins to answer for `system`.
    ///
    /// What the program itself counts through the `metrics` facade isn't here: its recorder is left alone, whatever it
    /// is. [`Metrics`](crate::metrics::Metrics) gives that the node's figures.
    ///
    /// # Errors
    ///
    /// [`HealthError`]: it can't listen there. Nothing has begun.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::health::{Health, HealthConfig};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let system = System::local();
    /// let config = HealthConfig::default().listen("127.0.0.1:0".parse()?);
    /// let health = Health::serve(&system, config.clone()).await?;
    ///
    /// let taken = Health::serve(&system, config.listen(health.local_addr())).await.unwrap_err();
    /// assert!(taken.to_string().starts_with("can't answer about health at 127.0.0.1:"));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn serve(system: &System, config: HealthConfig) -> Result<Self, HealthError> {
        let bind = |source| HealthError::Bind { addr: config.listen, source };
        let listener = TcpListener::bind(config.listen).await.map_err(bind)?;
        let local_addr = listener.local_addr().map_err(bind)?;
        let service = Arc::new(Service::new(system.clone(), config.lag_max));
        tracing::info!(listen = %local_addr, "answering about health and metrics");
        let task = tokio::spawn(listener::run(listener, service, system.clone()));
        Ok(Self { local_addr, task })
    }

    /// Where it listens, with the port that it got if any would do.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::health::{Health, HealthConfig};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let config = HealthConfig::default().listen("127.0.0.1:0".parse()?);
    /// let health = Health::serve(&System::local(), config).await?;
    /// assert_ne!(health.local_addr().port(), 0);
    /// # Ok(())
    /// # }
    /// ```
    pub const fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Ends it: once this returns the port is free. Requests under way are broken off.
    ///
    /// # Cancel safety
    ///
    /// It ends also if this is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::health::{Health, HealthConfig};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let system = System::local();
    /// let config = HealthConfig::default().listen("127.0.0.1:0".parse()?);
    /// let health = Health::serve(&system, config.clone()).await?;
    /// let addr = health.local_addr();
    /// health.stop().await;
    /// Health::serve(&system, config.listen(addr)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn stop(mut self) {
        self.task.abort();
        // An error means that it was broken off, which is what was asked for.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Health {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[cfg(test)]
mod tests;
