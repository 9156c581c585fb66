//! How long to wait for others, and for how much at a time.

use core::time::Duration;

use super::ClusterConfigBuilder;

impl ClusterConfigBuilder {
    /// How long to wait for the cluster before returning with a warning, or as the first of it if nobody is found:
    /// up to 10 minutes. The default of 3 s is a dial, a handshake and a snapshot on a LAN, with room to spare.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use std::time::Duration;
    /// # use murmer::{cluster::config::ClusterConfig, transport::MemNetwork};
    /// # use tokio::time::Instant;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let transport = MemNetwork::new(1).bind("10.0.0.1:7100".parse()?)?;
    /// let config = ClusterConfig::builder().cookie("my-cluster-secret");
    /// let config = config.seed_nodes(["10.0.0.9:7100".parse()?]).join_wait(Duration::from_secs(1));
    /// let began_at = Instant::now();
    /// System::clustered_on(config.build()?, transport).await?; // nobody is there, but that may change
    /// assert_eq!(began_at.elapsed().as_secs(), 1);
    /// # Ok(()) }
    /// ```
    pub fn join_wait(mut self, wait: Duration) -> Self {
        self.join_wait = wait;
        self.origins.forget("join_wait");
        self
    }

    /// How long an ask of an actor on another node may take unless it says otherwise: 1 ms to a day. The
    /// default is 30 s.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use std::time::Duration;
    /// # use murmer::{cluster::config::ClusterConfig, transport::MemNetwork};
    /// # struct Clerk; impl Actor for Clerk { type State = (); }
    /// # #[handlers] impl Clerk { #[handler] async fn work(&self) { std::future::pending().await } }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let network = MemNetwork::new(1);
    /// # let (one, two) = (network.bind("10.0.0.1:7100".parse()?)?, network.bind("10.0.0.2:7100".parse()?)?);
    /// let config = ClusterConfig::builder().ask_timeout(Duration::from_secs(2));
    /// # let config = config.cookie("my-cluster-secret");
    /// # let alpha = System::clustered_on(config.clone().build()?, one).await?;
    /// # alpha.start("clerk", Clerk, ());
    /// # let beta = config.seed_nodes(["10.0.0.1:7100".parse()?]).build()?;
    /// # let beta = System::clustered_on(beta, two).await?;
    /// // Of another node, where it is too busy to answer.
    /// let clerk = beta.lookup::<Clerk>("clerk").ok_or("no clerk")?;
    /// let answer = clerk.work().await;
    /// assert!(matches!(answer, Err(SendError::TimedOut { after, .. }) if after.as_secs() == 2));
    /// # Ok(()) }
    /// ```
    pub fn ask_timeout(mut self, timeout: Duration) -> Self {
        self.ask_timeout = timeout;
        self.origins.forget("ask_timeout");
        self
    }

    /// How long a sender waits for room, local and remote alike: up to an hour. The default is 5 s.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use std::time::Duration;
    /// # use murmer::{ActorOptions, cluster::config::ClusterConfig, transport::MemNetwork};
    /// # struct Clerk; impl Actor for Clerk { type State = (); }
    /// # #[handlers] impl Clerk { #[handler] fn work(&self) {} }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let transport = MemNetwork::new(1).bind("10.0.0.1:7100".parse()?)?;
    /// let config = ClusterConfig::builder().mailbox_wait(Duration::from_secs(2));
    /// # let config = config.cookie("my-cluster-secret");
    /// let system = System::clustered_on(config.build()?, transport).await?;
    /// let busy = system.prepare::<Clerk>("clerk", ActorOptions::default().mailbox(1))?;
    /// busy.endpoint().work().tell().await?;
    /// let refused = busy.endpoint().work().tell().await; // there was room for one
    /// assert!(matches!(refused, Err(SendError::Overloaded { waited }) if waited.as_secs() == 2));
    /// # Ok(()) }
    /// ```
    pub fn mailbox_wait(mut self, wait: Duration) -> Self {
        self.mailbox_wait = wait;
        self.origins.forget("mailbox_wait");
        self
    }

    /// The largest message to another node, in bytes with its header: 4 KiB to 64 MiB, 4 MiB unless set.
    /// The same on all nodes, or the smaller one's streams break on a larger message.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::{cluster::config::ClusterConfig, transport::MemNetwork};
    /// # struct Press; impl Actor for Press { type State = (); }
    /// # #[handlers] impl Press { #[handler] fn print(&self, _text: String) {} }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let network = MemNetwork::new(1);
    /// # let (one, two) = (network.bind("10.0.0.1:7100".parse()?)?, network.bind("10.0.0.2:7100".parse()?)?);
    /// let config = ClusterConfig::builder().message_bytes_max(64 << 10);
    /// # let config = config.cookie("my-cluster-secret");
    /// # let alpha = System::clustered_on(config.clone().build()?, one).await?;
    /// # alpha.start("press", Press, ());
    /// # let beta = config.seed_nodes(["10.0.0.1:7100".parse()?]).build()?;
    /// # let beta = System::clustered_on(beta, two).await?;
    /// let press = beta.lookup::<Press>("press").ok_or("no press")?; // of another node
    /// press.print("x".repeat(60_000)).await?;
    /// assert!(matches!(press.print("x".repeat(70_000)).await, Err(SendError::TooLarge { .. })));
    /// # Ok(()) }
    /// ```
    pub fn message_bytes_max(mut self, bytes: usize) -> Self {
        self.message_bytes_max = bytes;
        self.origins.forget("message_bytes_max");
        self
    }
}
