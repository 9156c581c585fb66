//! Actors with type parameters.

use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;

use murmer::prelude::*;
use murmer::{Handlers, Recipient, Router};

/// Keeps what it is given, whatever that is.
struct Cache<K, V>(HashMap<K, Arc<V>>);

impl<K: Eq + Hash + Send + 'static, V: Send + Sync + 'static> Actor for Cache<K, V> {
    type State = usize;
}

#[handlers(local, clone)]
impl<K, V: Send + Sync + 'static> Cache<K, V>
where
    K: Eq + Hash + Send + 'static,
    Self: Sized,
{
    #[handler]
    fn insert(&mut self, changes: &mut usize, key: K, value: V) -> Option<Arc<V>> {
        *changes += 1;
        self.0.insert(key, Arc::new(value))
    }

    #[handler]
    async fn get(&mut self, key: K) -> Option<Arc<V>> {
        tokio::task::yield_now().await;
        self.0.get(&key).cloned()
    }

    /// Mentions no parameter.
    #[handler]
    fn changes(&self, changes: &mut usize) -> usize {
        *changes
    }

    /// Mentions one, and only in its answer.
    #[handler]
    fn take_all(&mut self, ctx: &ActorContext<Self>) -> Vec<Arc<V>> {
        assert!(ctx.label().is_some());
        self.0.drain().map(|(_, value)| value).collect()
    }

    #[handler]
    fn get_later(&self, key: K, reply: ReplyTo<Option<Arc<V>>>) {
        reply.send(self.0.get(&key).cloned());
    }

    #[handler]
    fn values(&self) -> impl Stream<Item = Arc<V>> {
        Values(self.0.values().cloned().collect())
    }

    #[handler(message)]
    fn forget(&mut self, message: Forget<K>) -> bool {
        self.0.remove(&message.0).is_some()
    }
}

#[derive(Message)]
#[message(local, reply = bool)]
struct Forget<K: Send + 'static>(K);

struct Values<V>(Vec<Arc<V>>);

impl<V> Stream for Values<V> {
    type Item = Arc<V>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Arc<V>>> {
        std::task::Poll::Ready(self.0.pop())
    }
}

/// Of a fixed size.
struct Ring<const N: usize>;

impl<const N: usize> Actor for Ring<N> {
    type State = [u8; N];
}

#[handlers(local)]
impl<const N: usize> Ring<N> {
    #[handler]
    fn replace(&self, state: &mut [u8; N], with: [u8; N]) -> [u8; N] {
        std::mem::replace(state, with)
    }
}

/// Works for any actor there is, as a function does.
async fn changes_of<K, V>(cache: &Endpoint<Cache<K, V>>) -> usize
where
    K: Eq + Hash + Send + 'static,
    V: Send + Sync + Debug + 'static,
{
    cache.changes().await.unwrap()
}

#[tokio::test]
async fn a_generic_actor_handles_what_its_parameters_are() {
    let system = System::local();
    let words = system.start("words", Cache(HashMap::new()), 0);
    assert_eq!(words.insert("one".to_owned(), 1_u8).await.unwrap(), None);
    assert_eq!(words.insert("one".to_owned(), 2).await.unwrap().as_deref(), Some(&1));
    assert_eq!(words.get("one".into()).await.unwrap().as_deref(), Some(&2));
    assert_eq!(words.get_later("two".into()).await.unwrap(), None);
    let mut values = words.values().await.unwrap();
    assert_eq!(*values.next().await.unwrap().unwrap(), 2);
    assert!(values.next().await.is_none());
    assert_eq!(changes_of(&words).await, 2);
    assert_eq!(words.take_all().await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_a_generic_actor_holds_need_not_be_serializable() {
    struct Opaque;
    let things = System::local().start("things", Cache(HashMap::new()), 0);
    things.insert(1_u8, Opaque).await.unwrap();
    assert!(things.get(1).await.unwrap().is_some());
}

#[tokio::test]
async fn messages_of_generic_actors_can_be_copied_if_what_they_hold_can() {
    let system = System::local();
    let caches = [(); 2].map(|()| system.start_anonymous(Cache::<u8, u8>(HashMap::new()), 0));
    let told = Router::broadcast(caches.to_vec()).send(CacheInsert::new(1, 2)).await;
    assert_eq!(told.len(), 2);
    assert_eq!(changes_of(&caches[0]).await + changes_of(&caches[1]).await, 2);
}

#[tokio::test]
async fn messages_of_generic_actors_have_the_parameters_they_mention() {
    let system = System::local();
    let bytes = system.start("bytes", Cache::<u8, u8>(HashMap::new()), 0);
    let words = system.start("words", Cache::<u8, String>(HashMap::new()), 5);
    bytes.send(CacheInsert::new(1, 2)).await.unwrap();
    words.tell(CacheInsert::new(1, "two".into())).await.unwrap();
    // One message for all of them, and one that is not theirs alone.
    let any: [Recipient<CacheChanges>; 2] = [bytes.recipient(), words.recipient()];
    assert_eq!(any[0].send(CacheChanges {}).await.unwrap(), 1);
    assert_eq!(any[1].send(CacheChanges {}).await.unwrap(), 6);
    assert!(bytes.send(Forget(1)).await.unwrap());
    assert!(words.forget(Forget(1)).await.unwrap());
}

#[tokio::test]
async fn a_lookup_finds_only_an_actor_of_the_same_parameters() {
    let system = System::local();
    let bytes = system.start("cache", Cache::<u8, u8>(HashMap::new()), 0);
    assert!(system.lookup::<Cache<u8, u16>>("cache").is_none());
    assert_eq!(system.lookup::<Cache<u8, u8>>("cache"), Some(bytes.clone()));
    let taken = system.start("cache", Cache::<u16, u8>(HashMap::new()), 0);
    assert!(matches!(taken.changes().await.unwrap_err(), SendError::NotStarted(_)));
    assert_eq!(<Cache<u8, u8> as Handlers>::TYPE, "it::Cache<K,V>");
}

#[tokio::test]
async fn an_actor_may_have_a_constant_for_a_parameter() {
    let ring = System::local().start("ring", Ring, [1, 2, 3]);
    assert_eq!(ring.replace([4, 5, 6]).await.unwrap(), [1, 2, 3]);
    assert_eq!(ring.send(RingReplace::new([0; 3])).await.unwrap(), [4, 5, 6]);
}
