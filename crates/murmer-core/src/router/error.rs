//! Why a message to several got no reply.

use murmer_wire::ActorId;

use crate::{Delivery, SendError};

/// Why a message to one of several actors got no reply.
///
/// # Examples
///
/// ```
/// use murmer::prelude::*;
/// use murmer::{ReceptionKey, RouteError, Router};
///
/// # struct Worker;
/// # impl Actor for Worker { type State = u64; }
/// # #[handlers(clone)]
/// # impl Worker {
/// #     #[handler]
/// #     fn add(&mut self, sum: &mut u64, n: u64) -> u64 { *sum += n; *sum }
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let system = System::local();
/// # let key = ReceptionKey::<Worker>::new("workers")?;
/// let router = Router::round_robin(system.listing(&key));
/// let nobody = router.send(WorkerAdd { n: 1 }).await;
/// assert!(matches!(nobody, Err(RouteError::NoMembers)));
///
/// let worker = system.start("worker", Worker, 0);
/// worker.control().stop();
/// let gone = Router::round_robin([worker]).send(WorkerAdd { n: 1 }).await;
/// assert!(matches!(gone, Err(RouteError::Failed(SendError::Stopped))));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum RouteError {
    /// There was nobody to send to: the list, or the group, was empty. The message was not handled.
    #[error("router has nobody to send to")]
    NoMembers,
    /// What went wrong with the actor that was tried last. Those tried before it had all gone, and never
    /// saw the message.
    #[error("no reply from the actor that was chosen")]
    Failed(#[source] SendError),
}

/// Why none of several actors gave a first response.
///
/// # Examples
///
/// ```
/// use murmer::prelude::*;
/// use murmer::{FirstResponseError, Router};
///
/// # struct Worker;
/// # impl Actor for Worker { type State = u64; }
/// # #[handlers(clone)]
/// # impl Worker {
/// #     #[handler]
/// #     fn add(&mut self, sum: &mut u64, n: u64) -> u64 { *sum += n; *sum }
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let system = System::local();
/// let mirrors = [system.start("a", Worker, 10), system.start("b", Worker, 20)];
/// system.stop("a");
/// system.stop("b");
/// match Router::first_response(mirrors).send(WorkerAdd { n: 1 }).await {
///     Err(FirstResponseError::AllFailed { failures }) => assert_eq!(failures.len(), 2),
///     other => panic!("{other:?}"),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum FirstResponseError {
    /// There was nobody to ask: the list, or the group, was empty.
    #[error("router has nobody to ask")]
    NoMembers,
    /// All were asked, and none answered.
    #[error("none of {} actors answered", failures.len())]
    AllFailed {
        /// What went wrong with each, in the order in which they failed.
        failures: Vec<(ActorId, SendError)>,
    },
}

impl RouteError {
    /// Whether a handler ran for the message.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::{Delivery, Router};
    /// # struct Worker;
    /// # impl Actor for Worker { type State = u64; }
    /// # #[handlers(clone)]
    /// # impl Worker {
    /// #     #[handler]
    /// #     fn add(&mut self, sum: &mut u64, n: u64) -> u64 { *sum += n; *sum }
    /// # }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let system = System::local();
    /// let worker = system.start("worker", Worker, 10);
    /// let router = Router::round_robin([worker]);
    /// system.stop("worker");
    /// match router.send(WorkerAdd { n: 1 }).await {
    ///     Err(error) => assert_eq!(error.delivery(), Delivery::Never), // so it may be sent again
    ///     Ok(sum) => panic!("{sum}"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub const fn delivery(&self) -> Delivery {
        match self {
            Self::NoMembers => Delivery::Never,
            Self::Failed(error) => error.delivery(),
        }
    }
}

impl FirstResponseError {
    /// Whether a handler ran for any of the messages.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # use murmer::{Delivery, Router};
    /// # struct Parser;
    /// # impl Actor for Parser { type State = (); }
    /// # #[handlers]
    /// # impl Parser {
    /// #     #[handler]
    /// #     fn parse(&mut self, text: String) -> u64 { text.parse().expect("a number") }
    /// # }
    /// # struct Mirror;
    /// # impl Actor for Mirror { type State = (); }
    /// # #[handlers(clone)]
    /// # impl Mirror {
    /// #     #[handler]
    /// #     fn read(&self) -> String { panic!("no disk") }
    /// # }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let system = System::local();
    /// let mirrors = [system.start("a", Mirror, ()), system.start("b", Mirror, ())];
    /// system.stop("a");
    /// match Router::first_response(mirrors).send(MirrorRead {}).await {
    ///     Err(error) => assert_eq!(error.delivery(), Delivery::Handled), // by `b`, which panicked
    ///     Ok(text) => panic!("{text}"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn delivery(&self) -> Delivery {
        match self {
            Self::NoMembers => Delivery::Never,
            Self::AllFailed { failures } => {
                let mut worst = Delivery::Never;
                for (_, error) in failures {
                    worst = match (worst, error.delivery()) {
                        (Delivery::Handled, _) | (_, Delivery::Handled) => Delivery::Handled,
                        (Delivery::Maybe, _) | (_, Delivery::Maybe) => Delivery::Maybe,
                        (Delivery::Never, Delivery::Never) => Delivery::Never,
                    };
                }
                worst
            }
        }
    }
}
