//! Whatever order and kind a handler's parameters have, it gets them and its answer comes back.

use std::collections::HashMap;
use std::fmt;

use murmer_core::{Actor, ActorContext, System};
use murmer_macros::handlers;

pub struct Desk {
    pub drawer: u32,
}

#[derive(Default)]
pub struct Papers {
    pub sheets: Vec<String>,
}

impl Actor for Desk {
    type State = Papers;
}

pub struct Torn(String);

#[handlers(crate = murmer_core, local)]
impl Desk {
    #[handler]
    fn mutable(&mut self, by: u32) -> u32 {
        self.drawer += by;
        self.drawer
    }

    #[handler]
    fn shared(&self) -> u32 {
        self.drawer
    }

    #[handler]
    async fn awaited(&mut self, by: u32) -> u32 {
        tokio::task::yield_now().await;
        self.drawer += by;
        self.drawer
    }

    #[handler]
    async fn awaited_shared(&self, state: &mut Papers) -> usize {
        tokio::task::yield_now().await;
        state.sheets.len() + self.drawer as usize
    }

    #[handler]
    fn context_first(&self, ctx: &ActorContext<Self>, state: &mut Papers, sheet: String) -> String {
        state.sheets.push(sheet);
        format!("{}/{}", ctx.label().unwrap(), state.sheets.len())
    }

    #[handler]
    fn context_last(&self, sheet: String, state: &mut Papers, ctx: &ActorContext<Self>) -> String {
        state.sheets.push(sheet);
        format!("{}/{}", ctx.label().unwrap(), state.sheets.len())
    }

    #[handler]
    #[allow(unused_qualifications)]
    async fn in_between(
        &mut self,
        a: u8,
        state: &mut Papers,
        b: u8,
        ctx: &murmer_core::ActorContext<Self>,
        c: u8,
    ) -> String {
        tokio::task::yield_now().await;
        format!("{a}{b}{c} {} {} {}", state.sheets.len(), ctx.label().unwrap(), self.drawer)
    }

    #[handler]
    #[allow(clippy::needless_arbitrary_self_type)]
    fn typed_receivers(self: &mut Self, other: u32) {
        self.drawer = other;
    }

    #[handler]
    fn fallible(&mut self, fail: bool) -> Result<u32, Torn> {
        if fail { Err(Torn(format!("at {}", self.drawer))) } else { Ok(self.drawer) }
    }

    #[handler]
    fn mutable_argument(&self, mut words: Vec<String>) -> Vec<String> {
        words.sort();
        words
    }

    #[handler]
    fn nested(&self, by_name: HashMap<String, Vec<u8>>, pair: (u8, Option<u16>)) -> usize {
        by_name.values().map(Vec::len).sum::<usize>() + usize::from(pair.0)
    }

    #[handler]
    fn borrows_for_ever(&self, word: &'static str, shown: fn(&str) -> usize) -> &'static str {
        &word[shown(word)..]
    }

    #[handler]
    fn closures(&self, call: Box<dyn for<'a> Fn(&'a str) -> bool + Send>, on: String) -> bool {
        call(&on)
    }

    fn helper(&self) -> u32 {
        self.drawer
    }
}

impl fmt::Debug for Torn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn start() -> (System, murmer_core::Endpoint<Desk>) {
    let system = System::local();
    let desk = system.start("desk", Desk { drawer: 7 }, Papers::default());
    (system, desk)
}

#[tokio::test]
async fn handlers_may_share_or_change_their_actor_and_may_wait() {
    let (_system, desk) = start();
    assert_eq!(desk.mutable(1).await.unwrap(), 8);
    assert_eq!(desk.shared().await.unwrap(), 8);
    assert_eq!(desk.awaited(2).await.unwrap(), 10);
    assert_eq!(desk.awaited_shared().await.unwrap(), 10);
    desk.typed_receivers(3).await.unwrap();
    assert_eq!(desk.shared().await.unwrap(), 3);
}

#[tokio::test]
async fn context_and_state_come_in_the_order_the_method_has_them() {
    let (_system, desk) = start();
    assert_eq!(desk.context_first("a".into()).await.unwrap(), "desk/1");
    assert_eq!(desk.context_last("b".into()).await.unwrap(), "desk/2");
    assert_eq!(desk.in_between(1, 2, 3).await.unwrap(), "123 2 desk 7");
}

#[tokio::test]
async fn a_reply_is_exactly_what_the_handler_returns() {
    let (_system, desk) = start();
    assert_eq!(desk.fallible(false).await.unwrap().unwrap(), 7);
    assert_eq!(format!("{:?}", desk.fallible(true).await.unwrap().unwrap_err()), "at 7");
}

#[tokio::test]
async fn arguments_may_be_of_any_owned_type() {
    let (_system, desk) = start();
    assert_eq!(desk.mutable_argument(vec!["b".into(), "a".into()]).await.unwrap(), ["a", "b"]);
    let by_name = HashMap::from([("a".to_owned(), vec![1, 2]), ("b".to_owned(), vec![3])]);
    assert_eq!(desk.nested(by_name, (10, None)).await.unwrap(), 13);
}

#[tokio::test]
async fn what_stays_in_the_process_may_be_static_or_a_function() {
    let (_system, desk) = start();
    assert_eq!(desk.borrows_for_ever("word", |word| word.len() - 1).await.unwrap(), "d");
    assert!(desk.closures(Box::new(|text| text.is_empty()), String::new()).await.unwrap());
}

#[test]
fn other_methods_stay_as_they_are() {
    assert_eq!(Desk { drawer: 4 }.helper(), 4);
}
