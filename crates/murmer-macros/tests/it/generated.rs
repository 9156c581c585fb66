//! What is generated besides messages: docs and attributes where they belong, and visibility.

use murmer_core::{Actor, System};
use murmer_macros::handlers;

mod inside {
    use super::*;

    pub(crate) struct Log;

    impl Actor for Log {
        type State = Vec<String>;
    }

    /// Only this crate knows it.
    pub(crate) struct Line(pub(crate) String);

    #[handlers(crate = murmer_core, local)]
    impl Log {
        /// Adds a line.
        ///
        /// And says how many there are.
        #[handler]
        #[allow(unused_variables)]
        pub(crate) fn add(&self, state: &mut Vec<String>, line: Line, level: u8) -> usize {
            state.push(line.0);
            state.len()
        }

        #[handler]
        #[deprecated = "count the lines"]
        pub(super) fn last(&self, state: &mut Vec<String>) -> Option<Line> {
            state.pop().map(Line)
        }
    }
}

/// Nothing but the actor is known outside of this module, and of its messages one.
mod private {
    use super::*;

    pub(super) struct Safe;

    impl Actor for Safe {
        type State = u64;
    }

    #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    struct Secret(u64);

    #[handlers(crate = murmer_core)]
    impl Safe {
        #[handler]
        pub(self) fn open(&self, state: &mut u64) -> Secret {
            Secret(*state)
        }

        #[handler]
        fn fill(&self, state: &mut u64, with: u64) {
            *state = with;
        }
    }

    pub(super) async fn secret_of(safe: &murmer_core::Endpoint<Safe>) -> u64 {
        safe.open().await.unwrap().0
    }
}

/// A macro may write an actor; its types then come in invisible groups.
macro_rules! register {
    ($name:ident, $state:ty, $value:ty, $ctx:ty) => {
        pub struct $name;

        impl Actor for $name {
            type State = $state;
        }

        #[handlers(crate = murmer_core)]
        impl $name {
            #[handler]
            fn swap(&self, state: &mut $state, ctx: &$ctx, value: $value) -> $value {
                assert_eq!(ctx.label().unwrap().as_str(), "register");
                std::mem::replace(state, value)
            }
        }
    };
}

register!(Register, Vec<u8>, Vec<u8>, murmer_core::ActorContext<Self>);

#[tokio::test]
async fn a_message_is_as_visible_as_its_handler_says() {
    use inside::{Line, LogExt};

    let system = System::local();
    let log = system.start("log", inside::Log, Vec::new());
    assert_eq!(log.add(Line("one".into()), 1).await.unwrap(), 1);
    assert_eq!(log.send(inside::LogAdd { line: Line("two".into()), level: 1 }).await.unwrap(), 2);
    #[expect(deprecated)]
    let last = log.last().await.unwrap().unwrap();
    assert_eq!(last.0, "two");
}

#[tokio::test]
async fn a_reply_may_be_private_if_its_handler_says_that_it_is() {
    use private::SafeExt;

    let safe = System::local().start("safe", private::Safe, 1);
    safe.fill(2).await.unwrap();
    assert_eq!(private::secret_of(&safe).await, 2);
}

#[tokio::test]
async fn an_actor_may_be_written_by_a_macro() {
    let system = System::local();
    let register = system.start("register", Register, vec![1]);
    assert_eq!(register.swap(vec![2]).await.unwrap(), [1]);
    assert_eq!(register.swap(vec![3]).await.unwrap(), [2]);
}

#[tokio::test]
async fn an_actor_may_live_in_a_function() {
    struct Here;

    impl Actor for Here {
        type State = ();
    }

    #[handlers(crate = murmer_core)]
    impl Here {
        #[handler]
        fn twice(&self, number: u8) -> u8 {
            2 * number
        }
    }

    assert_eq!(System::local().start("here", Here, ()).twice(4).await.unwrap(), 8);
}
