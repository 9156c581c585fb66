//! Messages that are types of their own, handled by actors of several types.

use murmer::prelude::*;
use murmer::{Handlers, Recipient, TrySendError};
use serde::{Deserialize, Serialize};

use crate::actors::{Clerk, Probe};

/// Answered with what there is now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[message(reply = u64)]
pub(crate) struct Deposit {
    pub(crate) cents: u64,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, Message)]
pub(crate) enum Order {
    Freeze,
    Thaw,
}

/// Holds what no other process could use.
#[derive(Message)]
#[message(local, reply = Result<usize, Box<dyn Fn() -> usize + Send>>)]
struct Call(Box<dyn Fn() -> usize + Send>);

#[derive(Message)]
#[message(local, reply = ReplyStream<T>)]
struct Repeat<T: Send + 'static>(T);

#[derive(Message)]
#[message(name = "bank::Audit", reply = (u64, bool))]
#[derive(Serialize, Deserialize)]
struct Audit;

pub(crate) struct Account;

impl Actor for Account {
    type State = (u64, bool);
}

#[handlers]
impl Account {
    /// Pays in.
    #[handler(message)]
    fn deposit(&mut self, state: &mut (u64, bool), message: Deposit) -> u64 {
        if !state.1 {
            state.0 += message.cents;
        }
        state.0
    }

    #[handler(message)]
    async fn order(&self, order: Order, state: &mut (u64, bool)) {
        state.1 = matches!(order, Order::Freeze);
    }

    /// Answers later, as the message says.
    #[handler(message)]
    fn audit(&self, _audit: Audit, state: &mut (u64, bool), reply: ReplyTo<(u64, bool)>) {
        reply.send(*state);
    }

    /// Beside the others, a message of its own.
    #[handler]
    fn double(&self, state: &mut (u64, bool)) {
        state.0 *= 2;
    }
}

/// Takes deposits, too.
struct Charity(Vec<u64>);

impl Actor for Charity {
    type State = ();
}

#[handlers(local)]
impl Charity {
    #[handler(message)]
    fn take(&mut self, deposit: Deposit) -> u64 {
        self.0.push(deposit.cents);
        self.0.len() as u64
    }

    #[handler(message)]
    fn call(&self, Call(call): Call) -> Result<usize, Box<dyn Fn() -> usize + Send>> {
        if self.0.is_empty() { Err(call) } else { Ok(call()) }
    }

    #[handler(message)]
    fn repeat(&self, what: Repeat<u8>) -> impl Stream<Item = u8> {
        Once(Some(what.0))
    }
}

struct Once(Option<u8>);

impl Stream for Once {
    type Item = u8;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<u8>> {
        std::task::Poll::Ready(self.0.take())
    }
}

#[tokio::test]
async fn a_message_may_be_sent_told_and_tried_by_its_own_name() {
    let account = System::local().start("account", Account, (1, false));
    assert_eq!(account.send(Deposit { cents: 2 }).await.unwrap(), 3);
    account.tell(Deposit { cents: 3 }).await.unwrap();
    account.try_tell(Deposit { cents: 4 }).unwrap();
    account.tell(Order::Freeze).await.unwrap();
    account.try_tell(Deposit { cents: 5 }).unwrap();
    account.send(Order::Thaw).await.unwrap();
    account.double().await.unwrap();
    assert_eq!(account.send(Audit).await.unwrap(), (20, false));
}

#[tokio::test]
async fn a_message_is_a_method_of_its_actors_endpoints_as_well() {
    let account = System::local().start("account", Account, (1, false));
    assert_eq!(account.deposit(Deposit { cents: 2 }).await.unwrap(), 3);
    account.order(Order::Freeze).await.unwrap();
    assert_eq!(account.audit(Audit).await.unwrap(), (3, true));
}

#[tokio::test]
async fn actors_of_several_types_take_the_same_message() {
    let system = System::local();
    let audience: [Recipient<Deposit>; 2] = [
        system.start("account", Account, (10, false)).recipient(),
        system.start("charity", Charity(vec![]), ()).into(),
    ];
    let mut answers = vec![];
    for recipient in &audience {
        recipient.tell(Deposit { cents: 1 }).await.unwrap();
        recipient.try_tell(Deposit { cents: 1 }).unwrap();
        answers.push(recipient.send(Deposit { cents: 1 }).await.unwrap());
    }
    assert_eq!(answers, [13, 3]);
}

#[tokio::test]
async fn a_message_that_was_not_taken_comes_back_whole() {
    let system = System::local();
    let charity = system.start("charity", Charity(vec![]), ());
    system.stop("charity");
    charity.closed().await;
    let error = charity.try_tell(Deposit { cents: 7 }).unwrap_err();
    assert!(matches!(&error, TrySendError::Failed { source: SendError::Stopped, .. }), "{error:?}");
    assert_eq!(error.into_message(), Deposit { cents: 7 });
}

#[tokio::test]
async fn what_stays_in_the_process_may_be_anything_and_answer_anything() {
    let charity = System::local().start("charity", Charity(vec![]), ());
    let call = charity.send(Call(Box::new(|| 7))).await.unwrap().map(drop).unwrap_err();
    assert_eq!(call(), 7);
    charity.take(Deposit { cents: 1 }).await.unwrap();
    assert_eq!(charity.send(Call(call)).await.unwrap().ok(), Some(7));
    let mut repeated = charity.send(Repeat(8)).await.unwrap();
    assert_eq!(repeated.next().await.unwrap().unwrap(), 8);
    assert!(repeated.next().await.is_none());
}

#[test]
fn a_message_has_one_key_whoever_handles_it() {
    let key_in = |messages: &[murmer::MessageInfo], name: &str| {
        messages.iter().find(|message| message.name == name).map(|message| message.key)
    };
    let deposit = Some(Deposit::KEY);
    assert_eq!(key_in(Account::MESSAGES, "Deposit"), deposit);
    assert_eq!(key_in(Charity::MESSAGES, "Deposit"), deposit);
    assert_eq!(Deposit::NAME, "Deposit");
    let keys = [Deposit::KEY, Order::KEY, Audit::KEY, Call::KEY];
    assert!((1..keys.len()).all(|at| !keys[..at].contains(&keys[at])), "{keys:?}");
    // What has none of these is another actor.
    assert_eq!(key_in(Probe::MESSAGES, "Deposit"), None);
    assert_eq!(key_in(Clerk::MESSAGES, "Deposit"), None);
}
