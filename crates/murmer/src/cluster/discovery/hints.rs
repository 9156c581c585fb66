//! What a discovery has to say, on its way to the node.
//!
//! Little waits and what doesn't fit waits outside, so that a discovery that is flooded floods nobody.

use std::fmt;

use tokio::sync::{mpsc, watch};

use crate::cluster::Seed;

/// Where a [`Discover`](super::Discover) says what it finds.
///
/// # Examples
///
/// ```
/// use murmer::cluster::discovery::Hints;
///
/// /// Tells of a machine that was started or stopped.
/// async fn pass_on(hints: &Hints, machine: &str, is_running: bool) {
///     match format!("{machine}:7100").parse() {
///         Ok(seed) if is_running => hints.found(machine, [seed]).await,
///         _ => hints.gone(machine).await,
///     }
/// }
/// # let _ = pass_on;
/// ```
pub struct Hints {
    source: usize,
    hints: mpsc::Sender<Hint>,
    is_leaving: watch::Receiver<bool>,
    /// Held by whoever waits for the leave.
    goodbyes: watch::Sender<()>,
}

/// One thing that was said.
#[derive(Debug)]
pub(in crate::cluster) struct Hint {
    /// By which discovery.
    pub(in crate::cluster) source: usize,
    /// What it calls the place.
    pub(in crate::cluster) name: String,
    pub(in crate::cluster) news: News,
}

/// What is so of a place.
#[derive(Debug)]
pub(in crate::cluster) enum News {
    /// Somebody may be there.
    Found(Vec<Seed>),
    /// Nobody is, any more.
    Gone,
}

impl Hints {
    pub(super) fn new(
        source: usize,
        hints: mpsc::Sender<Hint>,
        is_leaving: watch::Receiver<bool>,
        goodbyes: watch::Sender<()>,
    ) -> Self {
        Self { source, hints, is_leaving, goodbyes }
    }

    /// A node may be at one of these, all of which are tried in turn: 16 at the most. `name` is what this
    /// discovery knows the place by: up to 255 bytes, or it is ignored. Said again, it changes nothing, or
    /// where the place is. Of one discovery or several, 256 places are remembered, best those that led to a node.
    ///
    /// Waits while the node has too many hints to look at: it takes a hundred a second.
    ///
    /// # Cancel safety
    ///
    /// If it is dropped, nothing was said.
    ///
    /// # Examples
    ///
    /// ```
    /// use murmer::cluster::discovery::Hints;
    ///
    /// async fn all_of(hints: &Hints) -> Result<(), murmer::cluster::SeedError> {
    ///     // One node with two addresses, and a host that is resolved at every try.
    ///     hints.found("alpha", ["10.0.0.1:7100".parse()?, "[fd00::1]:7100".parse()?]).await;
    ///     hints.found("beta", ["beta.example:7100".parse()?]).await;
    ///     Ok(())
    /// }
    /// # let _ = all_of;
    /// ```
    pub async fn found(&self, name: &str, places: impl IntoIterator<Item = Seed>) {
        let places: Vec<_> = places.into_iter().take(PLACE_SEEDS_MAX).collect();
        self.say(name, if places.is_empty() { News::Gone } else { News::Found(places) }).await;
    }

    /// Nobody is there any more: it is not dialed again. Connections that have come of it stay.
    ///
    /// Waits, as [`found`](Self::found) does.
    ///
    /// # Cancel safety
    ///
    /// If it is dropped, nothing was said.
    ///
    /// # Examples
    ///
    /// ```
    /// use murmer::cluster::discovery::Hints;
    ///
    /// async fn without_beta(hints: &Hints) {
    ///     hints.gone("beta").await;
    /// }
    /// # let _ = without_beta;
    /// ```
    pub async fn gone(&self, name: &str) {
        self.say(name, News::Gone).await;
    }

    /// Ready once the node leaves its cluster, or ends. A search that waits for this at that time has 500 ms to
    /// take back what it announced; any other is dropped at once.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe.
    ///
    /// # Examples
    ///
    /// ```
    /// use murmer::cluster::discovery::Hints;
    ///
    /// async fn announce(hints: &Hints, registry: &str) {
    ///     println!("told {registry}");
    ///     hints.leaving().await;
    ///     println!("told {registry} that it is over");
    /// }
    /// # let _ = announce;
    /// ```
    pub async fn leaving(&self) {
        // Whoever looks whether somebody waits counts these.
        let _waits = self.goodbyes.subscribe();
        let mut is_leaving = self.is_leaving.clone();
        // An error means that the node is no more, and says so too.
        drop(is_leaving.wait_for(|is_leaving| *is_leaving).await);
    }

    async fn say(&self, name: &str, news: News) {
        if name.len() > PLACE_NAME_BYTES_MAX {
            return tracing::debug!(
                bytes = name.len(),
                "a discovery's name for a place is too long; ignored"
            );
        }
        // An error means that the node is over, and wants no hints.
        drop(self.hints.send(Hint { source: self.source, name: name.to_owned(), news }).await);
    }
}

impl fmt::Debug for Hints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hints").field("source", &self.source).finish_non_exhaustive()
    }
}

/// The addresses or host names of one place.
const PLACE_SEEDS_MAX: usize = 16;
/// What a place may be called.
const PLACE_NAME_BYTES_MAX: usize = 255;
